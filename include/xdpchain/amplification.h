/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/amplification.h - what the policer `amplification` takes for reflected: UDP from the
 * port of a service that answers much to little, in answers longer than it has for those who asked.
 */
#ifndef XDPCHAIN_AMPLIFICATION_H
#define XDPCHAIN_AMPLIFICATION_H

#include <linux/types.h>

#define AMPLIFICATION_PORTS 65536
#define AMPLIFICATION_RULES 1024

/* The .rodata variable `amplification_conf`. */
struct amplification_conf {
	__u64 ports[AMPLIFICATION_PORTS / 64]; /* bit by source port: ask `services` */
};
_Static_assert(sizeof(struct amplification_conf) == 8192, "amplification_conf");

enum amplification_flag {
	AMPLIFICATION_LAN = 1 << 0, /* of the local network: from private sources it is asked for */
};

/* An entry of the array `services`, by source port. The rule id is the port. */
struct amplification_service {
	__be32 head, mask; /* the first bytes of the payload are head where mask has ones */
	__u32 above;	   /* bytes of UDP payload; more is reflection */
	__u32 flags;	   /* enum amplification_flag */
	__u32 place;	   /* of its counter in `hits`; the hash `places` says the same to people */
};
_Static_assert(sizeof(struct amplification_service) == 20, "amplification_service");

#endif
