/* SPDX-License-Identifier: GPL-2.0 */
/* rulelist.h - a list of prefixes where each is a rule: with text, hits, and writers at run time.
 */
#ifndef BPF_RULELIST_H
#define BPF_RULELIST_H

#include "prefixes.h"

#define RULELIST_MAX 1000000 /* prefixes of a family; the loader may set another */

/* What is on the list: for user space, that makes the tables of it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RULELIST_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key4); /* source */
	__type(value, struct blocklist_entry);
} prefixes4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, RULELIST_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key6); /* source */
	__type(value, struct blocklist_entry);
} prefixes6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BLOCKLIST_FAST / BLOCKLIST_PAGE);
	__type(key, __u32); /* rule / BLOCKLIST_PAGE */
	__type(value, struct blocklist_hits);
} hits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * RULELIST_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32); /* rule */
	__type(value, struct chain_rule);
} rules SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, struct blocklist_state);
} state SEC(".maps");

/*
 * A slot counts to 2^32; then the entry takes them over. A function, as it is seldom called. Should
 * another length be put in this very moment, the key may be another's, and 2^32 hits are lost.
 */
static __noinline int rulelist_carry(const struct pkt *pkt, const struct blocklist_length *l)
{
	struct blocklist_key6 key;
	struct blocklist_entry *e;

	if (!pkt || !l)
		return 0;
	key.len = l->length1 - 1;
	for (int i = 0; i < 4; i++)
		key.addr[i] = pkt->saddr[i] & l->mask[i];
	if (pkt->proto == pkt_be16(PKT_ETH_IP4))
		e = bpf_map_lookup_elem(&prefixes4, &key); /* its first 8 bytes */
	else
		e = bpf_map_lookup_elem(&prefixes6, &key);
	if (e)
		__sync_fetch_and_add(&e->hits, 1ULL << 32);
	return 0;
}

static __always_inline void rulelist_hit(const struct pkt *pkt, const struct prefixes_hit *hit)
{
	__u32 page = hit->rule / BLOCKLIST_PAGE;
	struct blocklist_hits *h = 0;

	if (hit->rule < BLOCKLIST_FAST)
		h = bpf_map_lookup_elem(&hits, &page);
	if (h)
		h->packets[hit->rule % BLOCKLIST_PAGE]++;
	else if (__sync_fetch_and_add(&hit->slot->hits, 1) == ~0u)
		rulelist_carry(pkt, hit->length);
}

#endif
