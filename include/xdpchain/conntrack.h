/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/conntrack.h - maps and configuration of the policer `conntrack`: which flows came over
 * time while nothing was wrong, so that they go on when something is.
 *
 * A flow is addresses, protocol and, where they are known, ports, of packets that come in: nothing
 * else is seen here. Its first packet makes it a candidate; one that comes `learn` later makes it
 * known. In a set a candidate gives way to a new one, the one that was idle longest first; one that
 * is known gives way only when it was idle for `timeout`. So no flood pushes out what is known.
 */
#ifndef XDPCHAIN_CONNTRACK_H
#define XDPCHAIN_CONNTRACK_H

#include <linux/types.h>

#include "xdpchain/meter.h"

#define CONNTRACK_WAYS	  4
#define CONNTRACK_FLOWS	  1048576 /* 16 MiB */
#define CONNTRACK_TARGETS 16384	  /* sets: 65,536 destinations */
#define CONNTRACK_SHIFT	  26	  /* ns to ticks of 67 ms */
#define CONNTRACK_SECOND  15	  /* ticks */

enum conntrack_state { CONNTRACK_CANDIDATE, CONNTRACK_OPENED, CONNTRACK_KNOWN };
#define CONNTRACK_STATE 3ULL

struct conntrack_flow {
	__u64 key;   /* hash of the flow, and in bits 0 and 1 its state; 0: free */
	__u32 since; /* ticks, when its first packet came */
	__u32 last;  /* ticks, when its last packet came, to about a second */
};

struct conntrack_set {
	struct conntrack_flow ways[CONNTRACK_WAYS];
};
_Static_assert(sizeof(struct conntrack_set) == 64, "conntrack_set");

/* The .rodata variable `conntrack_conf`. */
struct conntrack_conf {
	struct meter_conf meter;    /* of packets to a destination that are of no known flow */
	__u64 tick_ns;		    /* a jiffy */
	__be32 mask4, mask6[4];	    /* what of the destination is a destination */
	__u32 learn, timeout, open; /* ticks */
	__u32 sets;		    /* of flows, a power of two */
	__u32 syn;		    /* 1: a SYN opens a flow, in a flood too */
	__u32 pad;
};
_Static_assert(sizeof(struct conntrack_conf) == 88, "conntrack_conf");

#endif
