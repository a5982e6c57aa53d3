/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/filter.h - maps of the policer `filter`: rules, the first that matches says what
 * happens.
 *
 * The program asks its rules by their number in the list. A number means another rule after the
 * next change, so what must survive one, hits and the state of limits, is at a rule's place: a
 * number that goes with its id. There are twice as many places as rules, so that a new rule never
 * gets one that the program before it still counts in.
 */
#ifndef XDPCHAIN_FILTER_H
#define XDPCHAIN_FILTER_H

#include <linux/types.h>

#define FILTER_RULES  1024
#define FILTER_PLACES (2 * FILTER_RULES)

enum filter_what { FILTER_DROPS, FILTER_PASSES, FILTER_LIMITS };

/* An entry of the array `actions`, by number, from 0. */
struct filter_action {
	__u64 cost;  /* of a packet, 1/256 ns: 1 s / rate */
	__u64 depth; /* 1/256 ns: cost * (burst - 1) */
	__u32 rule;  /* its id */
	__u32 place; /* index of the arrays `hits` and `limits`; in `places` by id */
	__u32 what;  /* enum filter_what */
	__u32 pad;
};
_Static_assert(sizeof(struct filter_action) == 32, "filter_action");

#define FILTER_UNIT 256 /* units a ns, in which a packet's cost is right to 4e-5 at 10 M/s */

#endif
