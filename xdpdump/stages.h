/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/stages.h - the stages of a chain by name. */
#ifndef XDPDUMP_STAGES_H
#define XDPDUMP_STAGES_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "lib/trail.h"

struct chain;
struct fail;

/**
 * stages_mask - the slots that @list names: "blocklist,lb", "droplet/ratelimit", "3", "end".
 * @list: NULL gives 0
 * Return: 0; -ESRCH no such stage (those there are are in @f); what chain_open() returns.
 */
int stages_mask(const char *ifname, const char *list, __u32 *mask, struct fail *f);

/** stages_find - the slot that one word of such a list means; -ENOENT. */
int stages_find(const struct chain *c, const char *word);

/** stages_said - did one that @list names decide, or give a reason; as stages_mask() has it. */
bool stages_said(const char *list, const struct trail *t);

/** stages_label - "droplet/blocklist" of the stage in @slot. 0; -ENOENT there is none. */
int stages_label(const struct chain *c, __u32 slot, char out[TRAIL_LABEL]);

/** stages_list - "droplet/blocklist, lb" into @out; "no stages" when there are none. */
void stages_list(const struct chain *c, char *out, size_t size);

#endif
