// SPDX-License-Identifier: GPL-2.0
/*
 * dissect_table - IEEE 802.3 and 802.1Q, RFC 826, 791, 8200, 9293, 768, 792, 4443, 2784.
 * A field that is parts of a byte has the whole byte marked.
 */
#include "viewer/dissect_table.h"

#include "lib/util.h"
#include "xdpchain/pkt.h"

#define NEXT(name) static const struct dissect_layer *name(const unsigned char *p, size_t len)

static const struct dissect_layer vlan, arp, ip4, ip6, ext, fragment, tcp, udp, icmp, icmp6, gre;

static const struct dissect_word ethertypes[] = {
	{ PKT_ETH_IP4, "IPv4" },     { PKT_ETH_ARP, "ARP" },	    { PKT_ETH_IP6, "IPv6" },
	{ PKT_ETH_8021Q, "802.1Q" }, { PKT_ETH_8021AD, "802.1ad" }, { 0 },
};
static const struct dissect_word protocols[] = {
	{ PKT_ICMP, "ICMP" },
	{ PKT_IPIP, "IPv4" },
	{ PKT_TCP, "TCP" },
	{ PKT_UDP, "UDP" },
	{ PKT_IPV6, "IPv6" },
	{ PKT_GRE, "GRE" },
	{ PKT_ICMP6, "ICMPv6" },
	{ PKT_ROUTING, "routing" },
	{ PKT_FRAGMENT, "fragment" },
	{ PKT_DSTOPTS, "dest. options" },
	{ 0 },
};

static const struct dissect_layer *by_type(__u32 type)
{
	switch (type) {
	case PKT_ETH_8021Q:
	case PKT_ETH_8021AD:
	case PKT_ETH_QINQ1:
		return &vlan;
	case PKT_ETH_ARP:
		return &arp;
	case PKT_ETH_IP4:
		return &ip4;
	case PKT_ETH_IP6:
		return &ip6;
	}
	return NULL;
}

static const struct dissect_layer *by_protocol(__u32 protocol)
{
	switch (protocol) {
	case PKT_ICMP:
		return &icmp;
	case PKT_IPIP:
		return &ip4;
	case PKT_TCP:
		return &tcp;
	case PKT_UDP:
		return &udp;
	case PKT_IPV6:
		return &ip6;
	case PKT_GRE:
		return &gre;
	case PKT_ICMP6:
		return &icmp6;
	case PKT_HOPOPTS:
	case PKT_ROUTING:
	case PKT_DSTOPTS:
		return &ext;
	case PKT_FRAGMENT:
		return &fragment;
	}
	return NULL;
}

NEXT(after_ethernet)
{
	return by_type(p[len - 2] << 8 | p[len - 1]);
}

/* What a later fragment carries is no header. */
NEXT(after_ip4)
{
	(void)len;
	return (p[6] << 8 | p[7]) & 0x1fff ? NULL : by_protocol(p[9]);
}

NEXT(after_ip6)
{
	(void)len;
	return by_protocol(p[6]);
}

NEXT(after_ext)
{
	(void)len;
	return by_protocol(p[0]);
}

NEXT(after_fragment)
{
	(void)len;
	return (p[2] << 8 | p[3]) & 0xfff8 ? NULL : by_protocol(p[0]);
}

/* RFC 2784 alone: with a checksum, key or sequence number more stands before what it carries. */
NEXT(after_gre)
{
	(void)len;
	return p[0] & 0xb0 ? NULL : by_type(p[2] << 8 | p[3]);
}

static const struct dissect_def ethernet_defs[] = {
	{ "destination", 0, 6, DISSECT_MAC, 0, 0, 0, NULL },
	{ "source", 6, 6, DISSECT_MAC, 0, 0, 0, NULL },
	{ "type", 12, 2, DISSECT_HEX, 0, 0, 0, ethertypes },
	{ 0 },
};
const struct dissect_layer dissect_ethernet = {
	.name = "Ethernet", .len = 14, .defs = ethernet_defs, .next = after_ethernet
};

static const struct dissect_def vlan_defs[] = {
	{ "priority", 0, 1, DISSECT_DEC, 5, 7, 0, NULL },
	{ "vlan", 0, 2, DISSECT_DEC, 0, 0xfff, 0, NULL },
	{ "type", 2, 2, DISSECT_HEX, 0, 0, 0, ethertypes },
	{ 0 },
};
static const struct dissect_layer vlan = {
	.name = "VLAN", .len = 4, .defs = vlan_defs, .next = after_ethernet
};

static const struct dissect_word arp_words[] = { { 1, "request" }, { 2, "reply" }, { 0 } };
static const struct dissect_def arp_defs[] = {
	{ "hardware", 0, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "protocol", 2, 2, DISSECT_HEX, 0, 0, 0, ethertypes },
	{ "operation", 6, 2, DISSECT_DEC, 0, 0, 0, arp_words },
	{ "sender mac", 8, 6, DISSECT_MAC, 0, 0, 0, NULL },
	{ "sender", 14, 4, DISSECT_IP4, 0, 0, 0, NULL },
	{ "target mac", 18, 6, DISSECT_MAC, 0, 0, 0, NULL },
	{ "target", 24, 4, DISSECT_IP4, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer arp = { .name = "ARP", .len = 28, .defs = arp_defs };

static const struct dissect_word ip4_flags[] = { { 2, "DF" }, { 1, "MF" }, { 0 } };
static const struct dissect_def ip4_defs[] = {
	{ "version", 0, 1, DISSECT_DEC, 4, 0, 0, NULL },
	{ "header length", 0, 1, DISSECT_DEC, 0, 0xf, 4, NULL },
	{ "tos", 1, 1, DISSECT_HEX, 0, 0, 0, NULL },
	{ "total length", 2, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "id", 4, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "flags", 6, 1, DISSECT_FLAGS, 5, 0, 0, ip4_flags },
	{ "fragment offset", 6, 2, DISSECT_DEC, 0, 0x1fff, 8, NULL },
	{ "ttl", 8, 1, DISSECT_DEC, 0, 0, 0, NULL },
	{ "protocol", 9, 1, DISSECT_DEC, 0, 0, 0, protocols },
	{ "checksum", 10, 2, DISSECT_HEX, 0, 0, 0, NULL },
	{ "source", 12, 4, DISSECT_IP4, 0, 0, 0, NULL },
	{ "destination", 16, 4, DISSECT_IP4, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer ip4 = { .name = "IPv4",
					  .len = 20,
					  .len_mask = 0xf,
					  .len_times = 4,
					  .defs = ip4_defs,
					  .next = after_ip4 };

static const struct dissect_def ip6_defs[] = {
	{ "version", 0, 1, DISSECT_DEC, 4, 0, 0, NULL },
	{ "traffic class", 0, 2, DISSECT_HEX, 4, 0xff, 0, NULL },
	{ "flow label", 0, 4, DISSECT_HEX, 0, 0xfffff, 0, NULL },
	{ "payload length", 4, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "next header", 6, 1, DISSECT_DEC, 0, 0, 0, protocols },
	{ "hop limit", 7, 1, DISSECT_DEC, 0, 0, 0, NULL },
	{ "source", 8, 16, DISSECT_IP6, 0, 0, 0, NULL },
	{ "destination", 24, 16, DISSECT_IP6, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer ip6 = {
	.name = "IPv6", .len = 40, .defs = ip6_defs, .next = after_ip6
};

static const struct dissect_def ext_defs[] = {
	{ "next header", 0, 1, DISSECT_DEC, 0, 0, 0, protocols },
	{ "length", 1, 1, DISSECT_DEC, 0, 0, 8, NULL },
	{ 0 },
};
static const struct dissect_layer ext = { .name = "IPv6 extension",
					  .len = 8,
					  .len_at = 1,
					  .len_mask = 0xff,
					  .len_times = 8,
					  .len_plus = 8,
					  .defs = ext_defs,
					  .next = after_ext };

static const struct dissect_def fragment_defs[] = {
	{ "next header", 0, 1, DISSECT_DEC, 0, 0, 0, protocols },
	{ "offset", 2, 2, DISSECT_DEC, 3, 0, 8, NULL },
	{ "more", 3, 1, DISSECT_DEC, 0, 1, 0, NULL },
	{ "id", 4, 4, DISSECT_HEX, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer fragment = {
	.name = "IPv6 fragment", .len = 8, .defs = fragment_defs, .next = after_fragment
};

static const struct dissect_word tcp_flags[] = {
	{ 0x02, "SYN" }, { 0x10, "ACK" }, { 0x01, "FIN" }, { 0x04, "RST" }, { 0x08, "PSH" },
	{ 0x20, "URG" }, { 0x40, "ECE" }, { 0x80, "CWR" }, { 0 },
};
static const struct dissect_def tcp_defs[] = {
	{ "source port", 0, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "destination port", 2, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "sequence", 4, 4, DISSECT_DEC, 0, 0, 0, NULL },
	{ "acknowledgment", 8, 4, DISSECT_DEC, 0, 0, 0, NULL },
	{ "header length", 12, 1, DISSECT_DEC, 4, 0, 4, NULL },
	{ "flags", 13, 1, DISSECT_FLAGS, 0, 0, 0, tcp_flags },
	{ "window", 14, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "checksum", 16, 2, DISSECT_HEX, 0, 0, 0, NULL },
	{ "urgent pointer", 18, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer tcp = { .name = "TCP",
					  .len = 20,
					  .len_at = 12,
					  .len_shift = 4,
					  .len_mask = 0xf,
					  .len_times = 4,
					  .defs = tcp_defs };

static const struct dissect_def udp_defs[] = {
	{ "source port", 0, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "destination port", 2, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "length", 4, 2, DISSECT_DEC, 0, 0, 0, NULL },
	{ "checksum", 6, 2, DISSECT_HEX, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer udp = { .name = "UDP", .len = 8, .defs = udp_defs };

static const struct dissect_word icmp_types[] = {
	{ 0, "echo reply" }, { 3, "unreachable" },    { 5, "redirect" },
	{ 8, "echo" },	     { 11, "time exceeded" }, { 0 },
};
static const struct dissect_word icmp6_types[] = {
	{ 1, "unreachable" },	  { 2, "packet too big" },
	{ 3, "time exceeded" },	  { 128, "echo" },
	{ 129, "echo reply" },	  { 133, "router sol." },
	{ 134, "router adv." },	  { 135, "neighbor sol." },
	{ 136, "neighbor adv." }, { 0 },
};
static const struct dissect_def icmp_defs[] = {
	{ "type", 0, 1, DISSECT_DEC, 0, 0, 0, icmp_types },
	{ "code", 1, 1, DISSECT_DEC, 0, 0, 0, NULL },
	{ "checksum", 2, 2, DISSECT_HEX, 0, 0, 0, NULL },
	{ "rest", 4, 4, DISSECT_HEX, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer icmp = { .name = "ICMP", .len = 8, .defs = icmp_defs };

static const struct dissect_def icmp6_defs[] = {
	{ "type", 0, 1, DISSECT_DEC, 0, 0, 0, icmp6_types },
	{ "code", 1, 1, DISSECT_DEC, 0, 0, 0, NULL },
	{ "checksum", 2, 2, DISSECT_HEX, 0, 0, 0, NULL },
	{ "rest", 4, 4, DISSECT_HEX, 0, 0, 0, NULL },
	{ 0 },
};
static const struct dissect_layer icmp6 = { .name = "ICMPv6", .len = 8, .defs = icmp6_defs };

static const struct dissect_def gre_defs[] = {
	{ "flags", 0, 2, DISSECT_HEX, 0, 0, 0, NULL },
	{ "type", 2, 2, DISSECT_HEX, 0, 0, 0, ethertypes },
	{ 0 },
};
static const struct dissect_layer gre = {
	.name = "GRE", .len = 4, .defs = gre_defs, .next = after_gre
};
