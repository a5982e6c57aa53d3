/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/fragments.h - maps and configuration of the policer `fragments`.
 *
 * A datagram whose fragments are on their way has a head, in sets of four, and in the array `units`
 * a bit for each 8 bytes of it that came. It is given up when all of it came, or after `window`.
 */
#ifndef XDPCHAIN_FRAGMENTS_H
#define XDPCHAIN_FRAGMENTS_H

#include <linux/types.h>

#include "xdpchain/meter.h"

#define FRAGMENTS_SETS	2048
#define FRAGMENTS_WAYS	4
#define FRAGMENTS_WORDS 128   /* 8,192 units: 64 KiB */
#define FRAGMENTS_RATES 16384 /* sets: 65,536 sources, as many destinations */
#define FRAGMENTS_SHIFT 20    /* ns to ticks of 1.05 ms */

struct fragments_head {
	__u64 key;   /* hash of addresses, id and protocol; 0: free */
	__u32 since; /* ticks, when its first fragment came */
	__u32 have;  /* units that came */
	__u32 total; /* units that it has; 0: the last fragment has not come */
	__u32 bad;   /* 1: some of it came twice, and differently: no more of it passes */
};

struct fragments_set {
	struct fragments_head ways[FRAGMENTS_WAYS];
};
_Static_assert(sizeof(struct fragments_set) == 96, "fragments_set");

struct fragments_units {
	__u64 words[FRAGMENTS_WORDS];
};
_Static_assert(sizeof(struct fragments_units) == 1024, "fragments_units");

enum fragments_drop { FRAGMENTS_DROP_BAD, FRAGMENTS_DROP_ALL };

/* The .rodata variable `fragments_conf`. */
struct fragments_conf {
	struct meter_conf source, destination; /* cost 0: no limit */
	__u64 tick_ns;			       /* a jiffy */
	__be32 mask4, mask6[4];		       /* what of the source is a source */
	__u32 drop;			       /* enum fragments_drop */
	__u32 min;     /* bytes: a fragment that is not the last brings at least so many */
	__u32 window;  /* ticks */
	__u32 overlap; /* 1: look for overlaps */
	__u32 pad;
};
_Static_assert(sizeof(struct fragments_conf) == 112, "fragments_conf");

#endif
