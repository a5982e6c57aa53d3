/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/lb.h - the load balancer of a chain: its stage, its VIPs and their reals.
 *
 * All state is in the maps of the stage (xdpchain/lb.h). Changes want a chain opened with
 * CHAIN_WRITE, and are made in an order in which every packet meanwhile goes to a real of its
 * VIP; a command that is killed half-way leaves nothing that the next one does not mend.
 * Functions return 0 or -errno and say why in @f.
 */
#ifndef LIB_LB_H
#define LIB_LB_H

#include <stddef.h>

#include "lib/chain.h"
#include "lib/fail.h"
#include "xdpchain/lb.h"

#define LB_TEXT	     56		/* bytes, enough for any VIP; fits chain_rule.text */
#define LB_CONNS_MAX (1u << 26) /* entries of the table */

struct lb_addr {
	__be32 word[4]; /* IPv4 in [0], and zeros */
	__u16 family;	/* AF_INET, AF_INET6 */
};

/* What clients ask for. */
struct lb_service {
	struct lb_addr addr;
	__be16 port;
	__u8 proto; /* PKT_TCP, PKT_UDP */
};

struct lb_options {
	__u32 conns;	 /* entries of the table, IPv4 and IPv6 each */
	int has_gateway; /* 0: back to the router that the packet came from */
	__u8 gateway[6];
};

/* A snapshot, for people: see lb_list(). Counters are sums over all CPUs. */
struct lb_real_state {
	struct lb_addr addr;
	__u32 number, weight;
	__u32 entries; /* of the ring, of LB_RING */
	struct chain_count sent;
};

struct lb_vip_state {
	struct lb_service service;
	__u32 number;
	struct lb_vip_count count;   /* also of reals that are gone */
	struct lb_real_state *reals; /* by address */
	size_t count_reals;
};

struct lb_state {
	struct lb_vip_state *vips; /* IPv4 first, by address, port, protocol */
	size_t count;
};

struct lb;

/** lb_addr_parse - a unicast address. -EINVAL. */
int lb_addr_parse(const char *text, struct lb_addr *addr, struct fail *f);

/** lb_addr_text - "192.0.2.1", "2001:db8::1". */
void lb_addr_text(char text[LB_TEXT], const struct lb_addr *addr);

/** lb_service_parse - "192.0.2.1:80/tcp", "[2001:db8::1]:53/udp". -EINVAL. */
int lb_service_parse(const char *text, struct lb_service *s, struct fail *f);

/** lb_service_text - the same way back. */
void lb_service_text(char text[LB_TEXT], const struct lb_service *s);

/**
 * lb_load - put the stage into its slot. One that is there is replaced, and its VIPs, reals,
 * table and counters go on; only a table of another size starts empty.
 * @o->conns: rounded up to a power of two, in place; at most LB_CONNS_MAX
 */
int lb_load(struct chain *c, struct lb_options *o, struct fail *f);

/** lb_options - as the stage on @c runs; its defaults, if there is none. -errno. */
int lb_options(const struct chain *c, struct lb_options *o);

/** lb_memory - bytes that the tables of the stage on @c take, or -errno. */
long long lb_memory(const struct chain *c);

/**
 * lb_open - the balancer on @c, which must outlive it.
 * Return: 0; -ENOENT there is none.
 */
int lb_open(const struct chain *c, struct lb **out, struct fail *f);

/** lb_close - NULL is allowed. */
void lb_close(struct lb *lb);

/** lb_vip_add - -EEXIST; -ENOSPC there are LB_VIPS. A VIP without reals drops its packets. */
int lb_vip_add(struct lb *lb, const struct lb_service *s, struct fail *f);

/** lb_vip_del - with its reals. -ENOENT. */
int lb_vip_del(struct lb *lb, const struct lb_service *s, struct fail *f);

/**
 * lb_real_add - @weight is 1 to LB_WEIGHT_MAX.
 * Return: 0; -ENOENT no such VIP; -EEXIST; -EAFNOSUPPORT of another family than the VIP;
 * -ERANGE the weight; -ENOSPC.
 */
int lb_real_add(struct lb *lb, const struct lb_service *s, const struct lb_addr *real, __u32 weight,
		struct fail *f);

/** lb_real_del - its connections go elsewhere with their next packet. -ENOENT VIP or real. */
int lb_real_del(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		struct fail *f);

/** lb_list - all VIPs with their reals; freed with lb_state_free(). */
int lb_list(struct lb *lb, struct lb_state *state, struct fail *f);

/** lb_state_free - of what lb_list() set. */
void lb_state_free(struct lb_state *state);

#endif
