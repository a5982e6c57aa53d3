/* SPDX-License-Identifier: GPL-2.0 */
/* meter.h - hashes with a secret, and the meters of xdpchain/meter.h. */
#ifndef METER_BPF_H
#define METER_BPF_H

#include "xdpchain/meter.h"
#include "xdpchain/stage.bpf.h"

#define METER_TRIES 4
#define METER_SLACK (125000000LL * METER_UNIT) /* clocks of two CPUs, and a tick */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, struct meter_secret);
} secret SEC(".maps");

static __always_inline __u64 meter_secret(void)
{
	__u32 zero = 0;
	struct meter_secret *s = bpf_map_lookup_elem(&secret, &zero);

	return s ? s->value : 0;
}

/*
 * 0x9e37...: a prime near 2^64 / the golden ratio. A product carries low bits up, the folds bring
 * high ones down, so that a bit anywhere changes those that an index is made of.
 */
static __always_inline __u64 meter_mix(__u64 hash, __u64 value)
{
	hash ^= value;
	hash = (hash ^ hash >> 32) * 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 29;
}

static __always_inline __u64 meter_mix_addr(__u64 hash, const struct pkt *pkt, const __be32 *addr)
{
	if (pkt->proto == pkt_be16(PKT_ETH_IP6)) {
		hash = meter_mix(hash, (__u64)addr[2] << 32 | addr[3]);
		return meter_mix(hash, (__u64)addr[0] << 32 | addr[1]);
	}
	return meter_mix(hash, addr[0]);
}

/* Which of @sets (a power of two) sets the hash belongs to. */
static __always_inline __u32 meter_index(__u64 hash, __u32 sets)
{
	return hash >> 32 & (sets - 1);
}

static __always_inline __u64 meter_now(const volatile struct meter_conf *conf)
{
	return bpf_jiffies64() * conf->tick & ~METER_OVER;
}

/* Units until all has drained. What is deeper than the conf allows was left by another one. */
static __always_inline __s64 meter_debt(const volatile struct meter_conf *conf, __u64 full,
					__u64 now)
{
	__s64 debt = (full & ~METER_OVER) - now;

	return debt < 0 || debt > (__s64)conf->depth + METER_SLACK ? 0 : debt;
}

/* The meter of @key in the set, or one that is given to it; NULL: another CPU took that one. */
static __always_inline struct meter *meter_find(const volatile struct meter_conf *conf,
						struct meter_set *set, __u64 key, __u64 now)
{
	struct meter *least = &set->ways[0];
	__s64 debt = meter_debt(conf, least->full, now), d;
	__u64 old;

	for (int i = 0; i < METER_WAYS; i++)
		if (set->ways[i].key == key)
			return &set->ways[i];
	for (int i = 1; i < METER_WAYS; i++) {
		d = meter_debt(conf, set->ways[i].full, now);
		if (d < debt) {
			debt = d;
			least = &set->ways[i];
		}
	}
	old = least->key;
	if (__sync_val_compare_and_swap(&least->key, old, key) != old)
		return 0;
	least->full = now;
	return least;
}

enum meter_says { METER_FINE, METER_IS_OVER, METER_GOES_OVER };

/*
 * Count a packet, and say whether the rate is too high, or from this packet on. A meter at its
 * limit is written once a jiffy, however many CPUs count in it.
 */
static __always_inline enum meter_says meter_over(const volatile struct meter_conf *conf,
						  struct meter *m)
{
	__u64 now = meter_now(conf), full, next, over, was;
	__s64 debt;

	for (int i = 0; i < METER_TRIES; i++) {
		full = *(volatile __u64 *)&m->full;
		debt = meter_debt(conf, full, now);
		over = was = debt ? full & METER_OVER : 0;
		debt += over ? conf->cost_over : conf->cost;
		if (debt >= (__s64)conf->depth) {
			debt = conf->depth;
			over = METER_OVER;
		}
		next = ((now + debt) & ~METER_OVER) | over;
		if (next == full || __sync_val_compare_and_swap(&m->full, full, next) == full)
			return over + (over > was);
	}
	return *(volatile __u64 *)&m->full & METER_OVER;
}

/* Count a packet that is let through if the rate allows it. 0: it does not. */
static __always_inline int meter_take(const volatile struct meter_conf *conf, struct meter *m)
{
	__u64 now = meter_now(conf), full;
	__s64 debt;

	for (int i = 0; i < METER_TRIES; i++) {
		full = *(volatile __u64 *)&m->full;
		debt = meter_debt(conf, full, now) + conf->cost;
		if (debt > (__s64)conf->depth)
			return 0;
		if (__sync_val_compare_and_swap(&m->full, full, (now + debt) & ~METER_OVER) == full)
			return 1;
	}
	return 1;
}

#endif
