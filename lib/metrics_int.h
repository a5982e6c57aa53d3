/* SPDX-License-Identifier: GPL-2.0 */
/* lib/metrics_int.h - what is read of the chains before it is written. For lib/metrics*.c only. */
#ifndef LIB_METRICS_INT_H
#define LIB_METRICS_INT_H

#include <stdio.h>

#include "lib/chain.h"
#include "lib/lb.h"
#include "lib/metrics.h"
#include "lib/names.h"

struct seen_rule {
	__u32 id;
	char text[sizeof(((struct chain_rule *)0)->text) + 1];
	__u64 packets;
};

struct seen_chain {
	struct chain *chain;
	struct names *names;
	struct chain_totals totals;
	int has_lb; /* 1: and the next three are of it */
	struct lb_state lb;
	struct lb_guard_state guard;
	long long lb_bytes;
};

struct seen_stage {
	struct seen_chain *chain;
	struct chain_stage st;
	char name[CHAIN_NAME_LEN];
	__u32 slot; /* CHAIN_SLOT_END too */
	struct seen_rule *rules;
	size_t rule_count;
};

struct seen {
	struct seen_chain **chains;
	size_t chain_count;
	struct seen_stage *stages;
	size_t stage_count;
};

enum sheet_type { SHEET_COUNTER, SHEET_GAUGE };

/* A family of metrics that is being written. */
struct sheet {
	FILE *out;
	const char *name;
	enum sheet_type type;
	int bytes;
};

/** seen_read - all chains of this network namespace. 0; -errno, what was read is to be freed. */
int seen_read(struct seen *seen, struct fail *f);

/** seen_free - what it points to. */
void seen_free(struct seen *seen);

/** seen_lb_read - the balancer of a chain, if there is one. 0 or -errno. */
int seen_lb_read(struct seen_chain *c, struct fail *f);

/** metrics_head - HELP and TYPE of a family. */
void metrics_head(const struct sheet *sheet, enum metrics_format format, const char *help);

/** metrics_lb - write all families of the balancers. */
void metrics_lb(FILE *out, enum metrics_format format, const struct seen *seen);

/** metrics_label - NAME="VALUE", escaped. */
void metrics_label(FILE *out, const char *name, const char *value);

#endif
