/* SPDX-License-Identifier: GPL-2.0 */
/* lb_maps.h - what all parts of the balancer's stage share: reasons, options, maps. */
#ifndef LB_MAPS_H
#define LB_MAPS_H

#include "xdpchain/lb.h"
#include "xdpchain/stage.bpf.h"

enum lb_reason {
	LB_KNOWN = 1,	 /* by the connection table */
	LB_NEW,		 /* by the ring: a SYN, or the first of a UDP flow */
	LB_MISS,	 /* by the ring: TCP in mid-flow, not in the table */
	LB_MOVED,	 /* by the ring: its real was removed, or is down */
	LB_ONE_SHOT,	 /* by the ring: the VIP has no table, or a fragment */
	LB_GUARD,	 /* by the ring: the flood guard is on */
	LB_SERVER_ID,	 /* by the server id that it carries */
	LB_SOURCE,	 /* by its source, which has a real of its own */
	LB_ICMP_ERROR,	 /* to the real of the flow that it is about */
	LB_ECHO,	 /* answered here */
	LB_TOLD_TOO_BIG, /* too big; its sender was told so */
	LB_NO_REAL,	 /* from here on: dropped */
	LB_FRAGMENT,
	LB_SHORT, /* ends inside a header, or its linear part does */
	LB_MALFORMED,
	LB_BAD_CHECKSUM, /* of the IPv4 header */
	LB_TTL,		 /* is 0 */
	LB_TOO_BIG,	 /* for the interface, once encapsulated */
	LB_NO_HEADROOM,
};

/* Set by the loader, see lib/lb_options.c. */
const volatile __u32 lb_set_mask = LB_CONNS / LB_WAYS - 1; /* sets, a power of two, less 1 */
const volatile __u64 lb_seed;				   /* nobody may guess who shares a set */
const volatile __u32 lb_hz = 250;			   /* jiffies a second */
const volatile __u32 lb_has_gateway; /* 0: back to the router that the packet came from */
const volatile __u16 lb_gateway[3];  /* its MAC address, as on the wire */
const volatile __u32 lb_guard_rate;  /* new connections a CPU and second; 0: no guard */
const volatile __u32 lb_udp_idle_s;  /* as lb_udp_idle, for user space */
const volatile __u32 lb_udp_idle;    /* units of a stamp after which a UDP flow is a new one */
const volatile __u32 lb_icmp_rate;   /* errors a CPU and second */
const volatile __be16 lb_gue_port;
/* Outer sources: prefix, its length for user space, and the bits that are the flow's. */
const volatile __be32 lb_source4, lb_bits4;
const volatile __be32 lb_source6[4], lb_bits6; /* bits: of the last word */
const volatile __u32 lb_len4, lb_len6;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, struct lb_heads);
} heads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LB_VIP_SLOTS);
	__type(key, __u32); /* number of the VIP */
	__type(value, struct lb_vip);
} vips SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, LB_PREFIXES);
	__type(key, struct lb_prefix);
	__type(value, __u32); /* index in `vips` */
} prefixes SEC(".maps");

struct lb_ring_map {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32)); /* 0 */
	__uint(value_size, sizeof(struct lb_ring));
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, LB_VIPS);
	__type(key, __u32); /* number of the VIP */
	__array(values, struct lb_ring_map);
} rings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LB_REALS);
	__type(key, __u32); /* number of the real */
	__type(value, struct lb_real);
} reals SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LB_CONNS / LB_WAYS);
	__type(key, __u32); /* lb_set() */
	__type(value, struct lb_set4);
} conns4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, LB_CONNS / LB_WAYS);
	__type(key, __u32); /* lb_set() */
	__type(value, struct lb_set6);
} conns6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, LB_IDS);
	__type(key, struct lb_id);
	__type(value, __u64); /* lb_data() of the real */
} ids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, LB_IDS);
	__type(key, struct lb_source);
	__type(value, __u64); /* lb_data() of the real */
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, struct lb_guard);
} guards SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LB_VIPS);
	__type(key, __u32); /* number of the VIP */
	__type(value, struct lb_vip_count);
} vip_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LB_REALS);
	__type(key, __u32); /* number of the real */
	__type(value, struct chain_count);
} real_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, LB_REALS + LB_VIPS);
	__type(key, __u32); /* rule id: of a real, or LB_RULE_VIP + number of the VIP */
	__type(value, struct chain_rule);
} rules SEC(".maps");

/* What the stage finds out about a packet, step by step. */
struct lb_way {
	const struct lb_real *real;
	__u64 jiffies; /* now */
	__u32 number;  /* of the real */
	__u32 gen;     /* of the real, as it was read once */
	__u32 vip;     /* its number; 0: the packet is for none */
	__u32 stamp;   /* now, as in lb_data() */
	__u32 reason;  /* of what is sent */
	__u32 guards;  /* of struct lb_heads */
	__u32 len;     /* of the IP packet, by its header */
	__u32 mtu;     /* of the interface, if the packet is too big for it */
	__u16 flags;   /* enum lb_vip_flag */
	__u8 id_bytes; /* of struct lb_vip */
	__u8 is_wide;  /* lb_is_wide() */
	__u8 is_prefix;
	__u8 is_error; /* ICMP: pkt then tells of the flow that it is about */
	__u8 is_given; /* the real is found, the table is to learn it */
};

#endif
