/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/meter.h - how fast something comes: sets of meters, as the guards among the policers
 * keep them in arrays.
 *
 * A meter is a point in time (the generic cell rate algorithm, ITU-T I.371): the one at which all
 * that came will have drained at the rate that is allowed. Units are 1/256 ns; they wrap, and only
 * differences count. Bit 0 of it is the state: 1 while the rate is too high.
 */
#ifndef XDPCHAIN_METER_H
#define XDPCHAIN_METER_H

#include <linux/types.h>

#define METER_UNIT 256 /* units a ns */
#define METER_WAYS 4
#define METER_OVER 1ULL

struct meter {
	__u64 key;  /* a hash of what is measured; 0: free */
	__u64 full; /* units, and METER_OVER */
};

/* A cache line. Of a set whose meters are all in use, the one with the smallest debt goes. */
struct meter_set {
	struct meter ways[METER_WAYS];
};
_Static_assert(sizeof(struct meter_set) == 64, "meter_set");

/*
 * The meter is over when a second's packets at the rate `begin` have come on top of that rate, and
 * under again when it is empty, where it empties at the rate `end`. So what goes up and down around
 * one rate does not switch.
 */
struct meter_conf {
	__u64 cost;	 /* of a packet while under: 1 s / begin; 0: nothing is measured */
	__u64 cost_over; /* and while over: 1 s / end */
	__u64 depth;	 /* 1 s */
	__u64 tick;	 /* units a jiffy, which is the clock */
};
_Static_assert(sizeof(struct meter_conf) == 32, "meter_conf");

/* The one value of the array `secret`: of the hashes, so that nobody can aim at a set. It goes on
 * with the maps that are found by it. */
struct meter_secret {
	__u64 value; /* odd; 0: not set yet */
};

#endif
