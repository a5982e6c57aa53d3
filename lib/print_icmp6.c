// SPDX-License-Identifier: GPL-2.0
/* lib/print_icmp6.c - ICMPv6 (RFC 4443). */
#include "lib/print_int.h"

void print_icmp6(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	__u8 type;

	(void)ip;
	p->proto = "icmp6";
	type = print_get8(p, off);
	put_str(p, "ICMP6, ");
	if (type == 128 || type == 129) {
		put_str(p, type == 128 ? "echo request, id " : "echo reply, id ");
		put_u32(p, print_get16(p, off + 4));
		put_num(p, ", seq ", print_get16(p, off + 6), "");
	} else {
		put_num(p, "unknown icmp6 type (", type, ")");
	}
	put_num(p, ", length ", len, "");
}
