/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/lb.h - what the load balancer's stage (bpf/lb.bpf.c) and its tools agree on.
 *
 * A VIP is an address or a prefix, a port or any, and a protocol, and has a number from 1 on. A
 * real is one server *of one VIP* and has a number from 1 on: a server behind two VIPs is two
 * reals. Ring entries, table entries, counters and rule ids are all that number.
 *
 * User space maps VIPs, reals and rings and changes them in place while packets read them: each
 * change is one store of a word that makes ready things reachable, or the reverse. Never a
 * wrong real: a number names another server only after its `gen` was 0 for an RCU grace period,
 * so that no packet in flight holds it, and table entries carry the gen they were made with.
 */
#ifndef XDPCHAIN_LB_H
#define XDPCHAIN_LB_H

#include <linux/types.h>

#include "xdpchain/chain.h"
#include "xdpchain/pkt.h"

#define LB_VIPS	      1024    /* numbers of VIPs, 0 (none) among them */
#define LB_VIP_SLOTS  2048    /* entries of `vips`: from LB_VIPS on, addresses alone */
#define LB_HEADS      8192    /* a power of two */
#define LB_CHAIN      16      /* entries of one head, at most */
#define LB_REALS      16384   /* numbers, 0 (none) among them; at most 65536 */
#define LB_RING	      65537   /* entries of a VIP's ring; a prime, Maglev wants that */
#define LB_WAYS	      4	      /* entries of a set of the connection table */
#define LB_CONNS      1048576 /* default entries of the table, IPv4 and IPv6 each */
#define LB_IDS	      65536   /* server ids and source prefixes, of all VIPs, each */
#define LB_PREFIXES   2048    /* prefixes of VIPs; and without their ports */
#define LB_WEIGHT_MAX 1000
#define LB_GUARD_RATE 125000	 /* default: new connections a CPU and second before the guard */
#define LB_UDP_IDLE   60	 /* default: seconds */
#define LB_ICMP_RATE  100	 /* default: ICMP errors a CPU and second */
#define LB_GUE_PORT   6080	 /* default: IANA's */
#define LB_RULE_VIP   (1u << 16) /* rule id of VIP n is LB_RULE_VIP + n; of real n it is n */

/* What a VIP is asked for, beside its address, as one word. 0: a free entry. */
union lb_what {
	struct {
		__be16 port;  /* 0: any */
		__u8 proto;   /* PKT_TCP, PKT_UDP */
		__u8 version; /* 4, 6 */
	};
	__u32 word;
};

/* What a VIP does otherwise than most. */
enum lb_vip_flag {
	LB_VIP_HASH_SOURCE = 1 << 0, /* the ring's hash is of the client's address alone */
	LB_VIP_HASH_DPORT = 1 << 1,  /* ... of the port that the client asked for alone */
	LB_VIP_ONE_SHOT = 1 << 2,    /* by the ring, always: the table is neither asked nor told */
	LB_VIP_NO_LRU = 1 << 3,	     /* the table is told nothing new: what is in it holds */
	LB_VIP_QUIC = 1 << 4,	     /* by the server id in QUIC connection ids, if it has one */
	LB_VIP_STABLE = 1 << 5,	     /* by the server id in a UDP payload, see bpf/lb_id.h */
	LB_VIP_FRAGMENTS = 1 << 6,   /* takes fragments; comes with HASH_SOURCE and ONE_SHOT */
	LB_VIP_GUE = 1 << 7,	     /* in UDP (GUE variant 1), not in IP alone */
	LB_VIP_MIGRATE = 1 << 8,     /* flows of a real that is down go elsewhere at once */
	LB_VIP_FAIL_OPEN = 1 << 9,   /* all reals down: as if all were up, instead of none */
	LB_VIP_SOURCES = 1 << 10,    /* some sources have a real of their own; set by lib/lb */
};

/*
 * An entry of the array `vips`; its index is the number. With port and proto 0: the address of
 * some VIP, whatever the port, for packets that show none (fragments).
 */
struct lb_vip {
	__be32 addr[4]; /* IPv4 in [0], and zeros */
	union lb_what what;
	__u16 next;	/* entry of the same head, or 0 */
	__u16 flags;	/* enum lb_vip_flag */
	__u8 plen;	/* bits of addr; 32 or 128: in a chain of `heads`, else in `prefixes` */
	__u8 id_bytes;	/* LB_VIP_QUIC: of the server id, 1 to LB_ID_BYTES, or LB_ID_BY_VERSION */
	__u16 frags[2]; /* without port and proto: the VIPs that take fragments of TCP, UDP; or 0 */
	__u16 pad;
};
_Static_assert(sizeof(struct lb_vip) == 32, "lb_vip");

#define LB_ID_BYTES	 8
#define LB_ID_BY_VERSION 255 /* bits 7 and 6 of a connection id say where: 16, 24 or 32 bits */

/* What else than chains of `heads` a look-up of a VIP must ask; 0 as long as nobody needs it. */
enum lb_also {
	LB_ALSO_ANY_PORT = 1 << 0,
	LB_ALSO_PREFIX = 1 << 1,
};

/* The one value of the array `heads`: by lb_head(), the first of a chain of `vips`. */
struct lb_heads {
	__u32 also;   /* enum lb_also */
	__u32 guards; /* CPUs whose flood guard is on */
	__u16 first[LB_HEADS];
};
_Static_assert(sizeof(struct lb_heads) == 8 + 2 * LB_HEADS, "lb_heads");

/* Key of the trie `prefixes`; the value is the entry of `vips`. */
struct lb_prefix {
	__u32 plen; /* LB_PREFIX_WHAT + bits of addr */
	union lb_what what;
	__be32 addr[4];
};
_Static_assert(sizeof(struct lb_prefix) == 24, "lb_prefix");

#define LB_PREFIX_WHAT 32 /* bits of what goes before the address */

/* Key of the hash `ids`; the value is lb_data() of the real, with stamp 0. */
struct lb_id {
	__u64 id;
	__u32 vip; /* its number */
	__u32 pad;
};
_Static_assert(sizeof(struct lb_id) == 16, "lb_id");

/* Key of the trie `sources`, of clients; the value is as that of `ids`. */
struct lb_source {
	__u32 plen; /* LB_PREFIX_WHAT + bits of addr */
	__u32 vip;
	__be32 addr[4];
};
_Static_assert(sizeof(struct lb_source) == 24, "lb_source");

/* The one value of the per-CPU array `guards`: the flood guard, and the rate of ICMP errors. */
struct lb_guard {
	__u64 start;   /* jiffies, of the second in which `fresh` counts */
	__u64 times;   /* that it went on */
	__u64 packets; /* that went by it */
	__u64 icmp_start;
	__u32 fresh; /* new connections; while it is on, SYNs */
	__u32 on;    /* 0, 1 */
	__u32 icmp;  /* errors sent in the second of icmp_start */
	__u32 pad;
};
_Static_assert(sizeof(struct lb_guard) == 48, "lb_guard");

enum lb_real_mode {
	LB_REAL_UP,
	LB_REAL_DOWN,  /* out of the ring; what it has it keeps, unless LB_VIP_MIGRATE */
	LB_REAL_DRAIN, /* out of the ring; what it has it keeps */
};

/* An entry of the array `reals`; its index is the number. In [0], gen is the last given out. */
struct lb_real {
	__be32 addr[4]; /* IPv4 in [0], and zeros */
	__u32 gen;	/* unique, 31 bits, for as long as the maps live; 0: nobody */
	__u32 vip;	/* its number */
	__u32 weight;	/* 0 to LB_WEIGHT_MAX; for user space */
	__u16 version;	/* 4, 6; 0: nobody ever was here */
	__u16 mode;	/* enum lb_real_mode */
};
_Static_assert(sizeof(struct lb_real) == 32, "lb_real");

/* The one value of an inner map of `rings` (key: VIP): numbers of reals, 0 where there is none. */
struct lb_ring {
	__u16 real[LB_RING];
};
_Static_assert(sizeof(struct lb_ring) == 131074, "lb_ring");

/*
 * The connection tables `conns4` and `conns6`: arrays of sets, whose index is a hash of the key.
 * Within a set the least recently used entry gives way. All CPUs share them without a lock: the
 * words of the key are stored xor lb_data_fixed(), so an entry of which one CPU wrote a part and
 * another the rest matches no key, and is as if it were not there.
 */
struct lb_conn4 {
	__u64 key;  /* lb_key4() ^ lb_data_fixed(data) */
	__u64 data; /* lb_data(); 0: free */
};

struct lb_set4 {
	struct lb_conn4 way[LB_WAYS];
};
_Static_assert(sizeof(struct lb_set4) == 64, "one cache line");

struct lb_conn6 {
	__u64 key[3]; /* each word of lb_key6() ^ lb_data_fixed(data) */
	__u64 data;
};

struct lb_set6 {
	struct lb_conn6 way[LB_WAYS];
};
_Static_assert(sizeof(struct lb_set6) == 128, "two cache lines");

/* Key of the hash `decap_to` of the stage decap: an outer destination that it takes. */
struct lb_decap_to {
	__be32 addr[4]; /* IPv4 in [0], and zeros */
};
_Static_assert(sizeof(struct lb_decap_to) == 16, "lb_decap_to");

#define LB_DECAP_TO 64 /* of them */

/* An entry of the per-CPU array `vip_counts`; that of `real_counts` is a struct chain_count. */
struct lb_vip_count {
	struct chain_count sent; /* to a real */
	struct chain_count dropped;
};
_Static_assert(sizeof(struct lb_vip_count) == 32, "lb_vip_count");

#define LB_INLINE static inline __attribute__((always_inline))
#define LB_MUL	  0x9e3779b97f4a7c15ULL

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define LB_PAIR(first, second) ((__u64)(first) | (__u64)(second) << 32)
#define LB_PAIR_FIRST(pair)    ((__u32)(pair))
#define LB_PAIR_SECOND(pair)   ((__u32)((pair) >> 32))
#else
#define LB_PAIR(first, second) ((__u64)(first) << 32 | (second))
#define LB_PAIR_FIRST(pair)    ((__u32)((pair) >> 32))
#define LB_PAIR_SECOND(pair)   ((__u32)(pair))
#endif

LB_INLINE __u64 lb_mix(__u64 hash, __u64 word)
{
	hash = (hash ^ word) * LB_MUL;
	return hash ^ hash >> 32;
}

/** lb_head - index in lb_heads of a VIP. */
LB_INLINE __u32 lb_head(const __be32 addr[4], union lb_what what)
{
	__u64 h = lb_mix(what.word, addr[0]);

	if (what.version == 6) {
		h = lb_mix(h, addr[1]);
		h = lb_mix(h, LB_PAIR(addr[2], addr[3]));
	}
	return h * LB_MUL >> 32 & (LB_HEADS - 1);
}

/**
 * lb_is_wide - does a VIP have more than one address or port? Then the client alone does not tell
 * its flows apart.
 */
LB_INLINE int lb_is_wide(const struct lb_vip *v)
{
	return !v->what.port || v->plen != (v->what.version == 4 ? 32 : 128);
}

/** lb_key4 - key in conns4 of a flow to VIP number @vip that is not wide: it says the rest. */
LB_INLINE __u64 lb_key4(const struct pkt *p, __u16 vip)
{
	return (__u64)p->saddr[0] << 32 | (__u64)p->sport << 16 | vip;
}

/**
 * lb_key6 - key in conns6 of all other flows, IPv4 ones too.
 * @prefix: 1 the VIP is an IPv6 prefix: the client's low half is stored xor a hash of the rest
 */
LB_INLINE void lb_key6(const struct pkt *p, __u16 vip, int prefix, __u64 key[3])
{
	key[2] = (__u64)p->dport << 32 | (__u64)p->sport << 16 | vip;
	if (p->proto == pkt_be16(PKT_ETH_IP4)) {
		key[0] = LB_PAIR(p->saddr[0], p->daddr[0]);
		key[1] = 0;
		return;
	}
	key[0] = LB_PAIR(p->saddr[0], p->saddr[1]);
	key[1] = LB_PAIR(p->saddr[2], p->saddr[3]);
	if (prefix)
		key[1] ^= lb_mix(lb_mix(p->dport, LB_PAIR(p->daddr[0], p->daddr[1])),
				 LB_PAIR(p->daddr[2], p->daddr[3]));
}

/** lb_set - hash of a key, of which the low bits are the index of its set. */
LB_INLINE __u32 lb_set(__u64 seed, const __u64 *key, int words)
{
	for (int i = 0; i < words; i++)
		seed = lb_mix(seed, key[i]);
	return seed * LB_MUL >> 32;
}

/* What an entry says: real and its gen, when it was last used, and what came since its first. */
enum lb_data_bits {
	LB_DATA_STAMP = 16,   /* bits 0 to 15: number of the real */
	LB_DATA_USED = 31,    /* 1: a packet came after the one that made the entry */
	LB_DATA_CLOSING = 32, /* 1: a FIN or an RST came */
	LB_DATA_GEN = 33,
	LB_STAMP_MASK = 0x7fff, /* 15 bits */
	LB_STAMP_JIFFIES = 8,	/* a stamp is jiffies, shifted right by that */
};

#define LB_GEN_MASK 0x7fffffffu /* 31 bits */

LB_INLINE __u64 lb_data(__u32 real, __u32 gen, __u32 stamp)
{
	return (__u64)gen << LB_DATA_GEN | (__u64)(stamp & LB_STAMP_MASK) << LB_DATA_STAMP | real;
}

/** lb_data_fixed - what of it does not change while the entry is used. */
LB_INLINE __u64 lb_data_fixed(__u64 data)
{
	return data & 0xfffffffe0000ffffULL;
}

/** lb_data_touch - @data after one more use; @closing 1: by a FIN or an RST. */
LB_INLINE __u64 lb_data_touch(__u64 data, __u32 stamp, int closing)
{
	return (data & ~((__u64)LB_STAMP_MASK << LB_DATA_STAMP)) |
	       (__u64)(stamp & LB_STAMP_MASK) << LB_DATA_STAMP | 1ULL << LB_DATA_USED |
	       (__u64)closing << LB_DATA_CLOSING;
}

LB_INLINE __u32 lb_data_real(__u64 data)
{
	return data & 0xffff;
}

/** lb_data_age - units of LB_STAMP_JIFFIES since its last use. */
LB_INLINE __u32 lb_data_age(__u64 data, __u32 stamp)
{
	return (stamp - (__u32)(data >> LB_DATA_STAMP)) & LB_STAMP_MASK;
}

LB_INLINE __u32 lb_data_gen(__u64 data)
{
	return data >> LB_DATA_GEN;
}

#define LB_RANK_SAME 0x20000 /* above any rank: the entry of the key itself */

/**
 * lb_data_rank - how ready an entry is to give way at time @stamp; the highest goes.
 * Free ones first, then those that were never used again, as the SYNs of a flood are, and of
 * each kind the oldest.
 */
LB_INLINE __u32 lb_data_rank(__u64 data, __u32 stamp)
{
	__u32 age = lb_data_age(data, stamp);

	if (!data)
		return 0x10000;
	return data >> LB_DATA_USED & 1 ? age : 0x8000 | age;
}

/** lb_scatter - spread @h over 32 bits: the finaliser of splitmix64. */
LB_INLINE __u32 lb_scatter(__u64 h)
{
	h ^= h >> 30;
	h *= 0xbf58476d1ce4e5b9ULL;
	h ^= h >> 27;
	h *= 0x94d049bb133111ebULL;
	return h >> 32;
}

/**
 * lb_hash - the ring's hash of a flow to a VIP with @flags: addresses, ports, protocol, or less.
 * The same on every balancer, so that a flow may move from one to another.
 */
LB_INLINE __u32 lb_hash(const struct pkt *p, __u32 flags)
{
	int is6 = p->proto == pkt_be16(PKT_ETH_IP6);
	__u64 h = p->ipproto;

	if (flags & LB_VIP_HASH_DPORT)
		return lb_scatter(lb_mix(0, p->dport));
	if (flags & LB_VIP_HASH_SOURCE)
		return lb_scatter(is6 ? lb_mix(lb_mix(0, LB_PAIR(p->saddr[0], p->saddr[1])),
					       LB_PAIR(p->saddr[2], p->saddr[3]))
				      : lb_mix(0, p->saddr[0]));
	if (is6) {
		h = lb_mix(h, LB_PAIR(p->saddr[0], p->saddr[1]));
		h = lb_mix(h, LB_PAIR(p->saddr[2], p->saddr[3]));
		h = lb_mix(h, LB_PAIR(p->daddr[0], p->daddr[1]));
		h = lb_mix(h, LB_PAIR(p->daddr[2], p->daddr[3]));
	} else {
		h = lb_mix(h, LB_PAIR(p->saddr[0], p->daddr[0]));
	}
	return lb_scatter(lb_mix(h, (__u64)p->sport << 16 | p->dport));
}

/** lb_index - @hash modulo LB_RING: 2^16 is -1 modulo 65537, so no division. */
LB_INLINE __u32 lb_index(__u32 hash)
{
	__u32 low = hash & 0xffff, high = hash >> 16;

	return low >= high ? low - high : low + LB_RING - high;
}

#endif
