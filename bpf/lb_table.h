/* SPDX-License-Identifier: GPL-2.0 */
/* lb_table.h - the maps of the balancer's stage, and which real a packet goes to. */
#ifndef LB_TABLE_H
#define LB_TABLE_H

#include "xdpchain/lb.h"
#include "xdpchain/stage.bpf.h"

enum lb_reason {
	LB_KNOWN = 1, /* by the connection table */
	LB_NEW,	      /* by the ring: a SYN, or the first of a UDP flow */
	LB_MISS,      /* by the ring: TCP in mid-flow, not in the table */
	LB_MOVED,     /* by the ring: its real was removed */
	LB_NO_REAL,   /* from here on: dropped */
	LB_FRAGMENT,
	LB_SHORT, /* ends inside a header, or its linear part does */
	LB_MALFORMED,
	LB_BAD_CHECKSUM, /* of the IPv4 header */
	LB_TTL,		 /* is 0 */
	LB_TOO_BIG,	 /* for the interface, once encapsulated */
	LB_NO_HEADROOM,
};

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

const volatile __u32 lb_set_mask = LB_CONNS / LB_WAYS - 1; /* sets, a power of two, less 1 */
const volatile __u64 lb_seed;				   /* nobody may guess who shares a set */

/* What the stage finds out about a packet, step by step. */
struct lb_way {
	const struct lb_real *real;
	__u32 number; /* of the real */
	__u32 gen;    /* of the real, as it was read once */
	__u32 vip;    /* its number */
	__u32 stamp;  /* now, as in lb_data() */
	__u32 reason; /* of what is sent */
};

/* The number of the VIP that the packet is for, by @port and @proto; 0: it is for none. */
static __always_inline __u32 lb_vip(const struct pkt *pkt, __be16 port, __u8 proto)
{
	int is4 = pkt->proto == pkt_be16(PKT_ETH_IP4);
	union lb_what what = { .port = port, .proto = proto, .version = is4 ? 4 : 6 };
	__u32 zero = 0, n;
	struct lb_heads *head = bpf_map_lookup_elem(&heads, &zero);
	struct lb_vip *vip;

	if (!head)
		return 0;
	n = head->first[lb_head(pkt->daddr, what) & (LB_HEADS - 1)];
#pragma clang loop unroll(disable)
	for (int i = 0; i < LB_CHAIN && n; i++) {
		vip = bpf_map_lookup_elem(&vips, &n);
		if (!vip)
			return 0;
		if (vip->what.word == what.word && vip->addr[0] == pkt->daddr[0] &&
		    (is4 || (vip->addr[1] == pkt->daddr[1] && vip->addr[2] == pkt->daddr[2] &&
			     vip->addr[3] == pkt->daddr[3])))
			return n;
		n = vip->next;
	}
	return 0;
}

static __always_inline int lb_is_syn(const struct pkt *pkt)
{
	return (pkt->tcp_flags & (PKT_SYN | PKT_ACK | PKT_RST)) == PKT_SYN;
}

/* Does entry @data name a real that is still the same? */
static __always_inline int lb_valid(__u64 data, struct lb_way *way)
{
	way->number = lb_data_real(data);
	way->gen = lb_data_gen(data);
	way->real = bpf_map_lookup_elem(&reals, &way->number);
	return way->real && way->real->gen == way->gen && way->real->vip == way->vip;
}

/* Ask the ring. 0: the VIP has no real. */
static __always_inline int lb_ring(const struct pkt *pkt, struct lb_way *way)
{
	__u32 zero = 0, i = lb_index(lb_hash(pkt));
	struct lb_ring *ring;
	void *inner;

	inner = bpf_map_lookup_elem(&rings, &way->vip);
	if (!inner)
		return 0;
	ring = bpf_map_lookup_elem(inner, &zero);
	if (!ring || i >= LB_RING)
		return 0;
	way->number = ring->real[i];
	if (!way->number)
		return 0;
	way->real = bpf_map_lookup_elem(&reals, &way->number);
	if (!way->real)
		return 0;
	way->gen = way->real->gen;
	return 1;
}

/* An entry is the @words (a constant) of its key, and its data; a set is LB_WAYS of them. */
#define LB_ENTRY(set, i, words) ((set) + (i) * ((words) + 1))

/* Another CPU may write the entry meanwhile: what is compared must be what is used. */
static __always_inline __u64 lb_once(const __u64 *word)
{
	return *(const volatile __u64 *)word;
}

static __always_inline int lb_is(const __u64 *entry, __u64 data, const __u64 *key, int words)
{
	__u64 fixed = lb_data_fixed(data), differ = 0;

	for (int i = 0; i < words; i++)
		differ |= lb_once(&entry[i]) ^ fixed ^ key[i];
	return !differ;
}

/* The entry of @key, and its data, or NULL. */
static __always_inline __u64 *lb_lookup(__u64 *set, const __u64 *key, int words, __u64 *data)
{
	for (int i = 0; i < LB_WAYS; i++) {
		__u64 *entry = LB_ENTRY(set, i, words);

		*data = lb_once(&entry[words]);
		if (lb_is(entry, *data, key, words))
			return entry;
	}
	return NULL;
}

/* Keep the real now found in the entry of @key, or in the one that is to give way. */
static __always_inline void lb_insert(const struct lb_way *way, __u64 *set, const __u64 *key,
				      int words)
{
	__u64 data = lb_data(way->number, way->gen, way->stamp), *victim = set, old;
	__u32 rank, best = 0;

	for (int i = 0; i < LB_WAYS; i++) {
		__u64 *entry = LB_ENTRY(set, i, words);

		old = lb_once(&entry[words]);
		rank = lb_data_rank(old, way->stamp);
		if (lb_is(entry, old, key, words))
			rank = LB_RANK_SAME;
		if (rank > best) {
			best = rank;
			victim = entry;
		}
	}
	victim[words] = data;
	for (int i = 0; i < words; i++)
		victim[i] = key[i] ^ lb_data_fixed(data);
}

/*
 * Find the real for the packet, and keep it in its set of the table. A SYN always goes by the
 * ring: an old entry of the same ports must not hold it. An RST makes no entry.
 * 0, or why the packet is dropped.
 */
static __always_inline __u32 lb_find(const struct pkt *pkt, __u64 *set, const __u64 *key, int words,
				     struct lb_way *way)
{
	__u64 *entry, data, used;

	way->reason = LB_NEW;
	way->stamp = bpf_jiffies64() >> LB_STAMP_JIFFIES;
	if (!lb_is_syn(pkt)) {
		entry = lb_lookup(set, key, words, &data);
		if (entry && lb_valid(data, way)) {
			way->reason = LB_KNOWN;
			used = lb_data_touch(data, way->stamp);
			if (data != used)
				entry[words] = used;
			return 0;
		}
		if (entry)
			way->reason = LB_MOVED;
		else if (pkt->ipproto == PKT_TCP)
			way->reason = LB_MISS;
	}
	if (!lb_ring(pkt, way))
		return LB_NO_REAL;
	/* gen 0: it is being removed just now, this packet is the last one for it */
	if (way->gen && !(pkt->tcp_flags & PKT_RST))
		lb_insert(way, set, key, words);
	return 0;
}

static __always_inline __u32 lb_find4(const struct pkt *pkt, struct lb_way *way)
{
	__u64 key = lb_key4(pkt, way->vip);
	__u32 i = lb_set(lb_seed, &key, 1) & lb_set_mask;
	__u64 *set = bpf_map_lookup_elem(&conns4, &i);

	return set ? lb_find(pkt, set, &key, 1, way) : LB_NO_REAL;
}

static __always_inline __u32 lb_find6(const struct pkt *pkt, struct lb_way *way)
{
	__u64 key[3], *set;
	__u32 i;

	lb_key6(pkt, way->vip, key);
	i = lb_set(lb_seed, key, 3) & lb_set_mask;
	set = bpf_map_lookup_elem(&conns6, &i);
	return set ? lb_find(pkt, set, key, 3, way) : LB_NO_REAL;
}

#endif
