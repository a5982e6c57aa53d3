/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/rules.h - the rules of a stage, with their hits: all that a blocklist counts, else those
 * that packets were seen to meet.
 */
#ifndef VIEWER_RULES_H
#define VIEWER_RULES_H

#include "viewer/live.h"
#include "viewer/seen.h"

#define RULES 64 /* of a stage those with the most hits */

struct rules_one {
	__u32 rule;
	char text[TRAIL_NAME], note[64];
	__u64 packets;
	double pps;		 /* below 0: not known */
	__u64 first_ns, last_ns; /* since 1970; 0: not known */
	__u64 left_ns;		 /* until it expires; 0: never */
	bool sampled;		 /* packets is what was seen, and there were more */
};

struct rules {
	__u32 iface, slot;
	size_t n;
	struct rules_one one[RULES];
	__u64 read_ns, due_ns; /* CLOCK_MONOTONIC */
};

/**
 * rules_read - those of the stage in @slot; an earlier reading in @r gives the rates.
 * @live: NULL: a capture file
 *
 * To read a list of a million prefixes takes its time: it is not done again before twenty times
 * that has gone by. @every_ns: and not before that.
 */
void rules_read(struct rules *r, struct live *live, const struct seen *seen, __u32 iface,
		__u32 slot, __u64 every_ns);

#endif
