/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/malformed.h - what the policer `malformed` drops: packets that no sender makes who means
 * well. Each reason is a parameter of the same name; the defaults drop only what the receiver's
 * own stack would drop too, or what no stack sends.
 */
#ifndef XDPCHAIN_MALFORMED_H
#define XDPCHAIN_MALFORMED_H

#include <linux/types.h>

enum malformed_reason {
	MALFORMED_TRUNCATED = 1,  /* ends inside a header; not a fragment */
	MALFORMED_IP_HEADER,	  /* version, or IHL below 5 (RFC 791 3.1) */
	MALFORMED_IP_LENGTH,	  /* longer than the frame, or shorter than its header */
	MALFORMED_IP_CHECKSUM,	  /* of the IPv4 header; RFC 1122 3.2.1.2: discard */
	MALFORMED_TTL_ZERO,	  /* IPv4; RFC 791 3.1: must be destroyed */
	MALFORMED_HOP_LIMIT_ZERO, /* IPv6; RFC 8200 3 lets the receiver take it: off */
	MALFORMED_LAND,		  /* source is destination */
	MALFORMED_SOURCE,	  /* an address that sends nothing from where we are */
	MALFORMED_TCP_OFFSET,	  /* data offset below 5 (RFC 9293 3.1) */
	MALFORMED_TCP_NULL,	  /* no flag at all */
	MALFORMED_TCP_XMAS,	  /* FIN, PSH, URG and no ACK, or all flags at once */
	MALFORMED_TCP_SYN_FIN,
	MALFORMED_TCP_SYN_RST,
	MALFORMED_TCP_NO_ACK, /* neither SYN nor RST nor ACK: RFC 9293 3.10.7.4: drop */
	MALFORMED_TCP_RST_FIN,
	MALFORMED_UDP_LENGTH,	   /* below 8, or beyond the datagram */
	MALFORMED_ZERO_PORT,	   /* TCP: either; UDP: destination (RFC 6335 6: reserved) */
	MALFORMED_UDP_SOURCE_ZERO, /* RFC 768: "no reply is wanted", so legal: off */
	MALFORMED_REASONS,
};

/* The .rodata variable `malformed_conf`. */
struct malformed_conf {
	__u64 cover4[4], cover6[4]; /* bit by the first byte of the source: ask the trie */
	__u32 drops;		    /* bit by enum malformed_reason */
	__u8 tcp[64];		    /* reason by the flags URG ACK PSH RST SYN FIN; 0: fine */
	__u32 pad;
};
_Static_assert(sizeof(struct malformed_conf) == 136, "malformed_conf");

/* Values of the tries `sources4` and `sources6`; the longest prefix says. */
enum malformed_source { MALFORMED_SOURCE_FINE, MALFORMED_SOURCE_BAD };

#endif
