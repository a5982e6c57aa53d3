// SPDX-License-Identifier: GPL-2.0
/* lib/print_udp.c - the UDP header (RFC 768). */
#include "lib/print_int.h"

#define HDR   8
#define PROTO 17
#define VXLAN 4789

static void put_sum(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	__u16 field = print_get16(p, off + 6), sum;

	/* tcpdump shows that of IPv4 from -vv on, and that of IPv6 with one -v. */
	if (p->o.verbose < (ip->ver == 4 ? 2 : 1) || ip->frag)
		return;
	if (ip->ver == 4 && !field) {
		put_str(p, "[no cksum] ");
		return;
	}
	if (!print_has(p, off, len + HDR))
		return;
	sum = print_sum_ip(p, ip, PROTO, off, len + HDR);
	if (!sum) {
		put_str(p, "[udp sum ok] ");
		return;
	}
	put_str(p, "[bad udp cksum 0x");
	put_hex_pad(p, field, 4);
	put_str(p, " -> 0x");
	put_hex_pad(p, print_sum_should_be(field, sum), 4);
	put_str(p, "!] ");
}

void print_udp(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	__u32 ulen;
	__u16 sport, dport;

	p->proto = "udp";
	if (!print_has(p, off, 4)) {
		if (ip->proto == PROTO)
			print_addrs(p, ip);
		print_trunc(p);
		return;
	}
	sport = print_get16(p, off);
	dport = print_get16(p, off + 2);
	print_addrs_ports(p, ip, PROTO, sport, dport);
	if (len < HDR) {
		put_num(p, "truncated-udp ", len, "");
		return;
	}
	if (!print_has(p, off, 6)) {
		print_trunc(p);
		return;
	}
	ulen = print_get16(p, off + 4);
	if (!ulen && len > 65535)
		ulen = len; /* RFC 2675: a jumbogram */
	if (ulen < HDR) {
		put_num(p, "truncated-udplength ", ulen, "");
		return;
	}
	if (!print_has(p, off, HDR)) {
		print_trunc(p);
		return;
	}
	ulen -= HDR;
	len -= HDR;
	if (ulen < len)
		len = ulen;
	put_sum(p, ip, off, len);
	if ((sport == VXLAN || dport == VXLAN) && !(p->o.flags & PRINT_QUIET)) {
		print_vxlan(p, off + HDR, len);
		return;
	}
	print_upper(p);
	if (ulen > len && !ip->frag) {
		put_num(p, "UDP, bad length ", ulen, " > ");
		put_u32(p, len);
	} else {
		put_num(p, "UDP, length ", ulen, "");
	}
}
