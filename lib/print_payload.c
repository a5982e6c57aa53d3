// SPDX-License-Identifier: GPL-2.0
/* lib/print_payload.c - what an IP header carries. */
#include <netinet/in.h>

#include "lib/print_int.h"

/* What <netinet/in.h> has no name for. */
enum {
	PROTO_IGRP = 9,
	PROTO_MOBILE = 55,
	PROTO_MOBILITY_OLD = 62,
	PROTO_ND = 77,
	PROTO_EIGRP = 88,
	PROTO_OSPF = 89,
	PROTO_VRRP = 112,
	PROTO_PGM = 113,
	PROTO_MOBILITY = 135,
	PROTO_ETHERNET = 143,
};

const struct print_tok print_ipprotos[] = {
	{ IPPROTO_TCP, "TCP" },
	{ IPPROTO_UDP, "UDP" },
	{ IPPROTO_ICMP, "ICMP" },
	{ IPPROTO_ICMPV6, "ICMPv6" },
	{ IPPROTO_HOPOPTS, "Options" },
	{ IPPROTO_IGMP, "IGMP" },
	{ IPPROTO_IPIP, "IPIP" },
	{ IPPROTO_EGP, "EGP" },
	{ PROTO_IGRP, "IGRP" },
	{ IPPROTO_DCCP, "DCCP" },
	{ IPPROTO_IPV6, "IPv6" },
	{ IPPROTO_ROUTING, "Routing" },
	{ IPPROTO_FRAGMENT, "Fragment" },
	{ IPPROTO_RSVP, "RSVP" },
	{ IPPROTO_GRE, "GRE" },
	{ IPPROTO_ESP, "ESP" },
	{ IPPROTO_AH, "AH" },
	{ PROTO_MOBILE, "Mobile IP" },
	{ PROTO_MOBILITY_OLD, "Mobile IP (old)" },
	{ PROTO_EIGRP, "EIGRP" },
	{ PROTO_OSPF, "OSPF" },
	{ IPPROTO_PIM, "PIM" },
	{ IPPROTO_COMP, "Compressed IP" },
	{ PROTO_VRRP, "VRRP" },
	{ PROTO_PGM, "PGM" },
	{ IPPROTO_SCTP, "SCTP" },
	{ PROTO_MOBILITY, "Mobility" },
	{ PROTO_ETHERNET, "Ethernet" },
	{ 0, NULL },
};

bool print_has_ports(__u8 nh)
{
	return nh == IPPROTO_TCP || nh == IPPROTO_UDP || nh == IPPROTO_SCTP || nh == IPPROTO_DCCP;
}

void print_ends(struct print *p, const struct print_ip *ip)
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
}

void print_addrs(struct print *p, const struct print_ip *ip)
{
	print_ends(p, ip);
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

/* Protocols that tcpdump has a decoder for, and this printer a name. */
static const __u8 named_only[] = {
	IPPROTO_EGP, PROTO_IGRP,  IPPROTO_RSVP, PROTO_MOBILE, PROTO_EIGRP,
	PROTO_OSPF,  IPPROTO_PIM, IPPROTO_COMP, PROTO_VRRP,   PROTO_PGM,
};

static bool is_named_only(__u8 nh, __u8 ver)
{
	if (nh == PROTO_MOBILITY || nh == PROTO_MOBILITY_OLD)
		return ver == 6;
	return memchr(named_only, nh, sizeof(named_only));
}

/* SCTP and DCCP: the ports stand where those of UDP do. */
static void put_ports_only(struct print *p, const struct print_ip *ip, __u8 nh, __u32 off,
			   __u32 len)
{
	bool sctp = nh == IPPROTO_SCTP;

	p->proto = sctp ? "sctp" : "dccp";
	if (!print_has(p, off, sctp ? 12 : 16)) {
		print_upper(p);
		print_addrs(p, ip);
		print_trunc(p);
		return;
	}
	print_addrs_ports(p, ip, nh, print_get16(p, off), print_get16(p, off + 2));
	print_upper(p);
	put_num(p, sctp ? "sctp, length " : "DCCP, length ", len, "");
}

/* A protocol without a file of its own. */
static void put_other(struct print *p, const struct print_ip *ip, __u8 nh, __u32 off, __u32 len)
{
	const char *name = print_tok(print_ipprotos, nh);

	if (nh == IPPROTO_SCTP || nh == IPPROTO_DCCP) {
		put_ports_only(p, ip, nh, off, len);
	} else if (is_named_only(nh, ip->ver) && name) {
		print_upper(p);
		put_str(p, name);
		put_num(p, ", length ", len, "");
	} else if (nh == PROTO_ND) {
		put_num(p, " nd ", len, "");
	} else {
		put_num(p, " ip-proto-", nh, " ");
		put_u32(p, len);
	}
}

static void put_requires(struct print *p, const char *name, const char *ver)
{
	put_char(p, '[');
	put_str(p, name);
	put_str(p, " requires ");
	put_str(p, ver);
	put_char(p, ']');
	print_invalid(p);
}

/* What may stand in one version of IP only. True if @nh is such a protocol. */
static bool put_of_version(struct print *p, const struct print_ip *ip, __u8 nh, __u32 off,
			   __u32 len)
{
	bool v4 = nh == IPPROTO_ICMP || nh == IPPROTO_IGMP;

	if (!v4 && nh != IPPROTO_ICMPV6 && nh != PROTO_ETHERNET)
		return false;
	if ((ip->ver == 4) != v4)
		put_requires(p, print_tok(print_ipprotos, nh), v4 ? "IPv4" : "IPv6");
	else if (nh == IPPROTO_ICMP)
		print_icmp(p, ip, off, len);
	else if (nh == IPPROTO_IGMP)
		print_igmp(p, off, len);
	else if (nh == IPPROTO_ICMPV6)
		print_icmp6(p, ip, off, len);
	else
		print_ether(p, off, len);
	return true;
}

void print_payload(struct print *p, const struct print_ip *ip, __u8 nh, __u32 off, __u32 len)
{
	__u32 size;

	while (nh == IPPROTO_AH && !p->cut) {
		p->proto = "ah";
		if (!print_has(p, off, 1)) {
			print_trunc(p);
			return;
		}
		nh = print_get8(p, off);
		size = print_ah(p, off);
		if (!size)
			return;
		off += size;
		len -= size;
	}
	switch (nh) {
	case IPPROTO_IPIP:
		print_ip4(p, off, len);
		return;
	case IPPROTO_TCP:
		print_tcp(p, ip, off, len);
		return;
	case IPPROTO_UDP:
		print_udp(p, ip, off, len);
		return;
	case IPPROTO_IPV6:
		print_ip6(p, off, len);
		return;
	case IPPROTO_GRE:
		print_gre(p, off, len);
		return;
	case IPPROTO_ESP:
		print_esp(p, off, len);
		return;
	case IPPROTO_NONE:
		put_str(p, "no next header");
		return;
	}
	if (!put_of_version(p, ip, nh, off, len))
		put_other(p, ip, nh, off, len);
}
