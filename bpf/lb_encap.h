/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lb_encap.h - the headers that go before a packet: IPv4 (RFC 2003) or IPv6 (RFC 2473), and for
 * GUE a UDP header (variant 1: draft-ietf-intarea-gue, section 3; no header of its own).
 *
 * Outer source and UDP port vary by the flow, so that RSS of the real spreads; by the same
 * formulas as katran's. Id and DF are the inner packet's: without DF an id must be unique to be
 * reassembled (RFC 6864), and only the sender's is.
 */
#ifndef LB_ENCAP_H
#define LB_ENCAP_H

#include "lb_head.h"

/* Frames that need not be measured: no link that carries IPv6 is smaller (RFC 8200 section 5). */
#define LB_MTU_MIN  1280
#define LB_TTL_OUT  64
#define LB_SUM_STEP 32 /* bytes of a turn of lb_sum() */

struct lb_udp {
	__be16 sport, dport, len, check;
};

/* Does an IP packet of @len bytes fit the interface? Sets way->mtu if not. */
static __always_inline int lb_fits(struct xdp_md *ctx, struct lb_way *way, __u32 len)
{
	__u32 mtu = len;

	if (len <= LB_MTU_MIN || (!bpf_check_mtu(ctx, 0, &mtu, 0, 0) && len <= 0xffff))
		return 1;
	way->mtu = mtu;
	return 0;
}

/* Bits that vary by flow: the client's address, and its port in the low half, as katran's. */
static __always_inline __u32 lb_flow_bits(const struct pkt *pkt)
{
	return pkt_h32(pkt->saddr[0]) ^ __builtin_bswap16(pkt_h16(pkt->sport));
}

static __always_inline __be16 lb_gue_sport(const struct pkt *pkt, int is_outer4)
{
	if (is_outer4)
		return pkt_be16(lb_flow_bits(pkt));
	if (pkt->proto == pkt_be16(PKT_ETH_IP4))
		return pkt->sport ^ pkt_be16(pkt_h32(pkt->saddr[0]));
	return pkt->sport ^ pkt_be16(pkt_h32(pkt->saddr[3]) >> 16);
}

struct lb_sum {
	struct xdp_md *ctx;
	__u64 sum;
	__u32 at, end;
};

static long lb_sum_step(__u32 i, struct lb_sum *s)
{
	__u32 word[LB_SUM_STEP / 4] = { 0 }, size = s->end - s->at;

	(void)i;
	if (!size)
		return 1;
	if (size > LB_SUM_STEP)
		size = LB_SUM_STEP;
	size--; /* the verifier of 6.1 wants to see that it is 1 at least */
	asm volatile("" : "+r"(size));
	if (size >= LB_SUM_STEP || bpf_xdp_load_bytes(s->ctx, s->at, word, size + 1))
		return 1;
	for (int k = 0; k < LB_SUM_STEP / 4; k++)
		s->sum += word[k];
	s->at += size + 1;
	return 0;
}

/* The one's complement sum of @len bytes of the packet, byte by byte. */
static __always_inline __u64 lb_sum(struct xdp_md *ctx, __u32 at, __u32 len)
{
	struct lb_sum s = { .ctx = ctx, .at = at, .end = at + len };

	/* none at all is not welcome everywhere: RFC 6936 */
	bpf_loop(0xffff / LB_SUM_STEP + 1, lb_sum_step, &s, 0);
	return s.sum;
}

/*
 * The sum of the whole inner packet, for the UDP checksum before it, out of its own: header and
 * segment of a sound packet add up to what its pseudo header lacks. One that is not sound is found
 * out by the outer checksum then, and not by its own. 0: its own is not to be had.
 */
static __always_inline int lb_inner_sum(struct xdp_md *ctx, const struct pkt *pkt,
					const struct lb_way *way, __u64 *sum)
{
	int is4 = pkt->proto == pkt_be16(PKT_ETH_IP4);
	__u32 *word = lb_l3(ctx, pkt, sizeof(struct lb_ip4));
	struct lb_udp *udp;

	if (!word || way->is_error || pkt->flags & PKT_FRAG || (!is4 && pkt->flags & PKT_OPTIONS))
		return 0;
	udp = stage_bytes(ctx, pkt->l4, sizeof(*udp));
	if (!udp || (pkt->ipproto == PKT_UDP && !udp->check))
		return 0;
	if (is4)
		*sum = (__u64)(__u32)~word[3] + (__u32)~word[4] + (__u32)~pkt_be32(pkt->ipproto) +
		       (__u32)~pkt_be32(way->len + pkt->l3 - pkt->l4);
	else /* the addresses are in header and pseudo header, and cancel each other */
		*sum = (__u64)word[0] + word[1] +
		       (__u32)~pkt_be32(way->len - (__u32)sizeof(struct lb_ip6)) +
		       (__u32)~pkt_be32(pkt->ipproto);
	return 1;
}

/* Put UDP header @udp in order for @len bytes of payload; its @pseudo header's addresses. */
static __always_inline void lb_gue(const struct pkt *pkt, struct lb_udp *udp, __u32 len,
				   int is_outer4)
{
	udp->sport = lb_gue_sport(pkt, is_outer4);
	udp->dport = lb_gue_port;
	udp->len = pkt_be16(len + sizeof(*udp));
	udp->check = 0;
}

/* The checksum of @udp between addresses that add up to @addrs, before a packet of @inner. */
static __always_inline __u16 lb_gue_check(const struct lb_udp *udp, __u64 addrs, __u64 inner)
{
	__u64 sum =
		addrs + inner + pkt_be32(PKT_UDP) + udp->sport + udp->dport + 2 * (__u64)udp->len;
	__u16 check = ~lb_fold(sum);

	return check ? check : 0xffff;
}

/* In IPv4. @gue is the size of a UDP header, or 0. */
static __always_inline __u32 lb_in4(struct xdp_md *ctx, const struct pkt *pkt,
				    const struct lb_way *way, __u32 gue)
{
	const struct lb_ip4 *ip = lb_l3(ctx, pkt, sizeof(*ip));
	struct lb_ip4 head, *outer;
	struct lb_udp udp;
	__u64 inner;
	__u32 proto = gue ? PKT_UDP : PKT_IPIP;
	__u16 check;

	if (!ip)
		return LB_SHORT;
	head.word[0] = pkt_be32(0x45000000 | (__u32)pkt->tos << 16 |
				(way->len + gue + (__u32)sizeof(head)));
	head.word[1] = ip->word[1] & pkt_be32(0xffff4000);
	head.word[2] = pkt_be32(LB_TTL_OUT << 24 | proto << 16);
	head.word[3] = lb_source4 | (pkt_be32(lb_flow_bits(pkt)) & lb_bits4);
	head.word[4] = way->real->addr[0];
	check = ~lb_fold((__u64)head.word[0] + head.word[1] + head.word[2] + head.word[3] +
			 head.word[4]);
	head.word[2] |= pkt_be32(pkt_h16(check));
	if (!gue) {
		outer = lb_push(ctx, pkt, sizeof(head), 0);
		if (!outer)
			return LB_NO_HEADROOM;
		*outer = head;
		return 0;
	}
	lb_gue(pkt, &udp, way->len, 1);
	if (!lb_inner_sum(ctx, pkt, way, &inner))
		inner = lb_sum(ctx, pkt->l3, way->len);
	udp.check = lb_gue_check(&udp, (__u64)head.word[3] + head.word[4], inner);
	outer = lb_push(ctx, pkt, sizeof(head) + sizeof(udp), 0);
	if (!outer)
		return LB_NO_HEADROOM;
	*outer = head;
	*(struct lb_udp *)(outer + 1) = udp;
	return 0;
}

/* The outer IPv6 header before @len bytes of protocol @proto. */
static __always_inline void lb_head6(struct lb_ip6 *outer, const struct pkt *pkt,
				     const struct lb_way *way, __u32 len, __u32 proto)
{
	__be32 client = pkt->proto == pkt_be16(PKT_ETH_IP4) ? pkt->saddr[0] : pkt->saddr[3];

	outer->word[0] = pkt_be32(6u << 28 | (__u32)pkt->tos << 20);
	outer->word[1] = pkt_be32(len << 16 | proto << 8 | LB_TTL_OUT);
	outer->saddr[0] = lb_source6[0];
	outer->saddr[1] = lb_source6[1];
	outer->saddr[2] = lb_source6[2];
	outer->saddr[3] =
		lb_source6[3] | ((client ^ pkt_be32((__u32)pkt_h16(pkt->sport) << 16)) & lb_bits6);
	__builtin_memcpy(outer->daddr, way->real->addr, sizeof(outer->daddr));
}

/* The EtherType of what lb_push() made room in. */
static __always_inline void lb_set_type(struct xdp_md *ctx, const struct pkt *pkt, __u16 type)
{
	__be16 *at = (void *)(long)ctx->data + ((pkt->l3 - 2) & 31);

	if ((void *)(at + 1) <= (void *)(long)ctx->data_end)
		*at = pkt_be16(type);
}

static __always_inline __u64 lb_addr_sum(const struct lb_ip6 *ip)
{
	__u64 sum = 0;

	for (int i = 0; i < 4; i++)
		sum += (__u64)ip->saddr[i] + ip->daddr[i];
	return sum;
}

static __always_inline __u32 lb_gue6(struct xdp_md *ctx, const struct pkt *pkt,
				     const struct lb_way *way)
{
	struct lb_ip6 *outer;
	struct lb_udp udp, *at;
	__u64 inner;

	if (!lb_inner_sum(ctx, pkt, way, &inner))
		inner = lb_sum(ctx, pkt->l3, way->len);
	lb_gue(pkt, &udp, way->len, 0);
	outer = lb_push(ctx, pkt, sizeof(*outer) + sizeof(udp), 0);
	if (!outer)
		return LB_NO_HEADROOM;
	lb_head6(outer, pkt, way, way->len + sizeof(udp), PKT_UDP);
	udp.check = lb_gue_check(&udp, lb_addr_sum(outer), inner);
	at = (void *)(outer + 1);
	*at = udp;
	return 0;
}

/* In IPv6; @gue as for lb_in4(). */
static __always_inline __u32 lb_in6(struct xdp_md *ctx, const struct pkt *pkt,
				    const struct lb_way *way, __u32 gue)
{
	int is4 = pkt->proto == pkt_be16(PKT_ETH_IP4);
	struct lb_ip6 *outer;
	__u32 drop = 0;

	if (gue) {
		drop = lb_gue6(ctx, pkt, way);
	} else {
		outer = lb_push(ctx, pkt, sizeof(*outer), 0);
		if (outer)
			lb_head6(outer, pkt, way, way->len, is4 ? PKT_IPIP : PKT_IPV6);
		else
			drop = LB_NO_HEADROOM;
	}
	if (!drop && is4)
		lb_set_type(ctx, pkt, PKT_ETH_IP6);
	return drop;
}

/* Wrap the packet for its real. 0, or why it is dropped. */
static __always_inline __u32 lb_wrap(struct xdp_md *ctx, const struct pkt *pkt, struct lb_way *way)
{
	int is6;
	__u32 gue = way->flags & LB_VIP_GUE ? sizeof(struct lb_udp) : 0;
	__u32 more;

	if (!way->real) /* for the verifier */
		return LB_NO_REAL;
	is6 = way->real->version == 6;
	more = gue + (is6 ? sizeof(struct lb_ip6) : sizeof(struct lb_ip4));
	if (!lb_fits(ctx, way, way->len + more)) {
		way->mtu -= more;
		return LB_TOO_BIG;
	}
	return is6 ? lb_in6(ctx, pkt, way, gue) : lb_in4(ctx, pkt, way, gue);
}

#endif
