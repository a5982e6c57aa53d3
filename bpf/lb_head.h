/* SPDX-License-Identifier: GPL-2.0 */
/* lb_head.h - the headers of a frame: may it be sent on, and room for one more before it. */
#ifndef LB_HEAD_H
#define LB_HEAD_H

#include "lb_maps.h"

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

/* The @size bytes (a constant) of the IP header, or NULL. */
static __always_inline void *lb_l3(struct xdp_md *ctx, const struct pkt *pkt, __u32 size)
{
	void *head = (void *)(long)ctx->data + (pkt->l3 & 31); /* 14, 18 or 22 */

	return head + size > (void *)(long)ctx->data_end ? NULL : head;
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
				       struct lb_way *way)
{
	const struct lb_ip4 *ip = lb_l3(ctx, pkt, sizeof(*ip));
	__u64 sum;

	if (!ip)
		return LB_SHORT;
	sum = (__u64)ip->word[0] + ip->word[1] + ip->word[2] + ip->word[3] + ip->word[4];
	way->len = pkt_h32(ip->word[0]) & 0xffff;
	/* 0: a segment above 64 KiB, as never on a wire */
	if (pkt->flags & PKT_MALFORMED || !way->len)
		return LB_MALFORMED;
	if (pkt->flags & PKT_OPTIONS)
		sum += lb_options(ctx, pkt, (*(__u8 *)ip & 15) - 5);
	if (lb_fold(sum) != 0xffff)
		return LB_BAD_CHECKSUM;
	return pkt->ttl ? 0 : LB_TTL;
}

static __always_inline __u32 lb_check6(struct xdp_md *ctx, const struct pkt *pkt,
				       struct lb_way *way)
{
	const struct lb_ip6 *ip = lb_l3(ctx, pkt, sizeof(*ip));
	__u32 len;

	if (!ip)
		return LB_SHORT;
	len = pkt_h32(ip->word[1]) >> 16;
	if (pkt->flags & PKT_MALFORMED || !len) /* 0: a jumbogram, RFC 2675 */
		return LB_MALFORMED;
	way->len = len + sizeof(*ip);
	return pkt->ttl ? 0 : LB_TTL;
}

static __always_inline __u32 lb_check(struct xdp_md *ctx, const struct pkt *pkt, struct lb_way *way)
{
	return pkt->proto == pkt_be16(PKT_ETH_IP4) ? lb_check4(ctx, pkt, way)
						   : lb_check6(ctx, pkt, way);
}

/*
 * Make room for @size bytes before the IP header, and move the Ethernet header and its VLAN
 * tags in front of it. The place of the new header; NULL if the driver left no room, and then
 * nothing has changed. The bounds after that are the verifier's: they hold for every packet
 * whose L4 header was parsed. @is_reply: it goes back to where it came from, gateway or not.
 */
static __always_inline void *lb_push(struct xdp_md *ctx, const struct pkt *pkt, int size,
				     int is_reply)
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
	if (lb_has_gateway && !is_reply) {
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

#endif
