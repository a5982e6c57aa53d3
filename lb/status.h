/* SPDX-License-Identifier: GPL-2.0 */
/* lb/status.h - what `xdplb status` knows of one interface, and its two forms. */
#ifndef LB_STATUS_H
#define LB_STATUS_H

#include <jansson.h>

#include "lib/chain.h"
#include "lib/lb.h"
#include "lib/veth.h"

/* Packets by reason of the stage; name NULL ends. */
struct status_reason {
	char name[CHAIN_NAME_LEN];
	struct chain_count count;
};

struct status {
	char ifname[IF_NAMESIZE];
	int generic;
	long long memory; /* bytes of the tables */
	struct lb_options options;
	struct lb_state state;
	struct status_reason reasons[CHAIN_REASONS];
	size_t count_reasons; /* only those that were given */
	int is_lost;	      /* what it sends, in the way that `loss` says */
	struct veth_loss loss;
};

/** status_text - print it, aligned. */
void status_text(const struct status *s);

/** status_json - as an object, or NULL. */
json_t *status_json(const struct status *s);

#endif
