// SPDX-License-Identifier: GPL-2.0
/* blocklist - drop by source prefix, IPv4 and IPv6; the longest prefix that has not expired. */
#include "xdpchain/policer.h"
#include "xdpchain/stage.bpf.h"

#define BLOCKLIST_MAX 1000000 /* prefixes of a family; the loader may set another */

enum blocklist_reason { BLOCKLIST_PREFIX = 1 };

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, BLOCKLIST_MAX);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key4); /* source */
	__type(value, struct blocklist_entry);
} prefixes4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, BLOCKLIST_MAX);
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
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BLOCKLIST_FAST / BLOCKLIST_PAGE);
	__type(key, __u32); /* rule / BLOCKLIST_PAGE */
	__type(value, struct blocklist_hits);
} hits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * BLOCKLIST_MAX);
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

static __always_inline void hit(struct blocklist_entry *e)
{
	__u32 page = e->rule / BLOCKLIST_PAGE;
	struct blocklist_hits *h = 0;

	if (e->rule < BLOCKLIST_FAST)
		h = bpf_map_lookup_elem(&hits, &page);
	if (h)
		h->packets[e->rule % BLOCKLIST_PAGE]++;
	else
		__sync_fetch_and_add(&e->hits, 1);
}

/* @e if it still holds, else what holds of the shorter prefixes. @len is that of @key. */
static __always_inline struct blocklist_entry *valid(void *trie, void *key, __u32 *len,
						     struct blocklist_entry *e)
{
	__u64 now;

	if (!e->expires_ns)
		return e;
	now = bpf_ktime_get_ns();
	for (int i = 0; i <= 128; i++) {
		if (!e->expires_ns || e->expires_ns > now)
			return e;
		if (!e->len)
			return 0;
		*len = e->len - 1;
		e = bpf_map_lookup_elem(trie, key);
		if (!e)
			return 0;
	}
	return 0;
}

static __always_inline int covered(void *cover, struct blocklist_cover at)
{
	__u64 *word = bpf_map_lookup_elem(cover, &at.word);

	return word && *word >> at.bit & 1;
}

static __always_inline struct blocklist_entry *find4(const struct pkt *pkt)
{
	struct blocklist_key4 key = { 32, pkt->saddr[0] };
	struct blocklist_entry *e;

	if (!covered(&cover4, blocklist_cover4(pkt->saddr[0])))
		return 0;
	e = bpf_map_lookup_elem(&prefixes4, &key);
	return e ? valid(&prefixes4, &key, &key.len, e) : 0;
}

static __always_inline struct blocklist_entry *find6(const struct pkt *pkt)
{
	struct blocklist_key6 key = {
		128, { pkt->saddr[0], pkt->saddr[1], pkt->saddr[2], pkt->saddr[3] }
	};
	struct blocklist_entry *e;

	if (!covered(&cover6, blocklist_cover6(pkt->saddr)))
		return 0;
	e = bpf_map_lookup_elem(&prefixes6, &key);
	return e ? valid(&prefixes6, &key, &key.len, e) : 0;
}

STAGE(blocklist)
{
	struct blocklist_entry *e;

	if (!pkt->l3) /* there is no address */
		return NEXT;
	e = pkt->proto == pkt_be16(PKT_ETH_IP4) ? find4(pkt) : find6(pkt);
	if (!e)
		return NEXT;
	hit(e);
	return DROP_RULE(BLOCKLIST_PREFIX, e->rule);
}
