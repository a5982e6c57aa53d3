/* SPDX-License-Identifier: GPL-2.0 */
/* rulelist.h - a list of prefixes where each is a rule: with text, hits, and writers at run time.
 */
#ifndef BPF_RULELIST_H
#define BPF_RULELIST_H

#include "prefixes.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, BLOCKLIST_FAST / BLOCKLIST_PAGE);
	__type(key, __u32); /* rule / BLOCKLIST_PAGE */
	__type(value, struct blocklist_hits);
} hits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2 * PREFIXES_MAX);
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

static __always_inline void rulelist_hit(struct blocklist_entry *e)
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

#endif
