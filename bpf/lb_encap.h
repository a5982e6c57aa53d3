/* SPDX-License-Identifier: GPL-2.0 */
/* lb_encap.h - may a packet be sent on, and the header that goes before it. */
#ifndef LB_ENCAP_H
#define LB_ENCAP_H

#include "lb_table.h"

/* Frames that need not be measured: no link that carries IPv6 is smaller (RFC 8200 section 5). */
#define LB_MTU_MIN 1280

const volatile __u32 lb_has_gateway; /* 0: back to the router that the packet came from */
const volatile __u16 lb_gateway[3];  /* its MAC address, as on the wire */
const volatile __be32 lb_source4 = pkt_be32(0xac100000);	/* outer source: 172.16.0.0/16 */
const volatile __be32 lb_source6[3] = { pkt_be32(0x01000000) }; /* 100::/64, RFC 6666, 96 bits */

/* Headers of the frame in units that the machine loads at once; the L3 one is aligned to 4. */
struct lb_mac {
	__u16 dst[3], src[3];
};

struct lb_ip4 {
	__u32 word[5]; /* network order */
};

struct lb_ip6 {
	__u32 word[2];
	__be32 saddr[4], daddr[4];
};

/* Does an IP packet of @len bytes fit the interface? */
static __always_inline int lb_fits(struct xdp_md *ctx, __u32 len)
{
	__u32 mtu_len = len;

	if (len <= LB_MTU_MIN)
		return 1;
	return len <= 0xffff && !bpf_check_mtu(ctx, 0, &mtu_len, 0, 0);
}

/* The @size bytes (a constant) of the IP header, or NULL. */
static __always_inline void *lb_l3(struct xdp_md *ctx, const struct pkt *pkt, __u32 size)
{
	void *head = (void *)(long)ctx->data + (pkt->l3 & 31); /* 14, 18 or 22 */

	return head + size > (void *)(long)ctx->data_end ? NULL : head;
}

/*
 * Make room for @size bytes before the IP header, and move the Ethernet header and its VLAN
 * tags in front of it. The place of the new header; NULL if the driver left no room, and then
 * nothing has changed. The bounds after that are the verifier's: they hold for every packet
 * whose L4 header was parsed.
 */
static __always_inline void *lb_push(struct xdp_md *ctx, const struct pkt *pkt, int size)
{
	struct lb_mac *new, *old, mac;
	__u16 *to, *from;
	void *outer;

	if (bpf_xdp_adjust_head(ctx, -size))
		return NULL;
	outer = lb_l3(ctx, pkt, size);
	new = (void *)(long)ctx->data;
	old = (void *)new + size;
	to = (void *)(new + 1);
	from = (void *)(old + 1);
	if (!outer || (void *)(from + 5) > (void *)(long)ctx->data_end)
		return NULL;
	mac = *old;
	__builtin_memcpy(new->src, mac.dst, sizeof(mac.dst));
	if (lb_has_gateway) {
		new->dst[0] = lb_gateway[0];
		new->dst[1] = lb_gateway[1];
		new->dst[2] = lb_gateway[2];
	} else {
		__builtin_memcpy(new->dst, mac.src, sizeof(mac.src));
	}
	to[0] = from[0];
	if (pkt->flags & PKT_VLAN) {
		to[1] = from[1];
		to[2] = from[2];
		if (pkt->l3 > 18) {
			to[3] = from[3];
			to[4] = from[4];
		}
	}
	return outer;
}

static __always_inline __u16 lb_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum + (sum >> 16);
}

/* The one's complement sum of the options, in memory order. */
static __always_inline __u64 lb_options(struct xdp_md *ctx, const struct pkt *pkt, __u32 words)
{
	__u64 sum = 0;

#pragma clang loop unroll(disable)
	for (__u32 i = 0; i < 10 && i < words; i++) {
		__u32 *word = stage_bytes(ctx, pkt->l3 + sizeof(struct lb_ip4) + i * 4, 4);

		if (!word)
			break;
		sum += *word;
	}
	return sum;
}

/* 0, or why the IPv4 packet may not be sent on. */
static __always_inline __u32 lb_check4(struct xdp_md *ctx, const struct pkt *pkt,
				       const struct lb_ip4 *ip)
{
	__u64 sum = (__u64)ip->word[0] + ip->word[1] + ip->word[2] + ip->word[3] + ip->word[4];
	__u32 len = pkt_h32(ip->word[0]) & 0xffff;

	if (pkt->flags & PKT_MALFORMED || !len) /* 0: a segment above 64 KiB, as never on a wire */
		return LB_MALFORMED;
	if (pkt->flags & PKT_OPTIONS)
		sum += lb_options(ctx, pkt, (*(__u8 *)ip & 15) - 5);
	if (lb_fold(sum) != 0xffff)
		return LB_BAD_CHECKSUM;
	if (!pkt->ttl)
		return LB_TTL;
	return lb_fits(ctx, len + sizeof(*ip)) ? 0 : LB_TOO_BIG;
}

/* @len: after the IPv6 header, by that header */
static __always_inline __u32 lb_check6(struct xdp_md *ctx, const struct pkt *pkt, __u32 len)
{
	if (pkt->flags & PKT_MALFORMED || !len) /* 0: a jumbogram, RFC 2675 */
		return LB_MALFORMED;
	if (!pkt->ttl)
		return LB_TTL;
	return lb_fits(ctx, len + 2 * sizeof(struct lb_ip6)) ? 0 : LB_TOO_BIG;
}

/*
 * IPv4 in IPv4 (RFC 2003). The source varies by flow, so that RSS of the real spreads, as
 * katran's does. Id and DF are the inner packet's: without DF an id must be unique to be
 * reassembled (RFC 6864), and only the sender's is.
 */
static __always_inline __u32 lb_ipip(struct xdp_md *ctx, const struct pkt *pkt,
				     const struct lb_ip4 *ip, const struct lb_real *real)
{
	__u32 client = pkt_h32(pkt->saddr[0]) ^ __builtin_bswap16(pkt_h16(pkt->sport));
	struct lb_ip4 head, *outer;
	__u16 check;

	head.word[0] = pkt_be32(0x45000000 | (__u32)pkt->tos << 16 |
				((pkt_h32(ip->word[0]) & 0xffff) + (__u32)sizeof(head)));
	head.word[1] = ip->word[1] & pkt_be32(0xffff4000);
	head.word[2] = pkt_be32(64 << 24 | PKT_IPIP << 16);
	head.word[3] = lb_source4 | pkt_be32(client & 0xffff);
	head.word[4] = real->addr[0];
	check = ~lb_fold((__u64)head.word[0] + head.word[1] + head.word[2] + head.word[3] +
			 head.word[4]);
	head.word[2] |= pkt_be32(pkt_h16(check));
	outer = lb_push(ctx, pkt, sizeof(*outer));
	if (!outer)
		return LB_NO_HEADROOM;
	*outer = head;
	return 0;
}

/* IPv6 in IPv6 (RFC 2473). @len: as in lb_check6() */
static __always_inline __u32 lb_ip6ip6(struct xdp_md *ctx, const struct pkt *pkt, __u32 len,
				       const struct lb_real *real)
{
	struct lb_ip6 *outer = lb_push(ctx, pkt, sizeof(*outer));

	if (!outer)
		return LB_NO_HEADROOM;
	outer->word[0] = pkt_be32(6u << 28 | (__u32)pkt->tos << 20);
	outer->word[1] = pkt_be32((len + sizeof(*outer)) << 16 | PKT_IPV6 << 8 | 64);
	outer->saddr[0] = lb_source6[0];
	outer->saddr[1] = lb_source6[1];
	outer->saddr[2] = lb_source6[2];
	outer->saddr[3] = pkt->saddr[3] ^ pkt_be32((__u32)pkt_h16(pkt->sport) << 16);
	__builtin_memcpy(outer->daddr, real->addr, sizeof(outer->daddr));
	return 0;
}

#endif
