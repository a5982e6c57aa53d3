// SPDX-License-Identifier: GPL-2.0
/* set - by whether the source is in one of several named lists; each list is a rule. */
#include "prefixes.h"

enum set_reason { SET_IN_SET = 1, SET_NOT_IN_SET };

const volatile struct set_conf set_conf;

/* Fewer than 64 by what the loader allows. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, SET_RULES);
	__type(key, __u32); /* rule */
	__type(value, __u64);
} hits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, SET_RULES);
	__type(key, __u32); /* rule: 1 for the first set */
	__type(value, struct chain_rule);
} rules SEC(".maps");

STAGE(set)
{
	__u32 rule;
	__u64 *count;

	if (!pkt->l3) /* there is no address: ARP is neither in nor out */
		return NEXT;
	rule = prefixes_find(pkt).rule;
	if (!rule)
		return set_conf.others == CHAIN_DROP ? DROP(SET_NOT_IN_SET) : NEXT;
	count = bpf_map_lookup_elem(&hits, &rule);
	if (count)
		++*count;
	if (set_conf.action == CHAIN_DROP)
		return DROP_RULE(SET_IN_SET, rule);
	if (set_conf.action == CHAIN_PASS)
		return PASS_RULE(SET_IN_SET, rule);
	return NEXT_NOTE_RULE(SET_IN_SET, rule);
}
