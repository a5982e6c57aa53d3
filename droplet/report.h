/* SPDX-License-Identifier: GPL-2.0 */
/* report.h - what `droplet status` knows of a chain, before it is text or JSON. */
#ifndef DROPLET_REPORT_H
#define DROPLET_REPORT_H

#include <jansson.h>

#include "lib/blocklist.h"
#include "lib/chain.h"
#include "lib/names.h"
#include "lib/ratelimit.h"

#define REPORT_RULES 10 /* of a blocklist those with the most hits are shown */

struct report_list {
	struct blocklist_item top[REPORT_RULES]; /* most hits first */
	struct chain_rule rules[REPORT_RULES];	 /* of them */
	size_t count;				 /* of top */
	__u64 total;				 /* prefixes in all */
	__u32 max;				 /* room for a family */
};

struct report {
	const struct chain *chain;
	struct names *names;
	struct chain_totals totals;
	__u64 now_ns;
};

/** report_new - read the counters of @c. NULL and errno, @f says why. */
struct report *report_new(const struct chain *c, struct fail *f);

/** report_free - NULL is allowed. */
void report_free(struct report *r);

/** report_packets - all that reached @slot, by its counters. */
struct chain_count report_packets(const struct report *r, __u32 slot);

/** report_list - the rules of the blocklist in @slot. 0; -ENOENT: it is no blocklist. */
int report_list(const struct report *r, __u32 slot, struct report_list *list);

/** report_session - capture session @i. 0; -ENOENT nobody captures there. */
int report_session(const struct report *r, __u32 i, struct session_conf *s);

/** report_json - the report as an object, the receiver's; NULL: something is not in UTF-8. */
json_t *report_json(const struct report *r);

/** report_verdict - the name of a verdict, lower case. */
const char *report_verdict(__u32 verdict);

#endif
