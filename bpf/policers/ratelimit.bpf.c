// SPDX-License-Identifier: GPL-2.0
/*
 * ratelimit - so many packets a second from each source prefix, over all CPUs together.
 *
 * A bucket is written only for packets that pass: CPUs that take a flood from one source
 * share the cache line that it is in, and move it no more often than the limit lets through.
 */
#include "xdpchain/policer.h"
#include "xdpchain/stage.bpf.h"

#define RATELIMIT_SETS	65536 /* 262,144 sources of a family at once */
#define RATELIMIT_TRIES 8
#define RATELIMIT_SLACK (125000000LL * RATELIMIT_UNIT)

enum ratelimit_reason { RATELIMIT_RATE = 1 };

const volatile struct ratelimit_conf ratelimit_conf;

/* BPF_F_MMAPABLE: then values start on a page, so that a set is in one cache line. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RATELIMIT_SETS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* hash of the source */
	__type(value, struct ratelimit_set);
} buckets4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, RATELIMIT_SETS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* hash of the source */
	__type(value, struct ratelimit_set);
} buckets6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1);
	__type(key, __u32); /* RATELIMIT_RULE */
	__type(value, struct chain_rule);
} rules SEC(".maps");

static __always_inline __u64 clock(void)
{
	if (ratelimit_conf.tick)
		return bpf_jiffies64() * ratelimit_conf.tick;
	return bpf_ktime_get_ns() * RATELIMIT_UNIT;
}

/* Units until @b is full. What is deeper than this limit allows was left by another one. */
static __always_inline __s64 debt(__u64 full, __u64 now)
{
	__s64 d = full - now;

	if (d < 0 || d > (__s64)(ratelimit_conf.depth + ratelimit_conf.cost) + RATELIMIT_SLACK)
		return 0;
	return d;
}

/* Take a packet out of the bucket. 1: it was in. */
static __always_inline int take(struct ratelimit_bucket *b, __u64 now)
{
	for (int i = 0; i < RATELIMIT_TRIES; i++) {
		__u64 full = *(volatile __u64 *)&b->full, d = debt(full, now);

		if (d > ratelimit_conf.depth)
			return 0;
		if (__sync_val_compare_and_swap(&b->full, full, now + d + ratelimit_conf.cost) ==
		    full)
			return 1;
	}
	/* Every CPU is at it: pass, but charge it, so that the rate still holds. */
	__sync_fetch_and_add(&b->full, ratelimit_conf.cost);
	return 1;
}

/* Give a bucket of the set to the source: the fullest. */
static __always_inline struct ratelimit_bucket *claim(struct ratelimit_set *s, __u64 source,
						      __u64 now)
{
	struct ratelimit_bucket *b = &s->ways[0];
	__s64 least = debt(b->full, now), d;
	__u64 old;

	for (int i = 1; i < RATELIMIT_WAYS; i++) {
		d = debt(s->ways[i].full, now);
		if (d < least) {
			least = d;
			b = &s->ways[i];
		}
	}
	old = b->source;
	if (__sync_val_compare_and_swap(&b->source, old, source) != old)
		return 0;
	if (least)
		b->full = now;
	return b;
}

static __always_inline stage_act police(void *buckets, __u64 source)
{
	__u32 index = source * ratelimit_conf.secret >> ratelimit_conf.shift;
	struct ratelimit_set *s = bpf_map_lookup_elem(buckets, &index);
	struct ratelimit_bucket *b = 0;
	__u64 now = clock();

	if (!s)
		return NEXT;
	for (int i = 0; i < RATELIMIT_WAYS; i++)
		if (s->ways[i].source == source) {
			b = &s->ways[i];
			break;
		}
	if (!b)
		b = claim(s, source, now);
	if (!b) /* another CPU took that bucket, this moment */
		return NEXT;
	return take(b, now) ? NEXT : DROP_RULE(RATELIMIT_RATE, RATELIMIT_RULE);
}

STAGE(ratelimit)
{
	__u64 hi, lo;

	if (!ratelimit_conf.rate_pps || !pkt->l3)
		return NEXT;
	if (pkt->proto == pkt_be16(PKT_ETH_IP4))
		return police(&buckets4, pkt->saddr[0] & ratelimit_conf.mask4);
	hi = (__u64)(pkt->saddr[0] & ratelimit_conf.mask6[0]) << 32 |
	     (pkt->saddr[1] & ratelimit_conf.mask6[1]);
	lo = (__u64)(pkt->saddr[2] & ratelimit_conf.mask6[2]) << 32 |
	     (pkt->saddr[3] & ratelimit_conf.mask6[3]);
	return police(&buckets6, hi + lo * ratelimit_conf.secret);
}
