/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/reasons.h - what --reason and --rule ask for. A word of --reason is `reason` or
 * `stage:reason`: "prefix", "ratelimit:rate".
 */
#ifndef XDPDUMP_REASONS_H
#define XDPDUMP_REASONS_H

#include <stdbool.h>

#include "lib/fail.h"
#include "lib/trail.h"
#include "xdpdump/opts.h"

struct names;

/**
 * reasons_masks - the reasons that @list names, as the programs in the slots number them now.
 * @masks: SESSION_SLOTS of them, by slot
 * Return: 0; -ESRCH no such reason (those there are are in @f); what chain_open() returns.
 */
int reasons_masks(const char *ifname, const char *list, __u64 *masks, struct fail *f);

/**
 * reasons_find - the reasons that the word of @len bytes means are added to @masks.
 * @there: gets all that the stages give, as a list, cut to @size
 * Return: are there any?
 */
bool reasons_find(struct names *n, const char *word, size_t len, __u64 *masks, char *there,
		  size_t size);

/** reasons_said - did a stage give one of the reasons of @o, and one name one of its rules? */
bool reasons_said(const struct opts *o, const struct trail *t);

#endif
