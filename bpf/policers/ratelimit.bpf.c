// SPDX-License-Identifier: GPL-2.0
/*
 * ratelimit - so many packets or bytes a second from each source prefix, to each destination
 * prefix, or in all; over all CPUs together.
 *
 * A bucket is written only for packets that pass: CPUs that take a flood from one source
 * share the cache line that it is in, and move it no more often than the limit lets through.
 */
#include "bucket.h"
#include "xdpchain/policer.h"
#include "xdpchain/stage.bpf.h"

#define RATELIMIT_SETS 65536 /* 262,144 sources of a family at once */

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

/* Units that the packet costs. */
static __always_inline __u64 price(__u32 bytes)
{
	if (ratelimit_conf.unit == RATELIMIT_BYTES)
		return (bytes < 65535 ? bytes : 65535ULL) * ratelimit_conf.cost >>
		       ratelimit_conf.byte_shift;
	return ratelimit_conf.cost;
}

/* Debt up to which it passes. What is larger than a burst passes a full bucket. */
static __always_inline __u64 allowed(__u64 cost)
{
	if (ratelimit_conf.unit == RATELIMIT_BYTES)
		return cost < ratelimit_conf.depth ? ratelimit_conf.depth - cost : 0;
	return ratelimit_conf.depth;
}

/* Give a bucket of the set to the source: the fullest. */
static __always_inline struct ratelimit_bucket *claim(struct ratelimit_set *s, __u64 source,
						      __u64 now)
{
	struct ratelimit_bucket *b = &s->ways[0];
	__s64 least = bucket_debt(b->full, now, ratelimit_conf.deepest), d;
	__u64 old;

	for (int i = 1; i < RATELIMIT_WAYS; i++) {
		d = bucket_debt(s->ways[i].full, now, ratelimit_conf.deepest);
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

static __always_inline stage_act police(void *buckets, __u64 source, __u32 bytes)
{
	__u32 index = source * ratelimit_conf.secret >> ratelimit_conf.shift;
	struct ratelimit_set *s = bpf_map_lookup_elem(buckets, &index);
	struct ratelimit_bucket *b = 0;
	__u64 now = clock(), cost;

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
	cost = price(bytes);
	return bucket_take(&b->full, now, cost, allowed(cost), ratelimit_conf.deepest)
		       ? NEXT
		       : DROP_RULE(RATELIMIT_RATE, RATELIMIT_RULE);
}

static __always_inline stage_act police_address(const struct pkt *pkt, const __be32 *addr)
{
	__u64 hi, lo;

	if (pkt->proto == pkt_be16(PKT_ETH_IP4))
		return police(&buckets4, addr[0] & ratelimit_conf.mask4, pkt->len);
	hi = (__u64)(addr[0] & ratelimit_conf.mask6[0]) << 32 | (addr[1] & ratelimit_conf.mask6[1]);
	lo = (__u64)(addr[2] & ratelimit_conf.mask6[2]) << 32 | (addr[3] & ratelimit_conf.mask6[3]);
	return police(&buckets6, hi + lo * ratelimit_conf.secret, pkt->len);
}

STAGE(ratelimit)
{
	if (!ratelimit_conf.rate || !pkt->l3)
		return NEXT;
	if (ratelimit_conf.by == RATELIMIT_ALL)
		return police(&buckets4, 0, pkt->len);
	if (ratelimit_conf.by == RATELIMIT_DESTINATION)
		return police_address(pkt, pkt->daddr);
	return police_address(pkt, pkt->saddr);
}
