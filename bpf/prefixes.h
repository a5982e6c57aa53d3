/* SPDX-License-Identifier: GPL-2.0 */
/*
 * prefixes.h - find the longest prefix of a list that holds the source of a packet.
 *
 * Two bitmaps are asked first (xdpchain/policer.h), then a hash, with one look for each length that
 * prefixes have: two cache misses for a hit in a list of a million, where a trie has twenty.
 */
#ifndef BPF_PREFIXES_H
#define BPF_PREFIXES_H

#include "xdpchain/policer.h"
#include "xdpchain/stage.bpf.h"

#define PREFIXES_MAX	      1000000 /* of a family; the loader may set another */
#define PREFIXES_FILTER_WORDS (1u << 18)

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PREFIXES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key4); /* source */
	__type(value, struct blocklist_entry);
} prefixes4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, PREFIXES_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key6); /* source */
	__type(value, struct blocklist_entry);
} prefixes6 SEC(".maps");

/* BPF_F_MMAPABLE: user space sets single bits. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BLOCKLIST_COVER_WORDS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* struct blocklist_cover, word */
	__type(value, __u64);
} cover4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BLOCKLIST_COVER_WORDS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* struct blocklist_cover, word */
	__type(value, __u64);
} cover6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PREFIXES_FILTER_WORDS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* topmost bits of blocklist_hash4() */
	__type(value, __u64);
} filter4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PREFIXES_FILTER_WORDS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* topmost bits of blocklist_hash6() */
	__type(value, __u64);
} filter6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* 0: IPv4, 1: IPv6 */
	__type(value, struct blocklist_lengths);
} lengths SEC(".maps");

const volatile __u32 prefixes_shift = 64 - 18; /* 64 - log2 of the words of a filter */

static __always_inline int prefixes_covered(void *cover, struct blocklist_cover at)
{
	__u64 *word = bpf_map_lookup_elem(cover, &at.word);

	return word && *word >> at.bit & 1;
}

static __always_inline int prefixes_filtered(void *filter, __u64 hash)
{
	__u32 at = hash >> prefixes_shift;
	__u64 *word = bpf_map_lookup_elem(filter, &at);

	return word && *word >> (hash >> (prefixes_shift - 6) & 63) & 1;
}

static __always_inline int prefixes_hold(const struct blocklist_entry *e)
{
	return !e->expires_ns || e->expires_ns > bpf_ktime_get_ns();
}

static __always_inline struct blocklist_entry *prefixes_find4(const struct pkt *pkt)
{
	struct blocklist_key4 key;
	struct blocklist_entry *e;
	struct blocklist_lengths *l;
	__u32 family = 0, length1;

	if (!prefixes_covered(&cover4, blocklist_cover4(pkt->saddr[0])))
		return 0;
	l = bpf_map_lookup_elem(&lengths, &family);
	if (!l)
		return 0;
	for (int i = 0; i <= 32; i++) {
		length1 = *(volatile __u32 *)&l->v[i].length1;
		if (!length1)
			return 0;
		key.len = length1 - 1;
		key.addr = pkt->saddr[0] & l->v[i].mask[0];
		if (!prefixes_filtered(&filter4, blocklist_hash4(&key)))
			continue;
		e = bpf_map_lookup_elem(&prefixes4, &key);
		if (e && prefixes_hold(e))
			return e;
	}
	return 0;
}

static __always_inline struct blocklist_entry *prefixes_find6(const struct pkt *pkt)
{
	struct blocklist_key6 key;
	struct blocklist_entry *e;
	struct blocklist_lengths *l;
	__u32 family = 1, length1;

	if (!prefixes_covered(&cover6, blocklist_cover6(pkt->saddr)))
		return 0;
	l = bpf_map_lookup_elem(&lengths, &family);
	if (!l)
		return 0;
	for (int i = 0; i < BLOCKLIST_LENGTHS; i++) {
		length1 = *(volatile __u32 *)&l->v[i].length1;
		if (!length1)
			return 0;
		key.len = length1 - 1;
		for (int k = 0; k < 4; k++)
			key.addr[k] = pkt->saddr[k] & l->v[i].mask[k];
		if (!prefixes_filtered(&filter6, blocklist_hash6(&key)))
			continue;
		e = bpf_map_lookup_elem(&prefixes6, &key);
		if (e && prefixes_hold(e))
			return e;
	}
	return 0;
}

/* The entry of the longest prefix that holds the source and has not expired, or NULL. */
static __always_inline struct blocklist_entry *prefixes_find(const struct pkt *pkt)
{
	if (!pkt->l3) /* there is no address */
		return 0;
	return pkt->proto == pkt_be16(PKT_ETH_IP4) ? prefixes_find4(pkt) : prefixes_find6(pkt);
}

#endif
