// SPDX-License-Identifier: GPL-2.0
/*
 * ntp_amplification - drop what NTP servers are made to send to a victim.
 *
 * The attack: somebody sends small requests with your address as their source to thousands of NTP
 * servers, and these answer to you. A monlist request (mode 7, private) of 8 bytes brings up to 100
 * packets of 440; a control request (mode 6, RFC 9327) a few hundred bytes. All come from UDP port
 * 123, so a rule on the port would stop the time too. What tells them apart is the mode, the lowest
 * three bits of the first byte: an answer that a client asked for is of mode 4, and has 48 bytes or
 * more (RFC 5905, 7.3).
 *
 * What is left is mode 4 of servers that nobody here asked. Who knows the servers that are used
 * writes them into the file of the map `servers`, sets only_servers, and everything else goes.
 *
 * Not stopped: fragments after the first, which have no ports. Policer `fragments` is for those.
 */
#include "xdpchain/stage.bpf.h"

#define NTP_PORT     pkt_be16(123)
#define NTP_HEADER   48 /* bytes */
#define MODE_SERVER  4
#define MODE_CONTROL 6
#define MODE_PRIVATE 7

enum ntp_amplification_reason {
	NTP_AMPLIFICATION_MONLIST = 1, /* an answer of mode 7: monlist and the like */
	NTP_AMPLIFICATION_CONTROL,     /* an answer of mode 6, or one that asks: ntpq */
	NTP_AMPLIFICATION_SHORT,       /* less than an NTP header */
	NTP_AMPLIFICATION_UNASKED,     /* only_servers, and it is none of them */
};

const volatile _Bool control = 1; /* drop mode 6 too; false: ntpq is used from here */
const volatile _Bool only_servers;

/* Servers that are used here. From a file: an address a line. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, __be32); /* source */
	__type(value, __u8);
} servers SEC(".maps");

struct ntp_server6 {
	__be32 addr[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__type(key, struct ntp_server6); /* source */
	__type(value, __u8);
} servers6 SEC(".maps");

static __always_inline int is_server(const struct pkt *pkt)
{
	struct ntp_server6 key6;

	if (pkt->proto == pkt_be16(PKT_ETH_IP4)) {
		__be32 key = pkt->saddr[0];

		return !!bpf_map_lookup_elem(&servers, &key);
	}
	__builtin_memcpy(&key6, pkt->saddr, sizeof(key6));
	return !!bpf_map_lookup_elem(&servers6, &key6);
}

STAGE(ntp_amplification)
{
	const __u8 *first;
	__u8 mode;

	if (pkt->ipproto != PKT_UDP || !(pkt->flags & PKT_L4) || pkt->sport != NTP_PORT)
		return NEXT;
	first = stage_bytes(ctx, pkt->payload, 1);
	if (!first)
		return NEXT;
	mode = *first & 7;
	if (mode == MODE_PRIVATE)
		return DROP(NTP_AMPLIFICATION_MONLIST);
	if (mode == MODE_CONTROL)
		return control ? DROP(NTP_AMPLIFICATION_CONTROL) : NEXT;
	if (pkt->len - pkt->payload < NTP_HEADER)
		return DROP(NTP_AMPLIFICATION_SHORT);
	if (only_servers && mode == MODE_SERVER && !is_server(pkt))
		return DROP(NTP_AMPLIFICATION_UNASKED);
	return NEXT;
}
