/* SPDX-License-Identifier: GPL-2.0 */
/* trial_sum.h - what `droplet test` adds up of the packets it has tried. */
#ifndef DROPLET_TRIAL_SUM_H
#define DROPLET_TRIAL_SUM_H

#include <stddef.h>

#include <jansson.h>

#include "lib/trail.h"
#include "xdpchain/chain.h"

struct trial_rule {
	char text[TRAIL_NAME]; /* "": it has none */
	__u32 id;
	__u64 packets;
};

struct trial_reason {
	char name[TRAIL_NAME]; /* a number, where it has no name */
	__u64 packets;
};

struct trial_sum {
	struct chain_count all;
	struct chain_count verdicts[CHAIN_VERDICTS]; /* of the policer; in shadow mode too */
	struct trial_reason reasons[CHAIN_REASONS];
	struct trial_rule *rules;
	size_t rule_count;
	__u64 cut;			      /* packets of which the capture has not all */
	__u64 odd;			      /* that no test run takes: too short, too long */
	long cost_ns, cost_most_ns, empty_ns; /* a packet; the chain without the policer */
};

/** trial_sum_add - one packet of @len bytes. -ENOMEM. */
int trial_sum_add(struct trial_sum *s, const struct trail *t, __u32 len);

/** trial_sum_sort - rules with the most packets first. */
void trial_sum_sort(struct trial_sum *s);

/** trial_sum_print - for people, on standard output. */
void trial_sum_print(const struct trial_sum *s, const char *policer, const char *capture);

/** trial_sum_json - the same as an object, the receiver's. */
json_t *trial_sum_json(const struct trial_sum *s, const char *policer, const char *capture);

/** trial_sum_free - what it points to. */
void trial_sum_free(struct trial_sum *s);

#endif
