// SPDX-License-Identifier: GPL-2.0
#include "tests/pkts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define MACS	"020000000001 020000000002 "
#define ETH4	MACS "0800 "
#define ETH6	MACS "86dd "
#define ZEROS8	"00000000 00000000 "
#define ZEROS40 ZEROS8 ZEROS8 ZEROS8 ZEROS8 ZEROS8

/* 203.0.113.5 > 192.0.2.1, 2001:db8::5 > 2001:db8::1; lengths and fields as hex digits */
#define IP4(ver_ihl, tot, frag, proto)                                                             \
	ver_ihl " b8 " tot " 0001 " frag " 40 " proto " 0000 cb007105 c0000201 "
#define IP6(len, next)                                                                             \
	"6b800000 " len " " next " 40 "                                                            \
	"20010db8 00000000 00000000 00000005 "                                                     \
	"20010db8 00000000 00000000 00000001 "
#define UDP(len)	"3039 0035 " len " 0000 "
#define TCP(doff)	"3039 01bb 00000001 00000000 " doff " 12 ffff 0000 0000 "
#define ICMP		"0800 0000 0001 0002 "
#define ICMP6		"8000 0000 0001 0002 "
#define EXT(next)	next " 00 0000 00000000 "
#define EXT16(next)	next " 01 0000 00000000 " ZEROS8
#define FRAG(next, off) next " 00 " off " 00000007 "

#define HAS4                                                                                       \
	.proto = pkt_be16(PKT_ETH_IP4), .saddr = { pkt_be32(0xcb007105) },                         \
	.daddr = { pkt_be32(0xc0000201) }, .tos = 0xb8, .ttl = 64
#define HAS6                                                                                       \
	.proto = pkt_be16(PKT_ETH_IP6), .saddr = { pkt_be32(0x20010db8), 0, 0, pkt_be32(5) },      \
	.daddr = { pkt_be32(0x20010db8), 0, 0, pkt_be32(1) }, .tos = 0xb8, .ttl = 64
#define HAS_UDP(at)                                                                                \
	.ipproto = 17, .l4 = (at), .payload = (at) + 8, .sport = pkt_be16(12345),                  \
	.dport = pkt_be16(53)
#define HAS_TCP(at, size)                                                                          \
	.ipproto = 6, .l4 = (at), .payload = (at) + (size), .sport = pkt_be16(12345),              \
	.dport = pkt_be16(443), .tcp_flags = PKT_SYN | PKT_ACK
#define BARE4(proto_, at) HAS4, .l3 = 14, .ipproto = (proto_), .payload = (at)
#define BARE6(proto_, at) HAS6, .l3 = 14, .ipproto = (proto_), .payload = (at)

const struct pkts_case pkts_cases[] = {
	/* Ethernet and VLAN tags */
	{ "arp",
	  MACS "0806 0001 0800 06 04 0001 020000000002 cb007105 000000000000 c0000201",
	  { .proto = pkt_be16(PKT_ETH_ARP) } },
	{ "lldp", MACS "88cc 0207 04", { .proto = pkt_be16(0x88cc) } },
	{ "802.3 length", MACS "0026 424203", { .proto = pkt_be16(0x26) } },
	{ "802.1q",
	  MACS "8100 2064 0800 " IP4("45", "001c", "0000", "11") UDP("0008"),
	  { HAS4, .l3 = 18, HAS_UDP(38), .flags = PKT_L4 | PKT_VLAN, .vlan_tci = { 0x2064 } } },
	{ "802.1ad, 802.1q",
	  MACS "88a8 00c8 8100 f064 86dd " IP6("0008", "11") UDP("0008"),
	  { HAS6, .l3 = 22, HAS_UDP(62), .flags = PKT_L4 | PKT_VLAN,
	    .vlan_tci = { 0xc8, 0xf064 } } },
	{ "9100 tag, arp",
	  MACS "9100 0064 0806 0001",
	  { .proto = pkt_be16(PKT_ETH_ARP), .flags = PKT_VLAN, .vlan_tci = { 0x64 } } },
	{ "three tags",
	  MACS "88a8 0001 8100 0002 8100 0003 0800 " IP4("45", "0014", "0000", "11"),
	  { .proto = pkt_be16(PKT_ETH_8021Q), .flags = PKT_VLAN, .vlan_tci = { 1, 2 } } },
	{ "tag cut",
	  MACS "8100 0064 08",
	  { .proto = pkt_be16(PKT_ETH_8021Q), .flags = PKT_TRUNCATED } },
	{ "second tag cut",
	  MACS "88a8 0064 8100 00",
	  { .proto = pkt_be16(PKT_ETH_8021Q),
	    .flags = PKT_TRUNCATED | PKT_VLAN,
	    .vlan_tci = { 0x64 } } },

	/* IPv4 */
	{ "ip4 udp",
	  ETH4 IP4("45", "0020", "0000", "11") UDP("000c") "61626364",
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 } },
	{ "ip4 tcp",
	  ETH4 IP4("45", "0028", "4000", "06") TCP("50"),
	  { HAS4, .l3 = 14, HAS_TCP(34, 20), .flags = PKT_L4 } },
	{ "ip4 icmp",
	  ETH4 IP4("45", "001c", "0000", "01") ICMP,
	  { BARE4(1, 42), .l4 = 34, .icmp_type = 8, .flags = PKT_L4 } },
	{ "ip4 icmp6",
	  ETH4 IP4("45", "001c", "0000", "3a") ICMP6,
	  { BARE4(58, 42), .l4 = 34, .icmp_type = 128, .flags = PKT_L4 } },
	{ "ip4 one option",
	  ETH4 IP4("46", "0020", "0000", "11") "94040000" UDP("0008"),
	  { HAS4, .l3 = 14, HAS_UDP(38), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip4 40 bytes of options",
	  ETH4 IP4("4f", "0044", "0000", "11") ZEROS40 UDP("0008"),
	  { HAS4, .l3 = 14, HAS_UDP(74), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip4 options cut",
	  ETH4 IP4("4f", "003c", "0000", "11") ZEROS8,
	  { HAS4, .l3 = 14, .ipproto = 17, .flags = PKT_OPTIONS | PKT_TRUNCATED | PKT_MALFORMED } },
	{ "ip4 ihl 4",
	  ETH4 IP4("44", "0020", "0000", "11") UDP("000c"),
	  { .proto = pkt_be16(PKT_ETH_IP4), .flags = PKT_MALFORMED } },
	{ "ip4 ihl 0",
	  ETH4 IP4("40", "0020", "0000", "11") UDP("000c"),
	  { .proto = pkt_be16(PKT_ETH_IP4), .flags = PKT_MALFORMED } },
	{ "ip4 version 6",
	  ETH4 IP4("65", "0020", "0000", "11") UDP("000c"),
	  { .proto = pkt_be16(PKT_ETH_IP4), .flags = PKT_MALFORMED } },
	{ "ip4 longer than the frame",
	  ETH4 IP4("45", "001d", "0000", "11") UDP("0008"),
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 | PKT_MALFORMED } },
	{ "ip4 shorter than its header",
	  ETH4 IP4("45", "0013", "0000", "11") UDP("0008"),
	  { HAS4, .l3 = 14, .ipproto = 17, .flags = PKT_TRUNCATED | PKT_MALFORMED } },
	{ "ip4 tot_len 0",
	  ETH4 IP4("45", "0000", "0000", "06") TCP("50"),
	  { HAS4, .l3 = 14, HAS_TCP(34, 20), .flags = PKT_L4 } },
	{ "ip4 padded frame",
	  ETH4 IP4("45", "001c", "0000", "11") UDP("0008") ZEROS8 ZEROS8,
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 } },
	{ "ip4 padding that looks like udp",
	  ETH4 IP4("45", "0014", "0000", "11") UDP("0008"),
	  { HAS4, .l3 = 14, .ipproto = 17, .flags = PKT_TRUNCATED } },
	{ "ip4 padding that looks like tcp",
	  ETH4 IP4("45", "0027", "0000", "06") TCP("50"),
	  { HAS4, .l3 = 14, .ipproto = 6, .flags = PKT_TRUNCATED } },
	{ "ip4 first fragment",
	  ETH4 IP4("45", "0024", "2000", "11") UDP("0200") ZEROS8,
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 | PKT_FRAG } },
	{ "ip4 tiny first fragment",
	  ETH4 IP4("45", "001c", "2000", "06") TCP("50"),
	  { HAS4, .l3 = 14, .ipproto = 6, .flags = PKT_FRAG | PKT_TRUNCATED } },
	{ "ip4 later fragment",
	  ETH4 IP4("45", "001c", "2001", "11") UDP("0008"),
	  { HAS4, .l3 = 14, .ipproto = 17, .flags = PKT_FRAG | PKT_FRAG_LATER } },
	{ "ip4 last fragment",
	  ETH4 IP4("45", "001c", "1fff", "06") ZEROS8,
	  { HAS4, .l3 = 14, .ipproto = 6, .flags = PKT_FRAG | PKT_FRAG_LATER } },
	{ "ip4 reserved bit is no fragment",
	  ETH4 IP4("45", "001c", "8000", "11") UDP("0008"),
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 } },

	/* transports */
	{ "tcp options",
	  ETH4 IP4("45", "0030", "0000", "06") TCP("70") "020405b4 01010402",
	  { HAS4, .l3 = 14, HAS_TCP(34, 28), .flags = PKT_L4 } },
	{ "tcp options cut",
	  ETH4 IP4("45", "0030", "0000", "06") TCP("80") "020405b4 01010402",
	  { HAS4, .l3 = 14, .ipproto = 6, .flags = PKT_TRUNCATED } },
	{ "tcp options in the padding",
	  ETH4 IP4("45", "0028", "0000", "06") TCP("60") ZEROS8,
	  { HAS4, .l3 = 14, .ipproto = 6, .flags = PKT_TRUNCATED } },
	{ "tcp doff 4",
	  ETH4 IP4("45", "0028", "0000", "06") TCP("40"),
	  { HAS4, .l3 = 14, HAS_TCP(34, 20), .flags = PKT_L4 | PKT_MALFORMED } },
	{ "tcp doff 0",
	  ETH6 IP6("0014", "06") TCP("0f"),
	  { HAS6, .l3 = 14, HAS_TCP(54, 20), .flags = PKT_L4 | PKT_MALFORMED } },
	{ "udp length 7",
	  ETH4 IP4("45", "001c", "0000", "11") UDP("0007"),
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 | PKT_MALFORMED } },
	{ "udp length 0",
	  ETH6 IP6("0008", "11") UDP("0000"),
	  { HAS6, .l3 = 14, HAS_UDP(54), .flags = PKT_L4 } },
	{ "udp longer than ip",
	  ETH4 IP4("45", "001c", "0000", "11") UDP("0009") ZEROS8,
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 | PKT_MALFORMED } },
	{ "udp shorter than ip",
	  ETH4 IP4("45", "0024", "0000", "11") UDP("0008") ZEROS8,
	  { HAS4, .l3 = 14, HAS_UDP(34), .flags = PKT_L4 } },
	{ "sctp", ETH4 IP4("45", "001c", "0000", "84") UDP("0008"), { BARE4(132, 34) } },
	{ "esp", ETH6 IP6("0008", "32") ZEROS8, { BARE6(50, 54) } },
	{ "nothing after ip4", ETH4 IP4("45", "0014", "0000", "59"), { BARE4(89, 34) } },
	{ "ipip",
	  ETH4 IP4("45", "0030", "0000", "04") IP4("45", "001c", "0000", "11") UDP("0008"),
	  { BARE4(4, 34), .flags = PKT_TUNNEL } },
	{ "6in4",
	  ETH4 IP4("45", "0044", "0000", "29") IP6("0008", "11") UDP("0008"),
	  { BARE4(41, 34), .flags = PKT_TUNNEL } },
	{ "gre",
	  ETH4 IP4("45", "0018", "0000", "2f") "0000 0800",
	  { BARE4(47, 34), .flags = PKT_TUNNEL } },
	{ "ip6ip6",
	  ETH6 IP6("0030", "29") IP6("0008", "11") UDP("0008"),
	  { BARE6(41, 54), .flags = PKT_TUNNEL } },
	{ "4in6",
	  ETH6 IP6("0014", "04") IP4("45", "0014", "0000", "11"),
	  { BARE6(4, 54), .flags = PKT_TUNNEL } },
	{ "later fragment of ipip",
	  ETH4 IP4("45", "001c", "0001", "04") ZEROS8,
	  { HAS4, .l3 = 14, .ipproto = 4, .flags = PKT_FRAG | PKT_FRAG_LATER } },

	/* IPv6 */
	{ "ip6 udp",
	  ETH6 IP6("000c", "11") UDP("000c") "61626364",
	  { HAS6, .l3 = 14, HAS_UDP(54), .flags = PKT_L4 } },
	{ "ip6 tcp",
	  ETH6 IP6("0014", "06") TCP("50"),
	  { HAS6, .l3 = 14, HAS_TCP(54, 20), .flags = PKT_L4 } },
	{ "ip6 icmp6",
	  ETH6 IP6("0008", "3a") ICMP6,
	  { BARE6(58, 62), .l4 = 54, .icmp_type = 128, .flags = PKT_L4 } },
	{ "ip6 version 4",
	  MACS "86dd 4b800000" ZEROS40,
	  { .proto = pkt_be16(PKT_ETH_IP6), .flags = PKT_MALFORMED } },
	{ "ip6 longer than the frame",
	  ETH6 IP6("0009", "11") UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(54), .flags = PKT_L4 | PKT_MALFORMED } },
	{ "ip6 padding that looks like udp",
	  ETH6 IP6("0007", "11") UDP("0000"),
	  { HAS6, .l3 = 14, .ipproto = 17, .flags = PKT_TRUNCATED } },
	{ "ip6 extension in the padding",
	  ETH6 IP6("0008", "3c") EXT16("32") ZEROS8,
	  { HAS6, .l3 = 14, .ipproto = 50, .flags = PKT_OPTIONS | PKT_TRUNCATED } },
	{ "ip6 jumbogram",
	  ETH6 IP6("0000", "00") "11 00 c204 00010008" UDP("0000"),
	  { HAS6, .l3 = 14, HAS_UDP(62), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip6 hop-by-hop",
	  ETH6 IP6("0010", "00") EXT("11") UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(62), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip6 routing",
	  ETH6 IP6("0018", "2b") EXT16("11") UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(70), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip6 destination options",
	  ETH6 IP6("0018", "3c") EXT16("11") UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(70), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip6 ah, length in 4 bytes", /* 4: (4 + 2) * 4 = 24 bytes */
	  ETH6 IP6("0020", "33") "11 04 0000 00000001" ZEROS8 ZEROS8 UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(78), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip6 ah, odd length",
	  ETH6 IP6("0014", "33") "11 01 0000 00000001 00000000" UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(66), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip6 first fragment",
	  ETH6 IP6("0018", "2c") FRAG("11", "0001") UDP("0100") ZEROS8,
	  { HAS6, .l3 = 14, HAS_UDP(62), .flags = PKT_L4 | PKT_FRAG } },
	{ "ip6 atomic fragment",
	  ETH6 IP6("0010", "2c") FRAG("11", "0000") UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(62), .flags = PKT_L4 | PKT_FRAG } },
	{ "ip6 later fragment",
	  ETH6 IP6("0010", "2c") FRAG("11", "0008") UDP("0008"),
	  { HAS6, .l3 = 14, .ipproto = 17, .flags = PKT_FRAG | PKT_FRAG_LATER } },
	{ "ip6 last fragment",
	  ETH6 IP6("0010", "2c") FRAG("3c", "fff8") EXT("11"),
	  { HAS6, .l3 = 14, .ipproto = 60, .flags = PKT_FRAG | PKT_FRAG_LATER } },
	{ "ip6 options, fragment, options",
	  ETH6 IP6("0020", "00") EXT("2c") FRAG("3c", "0001") EXT("11") UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(78), .flags = PKT_L4 | PKT_FRAG | PKT_OPTIONS } },
	{ "ip6 extension cut",
	  ETH6 IP6("0008", "3c") "11 02 0000 00000000",
	  { HAS6, .l3 = 14, .ipproto = 17, .flags = PKT_OPTIONS | PKT_TRUNCATED } },
	{ "ip6 longest extension cut",
	  ETH6 IP6("0010", "3c") "11 ff 0000 00000000" ZEROS8,
	  { HAS6, .l3 = 14, .ipproto = 17, .flags = PKT_OPTIONS | PKT_TRUNCATED } },
	{ "ip6 no next header", ETH6 IP6("0000", "3b"), { BARE6(59, 54) } },
	{ "ip6 no next header after options",
	  ETH6 IP6("0008", "3c") EXT("3b"),
	  { BARE6(59, 62), .flags = PKT_OPTIONS } },
	{ "ip6 8 extension headers",
	  ETH6 IP6("0048", "00") EXT("3c") EXT("3c") EXT("3c") EXT("3c") EXT("3c") EXT("3c")
		  EXT("3c") EXT("11") UDP("0008"),
	  { HAS6, .l3 = 14, HAS_UDP(118), .flags = PKT_L4 | PKT_OPTIONS } },
	{ "ip6 9 extension headers",
	  ETH6 IP6("0050", "00") EXT("3c") EXT("3c") EXT("3c") EXT("3c") EXT("3c") EXT("3c")
		  EXT("3c") EXT("3c") EXT("11") UDP("0008"),
	  { BARE6(60, 118), .flags = PKT_OPTIONS } },
};
const size_t pkts_count = ARRAY_SIZE(pkts_cases);

__u32 pkts_bytes(const struct pkts_case *c, unsigned char buf[PKTS_MAX])
{
	__u32 len = 0;
	unsigned int byte;

	for (const char *p = c->hex; *p; p++) {
		if (*p == ' ')
			continue;
		if (len >= PKTS_MAX || sscanf(p, "%2x", &byte) != 1 || !p[1] || p[1] == ' ')
			abort(); /* the table is wrong */
		buf[len++] = byte;
		p++;
	}
	return len;
}

const struct pkts_case *pkts_find(const char *name)
{
	for (size_t i = 0; i < pkts_count; i++)
		if (!strcmp(pkts_cases[i].name, name))
			return &pkts_cases[i];
	abort(); /* the caller is wrong */
}

void pkts_parse(const void *data, __u32 len, __u32 linear, struct pkt *p)
{
	unsigned char *mem = malloc(linear ? linear : 1);

	memcpy(mem, data, linear);
	memset(p, 0, sizeof(*p));
	p->len = len;
	p->flags = len > linear ? PKT_MULTIBUF : 0;
	pkt_parse(mem, mem + linear, p);
	free(mem);
}

int pkts_common(const void *data, __u32 len, __u32 linear)
{
	unsigned char *mem = malloc(linear ? linear : 1);
	struct pkt want, got, was;
	int took;

	memcpy(mem, data, linear);
	pkts_parse(data, len, linear, &want);
	memset(&was, 0xa5, sizeof(was)); /* what the packet before left */
	got = was;
	took = pkt_common(mem, mem + linear, len, &got);
	free(mem);
	if (!took)
		return memcmp(&got, &was, sizeof(got)) ? -1 : 0;
	/* The caller's. */
	got.ifindex = got.rxq = got.slots = 0;
	memset(got.pad, 0, sizeof(got.pad));
	return memcmp(&got, &want, sizeof(got)) ? -1 : 1;
}

static const char *insane_l4(const struct pkt *p, __u32 linear)
{
	if (!(p->flags & PKT_L4))
		return p->l4 || p->sport || p->dport || p->tcp_flags || p->icmp_type || p->icmp_code
			       ? "fields of a transport that is not there"
			       : NULL;
	if (p->flags & (PKT_FRAG_LATER | PKT_TRUNCATED))
		return "PKT_L4 where there is no whole header";
	if (p->l4 < p->l3 + 20 || p->payload < p->l4 + 8 || p->payload > linear)
		return "l4 and payload out of order";
	return NULL;
}

const char *pkts_insane(const struct pkt *p, __u32 linear)
{
	if (p->tap_mask || p->tap_flags || p->slots || p->pad[0])
		return "fields that are not the parser's";
	if (p->flags & PKT_FRAG_LATER && !(p->flags & PKT_FRAG))
		return "PKT_FRAG_LATER without PKT_FRAG";
	if (!p->l3 && (p->flags & (PKT_L4 | PKT_FRAG | PKT_OPTIONS | PKT_TUNNEL) || p->payload))
		return "something of IP without IP";
	if (p->l3 && (p->l3 < 14 || p->l3 > 22 || p->l3 + 20u > linear))
		return "l3 out of bounds";
	if (p->payload && (p->payload < p->l3 + 20 || p->payload > linear))
		return "payload out of bounds";
	if (p->vlan_tci[0] | p->vlan_tci[1] && !(p->flags & PKT_VLAN))
		return "a tag without PKT_VLAN";
	return insane_l4(p, linear);
}
