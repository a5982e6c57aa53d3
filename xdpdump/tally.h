/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/tally.h - what triggers count by: the counters of a chain, which are always on and know
 * nothing of the filters of this capture. Reading them needs privileges, so the keeper does it.
 */
#ifndef XDPDUMP_TALLY_H
#define XDPDUMP_TALLY_H

#include "lib/fail.h"
#include "lib/trail.h"
#include "lib/trigger.h"
#include "xdpdump/opts.h"

struct names;
struct session;
struct tally;

#define TALLY_ASKED  OPTS_TRIGGERS /* index of what stages asked for, behind the triggers */
#define TALLY_COUNTS (OPTS_TRIGGERS + 1)

struct tally_counts {
	__u64 n[TALLY_COUNTS];	 /* packets since tally_new(), by trigger */
	char asked[TRAIL_LABEL]; /* the stage that asked last */
};

/**
 * tally_new - count for the triggers of @o on the chain of @s from now on.
 * @names:   of that chain; with @s it must outlive the tally
 * @out:     set on success
 * @missing: bit i is set if trigger i asks for a reason or a stage that is not there now; those
 *           that are, are in @f, though that is no failure
 *
 * Return: 0; -ENOMEM; -errno of reading the counters.
 */
int tally_new(const struct opts *o, struct session *s, struct names *names, struct tally **out,
	      __u32 *missing, struct fail *f);

/** tally_free - NULL is allowed. */
void tally_free(struct tally *ty);

/**
 * tally_read - what there was up to now. 0 or -errno.
 * Stages that came or went since are looked up again twice a second.
 */
int tally_read(struct tally *ty, struct tally_counts *out);

#endif
