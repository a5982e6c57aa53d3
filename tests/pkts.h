/* SPDX-License-Identifier: GPL-2.0 */
/*
 * pkts.h - frames of every kind that xdpchain/pkt.h knows, and what it makes of them. One table
 * for the parser in user space and for the same parser in the kernel.
 */
#ifndef TESTS_PKTS_H
#define TESTS_PKTS_H

#include <stddef.h>

#include "xdpchain/pkt.h"

#define PKTS_MAX 512 /* bytes of a frame */

struct pkts_case {
	const char *name;
	const char *hex;
	struct pkt want; /* all but len, which is that of the frame */
};
extern const struct pkts_case pkts_cases[];
extern const size_t pkts_count;

/** pkts_bytes - write the frame of @c. Its length in bytes. */
__u32 pkts_bytes(const struct pkts_case *c, unsigned char buf[PKTS_MAX]);

/** pkts_find - the case called @name, which must be there. */
const struct pkts_case *pkts_find(const char *name);

/**
 * pkts_parse - pkt_parse() in user space.
 * @len:    bytes of the whole frame
 * @linear: bytes of it that are in the first buffer; they are copied to memory of just that
 *	    size, so that the address sanitizer sees a byte read beyond
 */
void pkts_parse(const void *data, __u32 len, __u32 linear, struct pkt *p);

/**
 * pkts_common - pkt_common() in user space, as pkts_parse().
 * Return: 1 when it took the packet and says what pkt_parse() does; 0 when it did not take it, and
 * touched nothing; -1 when neither is so.
 */
int pkts_common(const void *data, __u32 len, __u32 linear);

/**
 * pkts_insane - what is wrong with a result of the parser, whatever it was given.
 * Return: the rule that it breaks, or NULL.
 */
const char *pkts_insane(const struct pkt *p, __u32 linear);

#endif
