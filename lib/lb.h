/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/lb.h - the load balancer of a chain: its stage, its VIPs and their reals.
 *
 * All state is in the maps of the stage (xdpchain/lb.h). Changes want a chain opened with
 * CHAIN_WRITE, and are made in an order in which every packet meanwhile goes to a real of its
 * VIP; a command that is killed half-way leaves nothing that the next one does not mend.
 * Functions return 0 or -errno and say why in @f. Those that name a VIP give -ENOENT if there is
 * none; those that name a real of it, if that is none.
 */
#ifndef LIB_LB_H
#define LIB_LB_H

#include <stddef.h>

#include "lib/chain.h"
#include "lib/fail.h"
#include "lib/prefix.h"
#include "xdpchain/lb.h"

#define LB_TEXT	     56		/* bytes, enough for any VIP; fits chain_rule.text */
#define LB_CONNS_MAX (1u << 26) /* entries of the table */

struct lb_addr {
	__be32 word[4]; /* IPv4 in [0], and zeros */
	__u16 family;	/* AF_INET, AF_INET6 */
};

/* What clients ask for: a VIP. */
struct lb_service {
	struct lb_addr addr; /* bits beyond plen are zero */
	__be16 port;	     /* 0: any */
	__u8 proto;	     /* PKT_TCP, PKT_UDP */
	__u8 plen;	     /* bits of addr; 32 or 128: one address */
};

/* How a VIP is served. Zeros are the defaults. */
struct lb_vip_options {
	__u32 flags;	/* enum lb_vip_flag, without LB_VIP_SOURCES */
	__u32 id_bytes; /* with LB_VIP_QUIC: 1 to LB_ID_BYTES, or LB_ID_BY_VERSION */
};

/* An outer source: the bits beyond @len are of the flow, in IPv6 the last 32 at most. */
struct lb_outer {
	__be32 addr[4]; /* IPv4 in [0] */
	__u32 len;
};

/* Of the stage; begin with lb_options() or lb_options_defaults(). */
struct lb_options {
	__u32 conns;	 /* entries of the table, IPv4 and IPv6 each */
	int has_gateway; /* 0: back to the router that the packet came from */
	__u8 gateway[6];
	__u16 gue_port;	  /* host order */
	__u32 guard_rate; /* new connections a CPU and second, above which it is on; 0: never */
	__u32 udp_idle_s; /* a UDP flow that is idle for longer is a new one */
	__u32 icmp_rate;  /* ICMP errors a CPU and second; 0: none */
	struct lb_outer source4, source6;
};

/* A snapshot, for people: see lb_list(). Counters are sums over all CPUs. */
struct lb_real_state {
	struct lb_addr addr;
	__u32 number, weight;
	enum lb_real_mode mode;
	__u32 entries; /* of the ring, of LB_RING */
	struct chain_count sent;
	__u64 *ids; /* server ids, in order */
	size_t count_ids;
	struct prefix *sources; /* of clients that it gets whatever the ring says, in order */
	size_t count_sources;
};

struct lb_vip_state {
	struct lb_service service;
	struct lb_vip_options options;
	__u32 number;
	struct lb_vip_count count;   /* also of reals that are gone */
	struct lb_real_state *reals; /* by address */
	size_t count_reals;
};

struct lb_state {
	struct lb_vip_state *vips; /* IPv4 first, by address, length, port, protocol */
	size_t count;
};

/* The flood guard, of all CPUs together. */
struct lb_guard_state {
	__u32 cpus_on; /* CPUs on which it is on now */
	__u64 times;   /* that it went on */
	__u64 packets; /* that went by it */
};

/* An entry of the connection table. */
struct lb_conn {
	__u32 vip, real; /* numbers; a real that was removed is not told */
	struct lb_addr client;
	struct lb_addr dst; /* of the VIP, if it is one address; else family 0, or IPv4 */
	__be16 sport, dport;
	int is_half;		 /* 1: only the upper 64 bits of client are known, see lb_key6() */
	int is_used, is_closing; /* a packet came after the first; a FIN or an RST came */
	__u64 idle_ns;		 /* in steps of 256 jiffies */
};

/* How long a connection lives after its last packet, when they are counted. */
#define LB_TCP_IDLE_S	 900
#define LB_TCP_CLOSING_S 10

struct lb;
struct stage;

/** lb_addr_parse - a unicast address. -EINVAL. */
int lb_addr_parse(const char *text, struct lb_addr *addr, struct fail *f);

/** lb_addr_text - "192.0.2.1", "2001:db8::1". */
void lb_addr_text(char text[LB_TEXT], const struct lb_addr *addr);

/**
 * lb_service_parse - "192.0.2.1:80/tcp", "[2001:db8::1]:53/udp"; "any" in the place of the port;
 * with a length for a prefix: "192.0.2.0/24:80/tcp", "[2001:db8::/96]:any/udp".
 * Return: 0; -EINVAL.
 */
int lb_service_parse(const char *text, struct lb_service *s, struct fail *f);

/** lb_service_text - the same way back. */
void lb_service_text(char text[LB_TEXT], const struct lb_service *s);

/** lb_outer_parse - "172.16.0.0/16", "100::/64"; @family AF_INET or AF_INET6. -EINVAL. */
int lb_outer_parse(const char *text, int family, struct lb_outer *outer, struct fail *f);

/** lb_flag_name - "hash-source"; NULL for what is no flag of an operator's. @flag: one bit */
const char *lb_flag_name(__u32 flag);

/** lb_flag_parse - its inverse. 0 if there is no such flag. */
__u32 lb_flag_parse(const char *name);

/** lb_mode_name - "up", "down", "drain". */
const char *lb_mode_name(enum lb_real_mode mode);

/**
 * lb_load - put the stage into its slot. One that is there is replaced, and its VIPs, reals,
 * table and counters go on; only a table of another size starts empty.
 * @o->conns: rounded up to a power of two, in place; at most LB_CONNS_MAX
 */
int lb_load(struct chain *c, struct lb_options *o, struct fail *f);

#define LB_CONFIGURED 1 /* chain_stage.digest of a stage that a configuration put there */

/**
 * lb_prepare - the same, for who switches several chains over: nothing changes yet (lib/stage.h).
 * Its digest is LB_CONFIGURED.
 */
int lb_prepare(struct chain *c, struct lb_options *o, struct stage **out, struct fail *f);

/** lb_options_round - as lb_load() does. */
void lb_options_round(struct lb_options *o);

/** lb_options_defaults - of a stage that is told nothing. */
void lb_options_defaults(struct lb_options *o);

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

/**
 * lb_vip_check - would a VIP take these options? Makes @o whole: what one brings with it. -EINVAL.
 */
int lb_vip_check(const struct lb_service *s, struct lb_vip_options *o, struct fail *f);

/** lb_real_check - would VIP @s take that real? Errors as of lb_real_add(). */
int lb_real_check(const struct lb_service *s, const struct lb_addr *real, __u32 weight,
		  struct fail *f);

/**
 * lb_vip_add - a VIP without reals drops its packets.
 * @o: NULL: the defaults
 * Return: 0; -EEXIST; -ENOSPC there are LB_VIPS; -EINVAL options that contradict each other.
 */
int lb_vip_add(struct lb *lb, const struct lb_service *s, const struct lb_vip_options *o,
	       struct fail *f);

/** lb_vip_del - with its reals. */
int lb_vip_del(struct lb *lb, const struct lb_service *s, struct fail *f);

/** lb_vip_set - other options, from the next packet on. -EINVAL as lb_vip_add(). */
int lb_vip_set(struct lb *lb, const struct lb_service *s, const struct lb_vip_options *o,
	       struct fail *f);

/** lb_vip_get - its options. */
int lb_vip_get(struct lb *lb, const struct lb_service *s, struct lb_vip_options *o, struct fail *f);

/**
 * lb_real_add - @weight is 0 to LB_WEIGHT_MAX; with 0 it gets what its ids and sources say.
 * Return: 0; -EEXIST; -EAFNOSUPPORT an IPv4 real of an IPv6 VIP; -ERANGE the weight; -ENOSPC.
 */
int lb_real_add(struct lb *lb, const struct lb_service *s, const struct lb_addr *real, __u32 weight,
		struct fail *f);

/** lb_real_del - its connections go elsewhere with their next packet. */
int lb_real_del(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		struct fail *f);

/** lb_real_weight - of new connections; those that are known stay. -ERANGE. */
int lb_real_weight(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		   __u32 weight, struct fail *f);

/** lb_real_mode - take it out of the ring, or back. */
int lb_real_mode(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		 enum lb_real_mode mode, struct fail *f);

/** lb_real_get_mode - whether it is in the ring. */
int lb_real_get_mode(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		     enum lb_real_mode *mode, struct fail *f);

/**
 * lb_real_ids - the server ids of a real are @ids from now on, and no others.
 * Return: 0; -EEXIST another real of the VIP has one of them; -ENOSPC.
 */
int lb_real_ids(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		const __u64 *ids, size_t count, struct fail *f);

/**
 * lb_real_sources - clients in @sources go to the real, and no others but by the ring. The
 * longest prefix of all reals of the VIP holds.
 * Return: 0; -EEXIST; -EAFNOSUPPORT a prefix of another family than the VIP; -ENOSPC.
 */
int lb_real_sources(struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		    const struct prefix *sources, size_t count, struct fail *f);

/** lb_list - all VIPs with their reals; freed with lb_state_free(). */
int lb_list(struct lb *lb, struct lb_state *state, struct fail *f);

/** lb_state_free - of what lb_list() set. */
void lb_state_free(struct lb_state *state);

/** lb_guard - the flood guard now. -errno. */
int lb_guard(struct lb *lb, struct lb_guard_state *state);

/**
 * lb_conns_each - call @fn with each entry of the table whose real is there. Others may change it
 * meanwhile. Return: 0; what @fn returned other than 0; -errno.
 */
int lb_conns_each(struct lb *lb, int (*fn)(const struct lb_conn *conn, void *arg), void *arg);

/** lb_conn_lives - is it likely that the connection still goes on? @proto of its VIP. */
int lb_conn_lives(const struct lb_conn *conn, __u8 proto, __u32 udp_idle_s);

/**
 * lb_purge - forget the connections of VIP @s (NULL: of all) with @real (NULL: with all). Their
 * next packets go by the ring. @count: set on success. -ENOENT.
 */
int lb_purge(struct lb *lb, const struct lb_service *s, const struct lb_addr *real, __u64 *count,
	     struct fail *f);

/** lb_conns_count - connections that live, by number of the real: @counts[LB_REALS]. */
int lb_conns_count(struct lb *lb, __u32 *counts, struct fail *f);

#endif
