// SPDX-License-Identifier: GPL-2.0
/* lib/print_ip6.c - the IPv6 header and the chain of its extension headers (RFC 8200). */
#include "lib/print_int.h"

#define HDR 40

static void put_verbose(struct print *p, __u32 off, __u8 nh, __u32 payload)
{
	__u32 flow = print_get32(p, off);
	const char *name = print_tok(print_ipprotos, nh);

	put_char(p, '(');
	if (flow & 0x0ff00000) {
		put_str(p, "class 0x");
		put_hex_pad(p, (flow & 0x0ff00000) >> 20, 2);
		put_str(p, ", ");
	}
	if (flow & 0x000fffff) {
		put_str(p, "flowlabel 0x");
		put_hex_pad(p, flow & 0x000fffff, 5);
		put_str(p, ", ");
	}
	put_num(p, "hlim ", print_get8(p, off + 7), ", next-header ");
	put_str(p, name ? name : "unknown");
	put_num(p, " (", nh, ") payload length: ");
	put_u32(p, payload);
	put_str(p, ") ");
}

void print_ip6(struct print *p, __u32 off, __u32 len)
{
	struct print_ip ip = { .off = off, .ver = 6 };
	__u32 total, was;

	p->proto = "ip6";
	if (p->nest >= PRINT_NEST_MAX)
		return;
	if (len < HDR) {
		put_num(p, "truncated-ip6 ", len, "");
		return;
	}
	if (!(p->o.flags & PRINT_LINK))
		put_str(p, "IP6 ");
	if (!print_has(p, off, HDR)) {
		print_trunc(p);
		return;
	}
	total = HDR + print_get16(p, off + 4);
	ip.proto = print_get8(p, off + 6);
	ip.ttl = print_get8(p, off + 7);
	if (p->o.verbose)
		put_verbose(p, off, ip.proto, total - HDR);
	was = print_limit(p, off + total);
	p->nest++;
	if (ip.proto != 6 && ip.proto != 17 && ip.proto != 132 && ip.proto != 33)
		print_addrs(p, &ip);
	print_payload(p, &ip, ip.proto, off + HDR, total - HDR);
	p->nest--;
	p->end_off = was;
}
