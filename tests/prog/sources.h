/* SPDX-License-Identifier: GPL-2.0 */
/* sources.h - the sources that the stage `sources` invents, and the lists that are made of them. */
#ifndef TESTS_PROG_SOURCES_H
#define TESTS_PROG_SOURCES_H

#include <linux/types.h>

#include "xdpchain/pkt.h"

enum sources_mode {
	SOURCES_LISTED, /* one of the first `count` of the list */
	SOURCES_BESIDE, /* another address in the /24, or prefix in the /48, of one of those */
	SOURCES_RANDOM, /* any: for hardly one of them is in a list of a million */
};

/* The one value of the array `how`. */
struct sources_how {
	__u32 mode, count, v6;
};

/* The @i-th of a list: different for each @i, and in no order. Knuth, TAOCP 3, 6.4. */
static inline __attribute__((always_inline)) __u32 sources_mix(__u32 i)
{
	return i * 2654435761u + 0x9e3779b9u;
}

/* IPv4: the address. IPv6: a /64. */
static inline __attribute__((always_inline)) void sources_address(__u32 x, int v6, __be32 addr[4])
{
	addr[0] = pkt_be32(v6 ? 0x20010000 | x >> 16 : x);
	addr[1] = v6 ? pkt_be32(x << 16 | 0x1234) : 0;
	addr[2] = addr[3] = 0;
}

#endif
