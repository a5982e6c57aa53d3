/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/synflood.h - maps and configuration of the policer `synflood`.
 *
 * Times are of the jiffies clock, in SYNFLOOD_TICKs of 2^26 ns (67 ms), so that they fit; they
 * wrap, and only differences count.
 */
#ifndef XDPCHAIN_SYNFLOOD_H
#define XDPCHAIN_SYNFLOOD_H

#include <linux/types.h>

#include "xdpchain/meter.h"

#define SYNFLOOD_SHIFT	 26		       /* ns to ticks */
#define SYNFLOOD_TICKS	 15		       /* a second, about */
#define SYNFLOOD_WAKE	 (30 * SYNFLOOD_TICKS) /* one SYN in that time goes to the listener */
#define SYNFLOOD_TARGETS 16384		       /* sets: 65,536 destinations */
#define SYNFLOOD_KNOWN	 65536		       /* sets: 262,144 sources */
#define SYNFLOOD_SEEN	 262144		       /* sets: 3,932,160 first SYNs, 16 MiB */
#define SYNFLOOD_WAYS	 15

/*
 * First SYNs that were dropped, in a cache line, first in, first out: a cell is 20 bits of the hash
 * of addresses, ports and sequence number, above 12 bits of the time. At 1 M/s one is kept for 4 s,
 * and clients try again after 1 s (RFC 6298 2.1).
 */
struct synflood_seen {
	__u32 next; /* cell to be written, below SYNFLOOD_WAYS */
	__u32 cells[SYNFLOOD_WAYS];
};
_Static_assert(sizeof(struct synflood_seen) == 64, "synflood_seen");

#define SYNFLOOD_TIME_MASK 0xfffu

/* The .rodata variable `synflood_conf`. */
struct synflood_conf {
	struct meter_conf meter;	      /* of SYNs to a destination */
	__u64 tick_ns;			      /* a jiffy */
	__be32 mask4, mask6[4];		      /* what of the destination is a destination */
	__u32 retry_min, retry_max, remember; /* ticks */
	__u32 has_local;		      /* 0: no address is ours: no cookies */
	__u16 mss4, mss6;		      /* of our SYN-ACK */
};
_Static_assert(sizeof(struct synflood_conf) == 80, "synflood_conf");

#endif
