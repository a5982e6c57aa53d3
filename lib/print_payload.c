// SPDX-License-Identifier: GPL-2.0
/* lib/print_payload.c - what an IP header carries. */
#include "lib/print_int.h"

const struct print_tok print_ipprotos[] = { { 6, "TCP" },
					    { 17, "UDP" },
					    { 1, "ICMP" },
					    { 58, "ICMPv6" },
					    { 0, "Options" },
					    { 2, "IGMP" },
					    { 4, "IPIP" },
					    { 8, "EGP" },
					    { 9, "IGRP" },
					    { 33, "DCCP" },
					    { 41, "IPv6" },
					    { 43, "Routing" },
					    { 44, "Fragment" },
					    { 46, "RSVP" },
					    { 47, "GRE" },
					    { 50, "ESP" },
					    { 51, "AH" },
					    { 55, "Mobile IP" },
					    { 62, "Mobile IP (old)" },
					    { 88, "EIGRP" },
					    { 89, "OSPF" },
					    { 103, "PIM" },
					    { 108, "Compressed IP" },
					    { 112, "VRRP" },
					    { 113, "PGM" },
					    { 132, "SCTP" },
					    { 135, "Mobility" },
					    { 143, "Ethernet" },
					    { 0, NULL } };

void print_addrs(struct print *p, const struct print_ip *ip)
{
	if (ip->ver == 4) {
		put_ip4_at(p, ip->off + 12);
		put_str(p, " > ");
		put_ip4_at(p, ip->off + 16);
	} else {
		put_ip6_at(p, ip->off + 8);
		put_str(p, " > ");
		put_ip6_at(p, ip->off + 24);
	}
	put_str(p, ": ");
}

static void put_addr(struct print *p, const struct print_ip *ip, bool dst)
{
	if (ip->ver == 4)
		put_ip4_at(p, ip->off + (dst ? 16 : 12));
	else
		put_ip6_at(p, ip->off + (dst ? 24 : 8));
	put_char(p, '.');
}

void print_addrs_ports(struct print *p, const struct print_ip *ip, __u8 proto, __u16 sport,
		       __u16 dport)
{
	bool addrs = ip->proto == proto;

	if (addrs)
		put_addr(p, ip, false);
	put_u32(p, sport);
	put_str(p, " > ");
	if (addrs)
		put_addr(p, ip, true);
	put_u32(p, dport);
	put_str(p, ": ");
}

void print_payload(struct print *p, const struct print_ip *ip, __u8 nh, __u32 off, __u32 len)
{
	switch (nh) {
	case 1:
		print_icmp(p, ip, off, len);
		break;
	case 4:
		print_ip4(p, off, len);
		break;
	case 6:
		print_tcp(p, ip, off, len);
		break;
	case 17:
		print_udp(p, ip, off, len);
		break;
	case 41:
		print_ip6(p, off, len);
		break;
	case 58:
		print_icmp6(p, ip, off, len);
		break;
	case 59:
		put_str(p, "no next header");
		break;
	default:
		put_num(p, " ip-proto-", nh, " ");
		put_u32(p, len);
	}
}
