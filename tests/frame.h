/* SPDX-License-Identifier: GPL-2.0 */
/* frame.h - make frames for tests: Ethernet, VLAN tags, IPv4 or IPv6, a transport. */
#ifndef TESTS_FRAME_H
#define TESTS_FRAME_H

#include <linux/types.h>

#define FRAME_MAX 256 /* bytes */

struct frame {
	const char *src, *dst; /* addresses in text, both of one family */
	int proto;	       /* IPPROTO_TCP, _UDP, _ICMP, _ICMPV6, or another without a header */
	int tags;	       /* VLAN tags, 0 to 2 */
	int options; /* bytes of IPv4 options (of 4), of an IPv6 hop-by-hop header (of 8) */
	int frag;    /* fragment offset in bytes (of 8); -1: the first of several; 0: whole */
	__u16 sport, dport;
	__u8 tcp_flags;
	int payload; /* bytes */
};

/** frame_make - write the frame. @l3: if not NULL, set to where the IP header is. Its length. */
__u32 frame_make(unsigned char buf[FRAME_MAX], const struct frame *f, __u32 *l3);

/** frame_sum - the one's complement sum of bytes and @sum; 0xffff: a checksum in them holds. */
__u32 frame_sum(const unsigned char *p, __u32 len, __u32 sum);

/** frame_fix4 - make the checksum of an IPv4 header right. */
void frame_fix4(unsigned char *ip);

/** frame_fix_l4 - that of the TCP, UDP, ICMP or ICMPv6 segment of @len bytes at @ip + @at. */
void frame_fix_l4(unsigned char *ip, __u32 at, __u32 len, int proto);

#endif
