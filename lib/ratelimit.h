/* SPDX-License-Identifier: GPL-2.0 */
/* lib/ratelimit.h - the limit of a ratelimit stage. */
#ifndef LIB_RATELIMIT_H
#define LIB_RATELIMIT_H

#include "lib/chain.h"
#include "xdpchain/policer.h"

#define RATELIMIT_NAME	    "ratelimit"
#define RATELIMIT_RATE_MAX  100000000 /* packets per second: 10 ns each, below what a CPU takes */
#define RATELIMIT_BURST_SEC 3600      /* a burst is at most what comes in this time, seconds */

struct ratelimit {
	__u32 rate_pps; /* packets per second of a source; 0: no limit */
	__u32 burst;	/* packets at once; 0: ratelimit_burst() */
	__u32 len4;	/* bits of the address that make a source, 0 to 32 */
	__u32 len6;	/* 0 to 128 */
};

/** ratelimit_rate - read RATE[k|M][/s], packets per second. 0; -EINVAL; -ERANGE. */
int ratelimit_rate(const char *text, __u32 *rate_pps, struct fail *f);

/** ratelimit_burst - the burst unless told: a tenth of a second's packets, but at least 10. */
__u32 ratelimit_burst(__u32 rate_pps);

/** ratelimit_check - are all fields in their range. 0; -ERANGE. */
int ratelimit_check(const struct ratelimit *r, struct fail *f);

/**
 * ratelimit_load - put a ratelimit stage with limit @r into @slot. The buckets of one that is
 * there are kept, and go on under the new limit.
 * Return: as stage_load(); -ERANGE a field of @r is out of its range.
 */
int ratelimit_load(struct chain *c, __u32 slot, const struct ratelimit *r, struct fail *f);

/** ratelimit_get - the limit of the stage in @slot. 0; -ENOENT no ratelimit there. */
int ratelimit_get(const struct chain *c, __u32 slot, struct ratelimit *r);

#endif
