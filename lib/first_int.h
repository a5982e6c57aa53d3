/* SPDX-License-Identifier: GPL-2.0 */
/* lib/first_int.h - what first_list.c plans and first_group.c writes. */
#ifndef FIRST_INT_H
#define FIRST_INT_H

#include "lib/first.h"

/* Rules that begin alike. */
struct first_group {
	const struct first_item *items;
	__u32 count;
	__u32 pending;		/* the lowest rule that is looked at only behind them */
	__u32 depth;		/* of the list that it is in */
	struct term_reach plan; /* what is known to be there, at least */
};

/** first_chained - does @node compare @left with a constant, and want no more than that to be
 * there. */
bool first_chained(const struct first *g, const struct term_reach *plan, __u32 node, __u32 left);

/** first_group_value - items that begin with a search for the same term. */
void first_group_value(struct first *g, struct first_held *h, const struct first_group *group);

/** first_group_test - items that begin with the same comparison. */
void first_group_test(struct first *g, struct first_held *h, const struct first_group *group);

#endif
