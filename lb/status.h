/* SPDX-License-Identifier: GPL-2.0 */
/* lb/status.h - what is to be said of one interface's balancer, and its two forms. */
#ifndef LB_STATUS_H
#define LB_STATUS_H

#include <jansson.h>

#include "lb/xdplb.h"
#include "lib/chain.h"
#include "lib/lb.h"
#include "lib/veth.h"

#define STATUS_FLAGS 160 /* bytes of all options of a VIP as text */

/* Packets by reason of the stage. */
struct status_reason {
	char name[CHAIN_NAME_LEN];
	struct chain_count count;
};

struct status {
	char ifname[IF_NAMESIZE];
	int generic;
	__u64 time_ns;	  /* CLOCK_MONOTONIC, when it was read */
	long long memory; /* bytes of the tables */
	struct lb_options options;
	struct lb_guard_state guard;
	struct lb_state state;
	__u32 *conns; /* connections that live, by number of the real; NULL: not counted */
	struct status_reason reasons[CHAIN_REASONS];
	size_t count_reasons; /* only those that were given */
	int is_lost;	      /* what it sends, in the way that `loss` says */
	struct veth_loss loss;
};

/** status_read - @with_conns 1: count connections too. Freed with status_free(), also on failure.
 */
int status_read(struct xdplb *x, int with_conns, struct status *s, struct fail *f);

/** status_free - a zeroed struct is allowed. */
void status_free(struct status *s);

/** status_packets - of the reason @name; 0 if it was never given. */
__u64 status_packets(const struct status *s, const char *name);

/** status_text - print it, aligned. */
void status_text(const struct status *s);

/** status_json - as an object, or NULL. */
json_t *status_json(const struct status *s);

/** status_vip_json - a VIP with its reals. @conns may be NULL. */
json_t *status_vip_json(const struct lb_vip_state *v, const __u32 *conns);

/** status_real_json - one real. @conns may be NULL. */
json_t *status_real_json(const struct lb_real_state *r, const __u32 *conns);

/** status_print - print @o as a line, and give it back. NULL is allowed. */
void status_print(json_t *o);

/** status_flags - "gue,quic:4"; "" if there are none. */
void status_flags(const struct lb_vip_options *o, char text[STATUS_FLAGS]);

/** status_share - of the ring, in percent. */
double status_share(const struct lb_real_state *r);

#endif
