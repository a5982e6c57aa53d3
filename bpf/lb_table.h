/* SPDX-License-Identifier: GPL-2.0 */
/* lb_table.h - which real a packet goes to: by the connection table, its source, or the ring. */
#ifndef LB_TABLE_H
#define LB_TABLE_H

#include "lb_guard.h"
#include "lb_maps.h"

/* Does @data name a real that is still the same, and takes packets? */
static __always_inline int lb_valid(__u64 data, struct lb_way *way)
{
	way->number = lb_data_real(data);
	way->gen = lb_data_gen(data);
	way->real = bpf_map_lookup_elem(&reals, &way->number);
	if (!way->real || way->real->gen != way->gen || way->real->vip != way->vip)
		return 0;
	return !(way->flags & LB_VIP_MIGRATE) || way->real->mode != LB_REAL_DOWN;
}

/* Has the client's prefix a real of its own? */
static __always_inline int lb_by_source(const struct pkt *pkt, struct lb_way *way)
{
	int is4 = pkt->proto == pkt_be16(PKT_ETH_IP4);
	struct lb_source key = { .plen = LB_PREFIX_WHAT + (is4 ? 32 : 128), .vip = way->vip };
	__u64 *data;

	__builtin_memcpy(key.addr, pkt->saddr, sizeof(key.addr));
	data = bpf_map_lookup_elem(&sources, &key);
	return data && lb_valid(*data, way);
}

/* Ask the ring. 0: the VIP has no real. */
static __always_inline int lb_ring(const struct pkt *pkt, struct lb_way *way)
{
	__u32 zero = 0, i = lb_index(lb_hash(pkt, way->flags));
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

/* What needs no table. 0, or why the packet is dropped. */
static __always_inline __u32 lb_pick(const struct pkt *pkt, struct lb_way *way)
{
	if (way->flags & LB_VIP_SOURCES && lb_by_source(pkt, way)) {
		way->reason = LB_SOURCE;
		return 0;
	}
	return lb_ring(pkt, way) ? 0 : LB_NO_REAL;
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

/* Was a UDP flow idle for so long that the next packet is of another? */
static __always_inline int lb_is_idle(const struct pkt *pkt, __u64 data, const struct lb_way *way)
{
	return pkt->ipproto == PKT_UDP && lb_data_age(data, way->stamp) > lb_udp_idle;
}

static __always_inline void lb_touch(const struct pkt *pkt, __u64 *word, __u64 data,
				     const struct lb_way *way)
{
	int closing = !way->is_error && pkt->tcp_flags & (PKT_FIN | PKT_RST);
	__u64 used = lb_data_touch(data, way->stamp, closing);

	if (data != used)
		*word = used;
}

/* May the table learn the real now found? Counts it as new, if so. */
static __always_inline int lb_may_insert(const struct pkt *pkt, struct lb_way *way)
{
	/* gen 0: it is being removed just now, this packet is the last one for it */
	if (!way->gen || pkt->tcp_flags & PKT_RST || way->flags & LB_VIP_NO_LRU)
		return 0;
	if (!lb_guard_fresh(way))
		return 1;
	if (!way->is_given)
		way->reason = LB_GUARD;
	return 0;
}

/*
 * Find the real for the packet, and keep it in its set of the table. A SYN always goes by the
 * ring: an old entry of the same ports must not hold it. An RST makes no entry.
 * 0, or why the packet is dropped.
 */
static __always_inline __u32 lb_find(const struct pkt *pkt, __u64 *set, const __u64 *key, int words,
				     struct lb_way *way)
{
	__u64 *entry, data;
	__u32 drop;

	if (!lb_is_syn(pkt)) {
		entry = lb_lookup(set, key, words, &data);
		if (entry && way->is_given) {
			if (lb_data_fixed(data) == lb_data(way->number, way->gen, 0)) {
				lb_touch(pkt, &entry[words], data, way);
				return 0;
			}
		} else if (entry && !lb_is_idle(pkt, data, way)) {
			if (lb_valid(data, way)) {
				way->reason = LB_KNOWN;
				lb_touch(pkt, &entry[words], data, way);
				return 0;
			}
			way->reason = LB_MOVED;
		} else if (pkt->ipproto == PKT_TCP) {
			way->reason = LB_MISS;
		}
	}
	if (!way->is_given) {
		drop = lb_pick(pkt, way);
		if (drop)
			return drop;
	}
	if (lb_may_insert(pkt, way))
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

	lb_key6(pkt, way->vip, way->is_prefix, key);
	i = lb_set(lb_seed, key, 3) & lb_set_mask;
	set = bpf_map_lookup_elem(&conns6, &i);
	return set ? lb_find(pkt, set, key, 3, way) : LB_NO_REAL;
}

/* The real of the packet: way->real. 0, or why it is dropped. */
static __always_inline __u32 lb_real_of(const struct pkt *pkt, struct lb_way *way)
{
	if (way->flags & LB_VIP_ONE_SHOT || (way->guards && lb_guard_on(pkt, way))) {
		if (way->is_given)
			return 0;
		way->reason = way->flags & LB_VIP_ONE_SHOT ? LB_ONE_SHOT : LB_GUARD;
		return lb_pick(pkt, way);
	}
	if (pkt->proto == pkt_be16(PKT_ETH_IP4) && !way->is_wide)
		return lb_find4(pkt, way);
	return lb_find6(pkt, way);
}

#endif
