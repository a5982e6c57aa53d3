/* SPDX-License-Identifier: GPL-2.0 */
/* filterrig.h - a policer of kind filter, its rules made one by one, in a chain. */
#ifndef TESTS_FILTERRIG_H
#define TESTS_FILTERRIG_H

#include "lib/policer.h"
#include "tests/probe.h"
#include "xdpchain/filter.h"

#define FILTERRIG_SLOT 2

struct filterrig_rules {
	struct policer_conf conf;
	struct policer_rule v[FILTER_RULES + 1];
};

/** filterrig_init - no rule yet. */
void filterrig_init(struct filterrig_rules *r);

/** filterrig_add - one more; @id 0: by its place. Texts are copied. In line 10 and following. */
void filterrig_add(struct filterrig_rules *r, __u32 id, const char *match, const char *action);

/** filterrig_id - the id of the rule at place @at, from 0. */
__u32 filterrig_id(const struct filterrig_rules *r, size_t at);

/** filterrig_free - free the texts. */
void filterrig_free(struct filterrig_rules *r);

/** filterrig_load - put it into FILTERRIG_SLOT, or in the place of what is there. As stage_load().
 */
int filterrig_load(struct chain *c, const struct filterrig_rules *r, struct fail *f);

/** filterrig_put - put it there with nothing of what was there before; fails the test if it fails.
 */
void filterrig_put(struct chain *c, const struct filterrig_rules *r);

/** filterrig_hits - of rule @id, by lib/rules; fails the test if there is no such rule. */
__u64 filterrig_hits(const struct chain *c, __u32 id);

#endif
