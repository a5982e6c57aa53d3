/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/history.h - what passed in the last minutes, in buckets of equal width: bounded memory. */
#ifndef VIEWER_HISTORY_H
#define VIEWER_HISTORY_H

#include <linux/types.h>

#define HISTORY_BUCKETS 1024 /* of at least 1 s: 17 minutes */

enum history_what { HISTORY_PACKETS, HISTORY_DROPS, HISTORY_KINDS };

struct history {
	__u64 width_ns; /* of a bucket */
	__u64 newest;	/* its number: time / width */
	__u32 filled;	/* buckets that hold something, the newest among them; 0: none yet */
	float sum[HISTORY_KINDS][HISTORY_BUCKETS]; /* by number modulo HISTORY_BUCKETS */
};

/** history_init - empty, of buckets as wide as the refresh, but at least 1 s. */
void history_init(struct history *h, __u64 width_ns);

/**
 * history_add - @v[] packets passed evenly between two times (ns): a pause is spread over its
 * buckets, and is no spike. @from_ns must not be before what was added last.
 */
void history_add(struct history *h, __u64 from_ns, __u64 to_ns, const double v[HISTORY_KINDS]);

/**
 * history_rates - packets a second in @n equal columns that end at @now_ns.
 * @span_ns: of all of them
 * @out: the oldest first; below 0 where nothing is known
 */
void history_rates(const struct history *h, enum history_what what, __u64 now_ns, __u64 span_ns,
		   int n, double *out);

#endif
