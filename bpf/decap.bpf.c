// SPDX-License-Identifier: GPL-2.0
/*
 * decap - take off what the load balancer put on, on a server that runs the chain itself: IPv4 in
 * IPv4, IPv4 or IPv6 in IPv6, and either in UDP (GUE variant 1). The stages after this one see the
 * packet of the client, and so does the stack, which needs no tunnel device.
 *
 * It is the end of a tunnel, so a mark of congestion goes to the inner packet (RFC 6040). Whatever
 * is no sound tunnel packet goes on as it came; what is inside is for others to judge.
 */
#include "xdpchain/lb.h"
#include "xdpchain/stage.bpf.h"

enum decap_reason {
	DECAP_IP4_IN_IP4 = 1,
	DECAP_IP4_IN_IP6,
	DECAP_IP6_IN_IP6,
	DECAP_GUE,
	DECAP_CONGESTION, /* from here on: dropped. Marked, and the sender does not know marks */
	DECAP_NO_ROOM,	  /* the driver could not take the header off */
};

#define DECAP_CE    3	/* ECN field: congestion experienced */
#define DECAP_OUTER 255 /* bytes of outer headers, at most */

const volatile __be16 decap_port; /* of GUE; 0: none */
const volatile __u32 decap_any;	  /* 1: to whomever it was sent; 0: ask decap_to */

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, LB_DECAP_TO);
	__type(key, struct lb_decap_to);
	__type(value, __u32); /* 1 */
} decap_to SEC(".maps");

/* What of a frame is before its IP header, with two tags at most. */
struct decap_link {
	__u16 half[11];
};

static __always_inline int decap_is_ours(const struct pkt *pkt)
{
	struct lb_decap_to key;

	if (decap_any)
		return 1;
	__builtin_memcpy(key.addr, pkt->daddr, sizeof(key.addr));
	return !!bpf_map_lookup_elem(&decap_to, &key);
}

/* Why the packet is to be opened; 0: it is not a tunnel's. @six: is the inner one IPv6? */
static __always_inline __u32 decap_kind(struct xdp_md *ctx, const struct pkt *pkt, int *six)
{
	int is4 = pkt->proto == pkt_be16(PKT_ETH_IP4);
	__u8 *inner = stage_bytes(ctx, pkt->payload, sizeof(struct pkt_ip4));
	__u32 version;

	if (!inner || !pkt->payload)
		return 0;
	version = *inner >> 4;
	*six = version == 6;
	if (version != 4 && version != 6)
		return 0;
	if (pkt->ipproto == PKT_UDP)
		return decap_port && pkt->dport == decap_port ? DECAP_GUE : 0;
	if (pkt->ipproto == PKT_IPIP && version == 4)
		return is4 ? DECAP_IP4_IN_IP4 : DECAP_IP4_IN_IP6;
	return pkt->ipproto == PKT_IPV6 && version == 6 && !is4 ? DECAP_IP6_IN_IP6 : 0;
}

/* Hand the mark of the outer header on. 0, or why the packet is dropped. */
static __always_inline __u32 decap_mark(struct xdp_md *ctx, const struct pkt *pkt, int six)
{
	__u8 *ip = stage_bytes(ctx, pkt->payload, sizeof(struct pkt_ip4));
	__u32 sum;

	if (!ip || (pkt->tos & DECAP_CE) != DECAP_CE)
		return 0;
	if (six) { /* the traffic class is 4 bits into the header */
		if (!(ip[1] & DECAP_CE << 4))
			return DECAP_CONGESTION;
		ip[1] |= DECAP_CE << 4;
		return 0;
	}
	if (!(ip[1] & DECAP_CE))
		return DECAP_CONGESTION;
	/* RFC 1624: what the low byte of a word grows by, its sum does too */
	sum = (ip[10] << 8 | ip[11]) + 0xffff - (DECAP_CE - (ip[1] & DECAP_CE));
	sum = (sum & 0xffff) + (sum >> 16);
	ip[10] = sum >> 8;
	ip[11] = sum;
	ip[1] |= DECAP_CE;
	return 0;
}

/* Move the link layer's header up to the inner packet, and cut off what was before. 0, or -1. */
static __always_inline int decap_strip(struct xdp_md *ctx, const struct pkt *pkt, __u32 outer,
				       int six)
{
	struct decap_link link, *from = (void *)(long)ctx->data;
	__u16 *to = stage_bytes(ctx, outer & DECAP_OUTER, sizeof(link));

	if (!to || (void *)(from + 1) > (void *)(long)ctx->data_end || outer > DECAP_OUTER)
		return -1;
	link = *from;
	link.half[6 + (pkt->l3 > 14 ? 2 : 0) + (pkt->l3 > 18 ? 2 : 0)] =
		pkt_be16(six ? PKT_ETH_IP6 : PKT_ETH_IP4);
	for (int i = 0; i < 7; i++)
		to[i] = link.half[i];
	for (int i = 7; i < 9 && pkt->l3 > 14; i++)
		to[i] = link.half[i];
	for (int i = 9; i < 11 && pkt->l3 > 18; i++)
		to[i] = link.half[i];
	return bpf_xdp_adjust_head(ctx, outer);
}

/*
 * The stages after this one get what is there now. What was found out so far goes through memory
 * that the verifier does not follow, or it would walk the parser for each way that led here.
 */
static __always_inline __u32 decap_parse(struct xdp_md *ctx, struct pkt *pkt, __u32 kind)
{
	struct pkt now = { .len = bpf_xdp_get_buff_len(ctx),
			   .flags = pkt->flags & PKT_MULTIBUF,
			   .ifindex = pkt->ifindex,
			   .rxq = pkt->rxq,
			   .tap_mask = pkt->tap_mask,
			   .tap_flags = pkt->tap_flags,
			   .slots = pkt->slots,
			   .pad = { kind } };

	*pkt = now;
	barrier();
	pkt_parse((void *)(long)ctx->data, (void *)(long)ctx->data_end, pkt);
	kind = *(volatile __u16 *)pkt->pad;
	pkt->pad[0] = 0;
	return kind & (CHAIN_REASONS - 1);
}

STAGE(decap)
{
	__u32 kind, drop, outer;
	int six;

	if (!pkt->l3 || pkt->flags & (PKT_FRAG | PKT_TRUNCATED | PKT_MALFORMED))
		return NEXT;
	kind = decap_kind(ctx, pkt, &six);
	if (!kind || !decap_is_ours(pkt))
		return NEXT;
	drop = decap_mark(ctx, pkt, six);
	if (drop)
		return DROP(drop);
	outer = pkt->payload - pkt->l3;
	if (decap_strip(ctx, pkt, outer, six))
		return DROP(DECAP_NO_ROOM);
	return NEXT_NOTE(decap_parse(ctx, pkt, kind));
}
