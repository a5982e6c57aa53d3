/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lb_where.h - which real a flow would get now, by the same hash and keys as the packets'. */
#ifndef LIB_LB_WHERE_H
#define LIB_LB_WHERE_H

#include "lib/lb.h"

struct lb_flow {
	struct lb_addr client, dst;
	__be16 sport, dport;
	__u8 proto; /* PKT_TCP, PKT_UDP */
	int is_syn; /* TCP: the first packet, that the table is not asked about */
	__u64 id;   /* server id that it carries; 0: none */
};

enum lb_by {
	LB_BY_NOBODY, /* the VIP has no real: it is dropped */
	LB_BY_ID,
	LB_BY_TABLE,
	LB_BY_SOURCE,
	LB_BY_RING,
};

struct lb_where {
	struct lb_service vip;
	enum lb_by by;
	struct lb_addr real;	/* family 0: nobody */
	enum lb_real_mode mode; /* of it */
	__u32 index;		/* in the ring, by its hash */
	struct lb_addr ring;	/* who is there; family 0: nobody */
	__u32 guards;		/* CPUs whose flood guard is on: there the table is not asked */
};

/**
 * lb_flow_parse - CLIENT:PORT and ADDR:PORT/PROTO, as in "10.0.0.1:4242", "192.0.2.1:80/tcp"; an
 * IPv6 address in brackets. -EINVAL.
 */
int lb_flow_parse(const char *client, const char *dst, struct lb_flow *flow, struct fail *f);

/** lb_by_name - "ring". */
const char *lb_by_name(enum lb_by by);

/** lb_where - 0; -ENOENT no VIP is asked for; -errno. */
int lb_where(struct lb *lb, const struct lb_flow *flow, struct lb_where *out, struct fail *f);

#endif
