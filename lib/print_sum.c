// SPDX-License-Identifier: GPL-2.0
/* lib/print_sum.c - the internet checksum (RFC 1071), as -v shows it. */
#include <netinet/in.h>

#include "lib/print_int.h"

/* Big-endian words, an odd byte padded with zero; 64 bits hold the carries of any packet. */
static __u64 sum_bytes(__u64 sum, const __u8 *b, __u32 len)
{
	for (; len > 1; len -= 2, b += 2)
		sum += (__u32)(b[0] << 8 | b[1]);
	return len ? sum + ((__u32)b[0] << 8) : sum;
}

static __u16 fold(__u64 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

__u16 print_sum(const struct print *p, __u32 off, __u32 len)
{
	return print_has(p, off, len) ? (__u16)~fold(sum_bytes(0, p->data + off, len)) : 0;
}

__u16 print_sum_should_be(__u16 sum, __u16 computed)
{
	return fold((__u64)sum + computed);
}

/* The destination of a source-routed IPv4 packet is the last address of its route. */
static __u32 ip4_final(struct print *p, __u32 ip)
{
	__u32 off = ip + 20, end = ip + (print_get8(p, ip) & 15) * 4;

	while (off < end && print_has(p, off, 2)) {
		__u8 type = print_get8(p, off), len = type == 1 ? 1 : print_get8(p, off + 1);

		if (!type || !len || (type != 1 && len < 2) || len > end - off ||
		    !print_has(p, off, len))
			break;
		if ((type == 131 || type == 137) && len >= 7)
			return off + len - 4;
		off += len;
	}
	return ip + 16;
}

/* The last hop of a routing header at @off, or @dst if it has none that counts. */
static __u32 routing_final(const struct print *p, __u32 off, __u32 dst)
{
	__u8 len, type;

	if (!print_has(p, off, 8))
		return dst;
	len = p->data[off + 1];
	type = p->data[off + 2];
	if (len % 2 || (type != 0 && type != 2 && type != 4))
		return dst;
	/* Segments (type 4) stand in reverse order. */
	if (type == 4)
		return print_has(p, off + 8, 16) ? off + 8 : dst;
	for (__u32 i = 0; i < len / 2U && print_has(p, off + 8 + i * 16, 16); i++)
		dst = off + 8 + i * 16;
	return dst;
}

/* The destination of an IPv6 packet is the last one of its routing header. */
static __u32 ip6_final(const struct print *p, __u32 ip)
{
	__u32 off = ip + 40;
	__u8 nh = p->data[ip + 6];

	while (print_has(p, off, 2)) {
		switch (nh) {
		case IPPROTO_ROUTING:
			return routing_final(p, off, ip + 24);
		case IPPROTO_FRAGMENT:
			nh = p->data[off];
			off += 8;
			break;
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
		case 62:
		case 135:
			nh = p->data[off];
			off += (p->data[off + 1] + 1U) * 8;
			break;
		default:
			return ip + 24;
		}
	}
	return ip + 24;
}

__u16 print_sum_ip(struct print *p, const struct print_ip *ip, __u8 proto, __u32 off, __u32 len)
{
	__u64 sum = proto + (len >> 16) + (len & 0xffff);

	if (!print_has(p, off, len))
		return 0;
	if (ip->ver == 4) {
		sum = sum_bytes(sum, p->data + ip->off + 12, 4);
		sum = sum_bytes(sum, p->data + ip4_final(p, ip->off), 4);
	} else {
		sum = sum_bytes(sum, p->data + ip->off + 8, 16);
		sum = sum_bytes(sum, p->data + ip6_final(p, ip->off), 16);
	}
	return (__u16)~fold(sum_bytes(sum, p->data + off, len));
}
