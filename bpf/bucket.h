/* SPDX-License-Identifier: GPL-2.0 */
/*
 * bucket.h - a token bucket that CPUs share, kept as the moment at which it will be full: the
 * generic cell rate algorithm. It is written only for packets that pass.
 */
#ifndef BUCKET_BPF_H
#define BUCKET_BPF_H

#include "xdpchain/stage.bpf.h"

#define BUCKET_TRIES 8

/* Until it is full. What is deeper than the limit allows was left by another limit. */
static __always_inline __s64 bucket_debt(__u64 full, __u64 now, __u64 deepest)
{
	__s64 debt = full - now;

	return debt < 0 || debt > (__s64)deepest ? 0 : debt;
}

/* Take a packet out of the bucket that is full at @full. 1: it was in; 0: the debt is over @most.
 */
static __always_inline int bucket_take(__u64 *full, __u64 now, __u64 cost, __u64 most,
				       __u64 deepest)
{
	for (int i = 0; i < BUCKET_TRIES; i++) {
		__u64 was = *(volatile __u64 *)full, debt = bucket_debt(was, now, deepest);

		if (debt > most)
			return 0;
		if (__sync_val_compare_and_swap(full, was, now + debt + cost) == was)
			return 1;
	}
	/* Every CPU is at it: pass, but charge it, so that the rate still holds. */
	__sync_fetch_and_add(full, cost);
	return 1;
}

#endif
