/* SPDX-License-Identifier: GPL-2.0 */
/* datagram.h - UDP datagrams with a payload, for tests: frame.h has none that are long. */
#ifndef TESTS_DATAGRAM_H
#define TESTS_DATAGRAM_H

#include <linux/types.h>

#define DATAGRAM_MAX 2048 /* bytes of a frame */

/* The payload is @head and zeros up to @size bytes. */
struct datagram {
	const char *src, *dst; /* addresses in text, both of one family */
	__u16 sport, dport;
	const void *head;
	__u32 head_size, size;
	int frag; /* as in struct frame */
};

/** datagram_make - write the frame. Its length. */
__u32 datagram_make(unsigned char buf[DATAGRAM_MAX], const struct datagram *d);

#endif
