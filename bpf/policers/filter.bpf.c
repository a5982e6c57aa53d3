// SPDX-License-Identifier: GPL-2.0
/*
 * filter - pcap-filter rules with a hit counter each: drop, pass, or so many packets a second.
 *
 * The loader replaces filter_match() by the translated rules. It must stay the last static function
 * of this file.
 */
#include "xdpchain/filter.h"
#include "bucket.h"
#include "xdpchain/stage.bpf.h"

#define LIMIT_SLACK                                                                                \
	(125000000LL * FILTER_UNIT) /* clocks of CPUs, and packets that were let in late */

enum filter_reason {
	FILTER_MATCH = 1, /* dropped by a rule */
	FILTER_LIMIT,	  /* dropped: above the rate of a rule */
	FILTER_PASS,	  /* handed on by a rule: those behind it are not asked */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FILTER_RULES);
	__type(key, __u32); /* number of the rule, from 0 */
	__type(value, struct filter_action);
} actions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, FILTER_PLACES);
	__type(key, __u32); /* place */
	__type(value, __u64);
} hits SEC(".maps");

/* When the bucket will be full. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FILTER_PLACES);
	__type(key, __u32); /* place */
	__type(value, __u64);
} limits SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_RULES);
	__type(key, __u32);   /* rule */
	__type(value, __u32); /* place; for user space */
} places SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, FILTER_RULES);
	__type(key, __u32); /* rule */
	__type(value, struct chain_rule);
} rules SEC(".maps");

static __noinline __u32 filter_match(struct xdp_md *ctx);

/* 1: the packet is within the rate. */
static __always_inline int limit_take(const struct filter_action *a, __u64 *bucket)
{
	__u64 now = bpf_ktime_get_ns() * FILTER_UNIT;

	return bucket_take(bucket, now, a->cost, a->depth, a->depth + a->cost + LIMIT_SLACK);
}

STAGE(filter)
{
	__u32 number = filter_match(ctx) - 1, place;
	struct filter_action *a;
	__u64 *n;

	if (number >= FILTER_RULES) /* none */
		return NEXT;
	a = bpf_map_lookup_elem(&actions, &number);
	if (!a)
		return NEXT;
	place = a->place;
	n = bpf_map_lookup_elem(&hits, &place);
	if (n)
		(*n)++;
	if (a->what == FILTER_DROPS)
		return DROP_RULE(FILTER_MATCH, a->rule);
	if (a->what == FILTER_PASSES)
		return NEXT_NOTE_RULE(FILTER_PASS, a->rule);
	n = bpf_map_lookup_elem(&limits, &place);
	if (!n || limit_take(a, n))
		return NEXT_NOTE_RULE(FILTER_PASS, a->rule);
	return DROP_RULE(FILTER_LIMIT, a->rule);
}

static __noinline __u32 filter_match(struct xdp_md *ctx)
{
	__u32 number = ctx->rx_queue_index;

	/* Or the compiler would conclude from this body what the real one can return. */
	asm volatile("" : "+r"(number));
	return number;
}
