// SPDX-License-Identifier: GPL-2.0
/* lib/print_icmp.c - ICMP (RFC 792). */
#include "lib/print_int.h"

void print_icmp(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	__u8 type;

	(void)ip;
	p->proto = "icmp";
	type = print_get8(p, off);
	put_str(p, "ICMP ");
	if (type == 0 || type == 8) {
		put_str(p, type ? "echo request, id " : "echo reply, id ");
		put_u32(p, print_get16(p, off + 4));
		put_num(p, ", seq ", print_get16(p, off + 6), "");
	} else {
		put_num(p, "type-#", type, "");
	}
	put_num(p, ", length ", len, "");
}
