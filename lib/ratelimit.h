/* SPDX-License-Identifier: GPL-2.0 */
/* lib/ratelimit.h - the limit of a ratelimit stage. */
#ifndef LIB_RATELIMIT_H
#define LIB_RATELIMIT_H

#include "lib/chain.h"
#include "lib/stage.h"
#include "xdpchain/policer.h"

#define RATELIMIT_NAME	    "ratelimit"
#define RATELIMIT_RATE_MAX  100000000 /* packets per second: 10 ns each, below what a CPU takes */
#define RATELIMIT_BYTES_MAX 50000000000ULL /* bytes per second: 400 Gbit/s */
#define RATELIMIT_BURST_SEC 3600	   /* a burst is at most what comes in this time, seconds */
#define RATELIMIT_TEXT	    96 /* bytes, with the NUL, that any limit in words fits in */

struct ratelimit {
	__u64 rate;  /* packets or bytes per second of whom it holds; 0: no limit */
	__u64 burst; /* packets or bytes at once; 0: ratelimit_burst() */
	__u32 len4;  /* bits of the address that count, 0 to 32 */
	__u32 len6;  /* 0 to 128 */
	__u32 unit;  /* enum ratelimit_unit */
	__u32 by;    /* enum ratelimit_by */
};

/** ratelimit_rate - read RATE[k|M][/s], packets per second. 0; -EINVAL; -ERANGE. */
int ratelimit_rate(const char *text, __u32 *rate_pps, struct fail *f);

/**
 * ratelimit_parse - read into r->rate and r->unit what ratelimit_rate() reads, or
 * RATE[k|M|G]bit/s, or RATE[k|M|G]B/s. Without one of these, r->unit says what RATE is of.
 * Return: as ratelimit_rate().
 */
int ratelimit_parse(const char *text, struct ratelimit *r, struct fail *f);

/** ratelimit_by - "source", "destination", "all". 0; -EINVAL. */
int ratelimit_by(const char *text, __u32 *by, struct fail *f);

/** ratelimit_by_name - the other way round. */
const char *ratelimit_by_name(__u32 by);

/**
 * ratelimit_burst - the burst unless told: a tenth of a second, but at least 10 packets, or 65,535
 * bytes.
 */
__u64 ratelimit_burst(const struct ratelimit *r);

/** ratelimit_text - the limit in words: "1000/s, burst 100, per IPv4 /32 and IPv6 /64". */
char *ratelimit_text(const struct ratelimit *r, char buf[RATELIMIT_TEXT]);

/** ratelimit_check - are all fields in their range. 0; -ERANGE. */
int ratelimit_check(const struct ratelimit *r, struct fail *f);

/* A limit on its way into a stage. */
struct ratelimit_stage {
	struct ratelimit_conf conf;
	__u32 sources;	      /* that have a bucket at once, of a family */
	const char *fresh[3]; /* of struct stage_spec */
};

/**
 * ratelimit_spec - fill the hooks of @spec, for the limit @r that ratelimit_check() liked.
 * @s: lives as long as @spec
 */
void ratelimit_spec(struct stage_spec *spec, struct ratelimit_stage *s, const struct ratelimit *r,
		    __u32 sources);

#define RATELIMIT_SOURCES 262144 /* unless told */

/**
 * ratelimit_load - put a ratelimit stage with limit @r into @slot. The buckets of one that is
 * there are kept, and go on under the new limit, if it counts the same of the same.
 * Return: as stage_load(); -ERANGE a field of @r is out of its range.
 */
int ratelimit_load(struct chain *c, __u32 slot, const struct ratelimit *r, struct fail *f);

/** ratelimit_get - the limit of the stage in @slot. 0; -ENOENT no ratelimit there. */
int ratelimit_get(const struct chain *c, __u32 slot, struct ratelimit *r);

#endif
