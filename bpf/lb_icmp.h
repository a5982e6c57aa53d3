/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lb_icmp.h - ICMP and ICMPv6 for VIPs: echo is answered, errors go to the real of the flow that
 * they are about, and who sends too much is told how much fits. RFC 792, 4443, 1191, 8201, 1122.
 */
#ifndef LB_ICMP_H
#define LB_ICMP_H

#include "lb_encap.h"
#include "lb_guard.h"
#include "lb_vip.h"

enum lb_icmp_type {
	LB_ICMP_REPLY = 0,
	LB_ICMP_UNREACH = 3,
	LB_ICMP_FRAG_NEEDED = 4, /* code of that */
	LB_ICMP_REQUEST = 8,
	LB_ICMP_EXCEEDED = 11,
	LB_ICMP_PARAMETER = 12,
	LB_ICMP6_UNREACH = 1,
	LB_ICMP6_TOO_BIG = 2,
	LB_ICMP6_PARAMETER = 4,
	LB_ICMP6_REQUEST = 128,
	LB_ICMP6_REPLY = 129,
};

/* How much of a packet goes into an error about it: more than all headers that lead to its ports.
 */
#define LB_QUOTE4 84
#define LB_QUOTE6 248

struct lb_icmp {
	__u8 type, code;
	__be16 check;
	__be32 rest;
};

static __always_inline int lb_is_echo(const struct pkt *pkt)
{
	return pkt->icmp_type == (pkt->ipproto == PKT_ICMP ? LB_ICMP_REQUEST : LB_ICMP6_REQUEST);
}

static __always_inline int lb_is_error(const struct pkt *pkt)
{
	if (pkt->ipproto == PKT_ICMP)
		return pkt->icmp_type == LB_ICMP_UNREACH || pkt->icmp_type == LB_ICMP_EXCEEDED ||
		       pkt->icmp_type == LB_ICMP_PARAMETER;
	return pkt->icmp_type >= LB_ICMP6_UNREACH && pkt->icmp_type <= LB_ICMP6_PARAMETER;
}

static __always_inline void lb_swap_macs(struct xdp_md *ctx)
{
	struct lb_mac *at = (void *)(long)ctx->data, mac;

	if ((void *)(at + 1) > (void *)(long)ctx->data_end)
		return;
	mac = *at;
	__builtin_memcpy(at->dst, mac.src, sizeof(mac.src));
	__builtin_memcpy(at->src, mac.dst, sizeof(mac.dst));
}

/* Back to the sender, TTL anew. A sum does not mind the addresses' order. */
static __always_inline void lb_turn4(struct lb_ip4 *ip)
{
	__be32 addr = ip->word[3], old = ip->word[2] & pkt_be32(0xff000000);
	__be32 new = pkt_be32(LB_TTL_OUT << 24);
	__u16 check = pkt_be16(pkt_h32(ip->word[2]));

	ip->word[3] = ip->word[4];
	ip->word[4] = addr;
	check = ~lb_fold((__u64)(__u16)~check + (__u32)~old + new); /* RFC 1624 */
	ip->word[2] = (ip->word[2] & pkt_be32(0x00ff0000)) | new | pkt_be32(pkt_h16(check));
}

static __always_inline void lb_turn6(struct lb_ip6 *ip)
{
	__be32 addr;

	for (int i = 0; i < 4; i++) {
		addr = ip->saddr[i];
		ip->saddr[i] = ip->daddr[i];
		ip->daddr[i] = addr;
	}
	ip->word[1] = (ip->word[1] & pkt_be32(0xffffff00)) | pkt_be32(LB_TTL_OUT);
}

/* Answer an echo request in place. */
static __always_inline stage_act lb_echo(struct xdp_md *ctx, const struct pkt *pkt, __u32 vip)
{
	int is4 = pkt->ipproto == PKT_ICMP;
	__u16 less = is4 ? pkt_be16(LB_ICMP_REQUEST << 8) : (__u16)~pkt_be16(1 << 8);
	struct lb_icmp *icmp = stage_bytes(ctx, pkt->l4, sizeof(*icmp));
	void *ip;

	if (!icmp)
		return DROP(LB_SHORT);
	icmp->type = is4 ? LB_ICMP_REPLY : LB_ICMP6_REPLY;
	/* added and not by RFC 1624, which makes 0 of a packet of zeros */
	icmp->check = lb_fold((__u64)icmp->check + less);
	ip = lb_l3(ctx, pkt, is4 ? sizeof(struct lb_ip4) : sizeof(struct lb_ip6));
	if (!ip)
		return DROP(LB_SHORT);
	if (is4)
		lb_turn4(ip);
	else
		lb_turn6(ip);
	lb_swap_macs(ctx);
	return TX_RULE(LB_ECHO, LB_RULE_VIP + vip);
}

/* The flow that an ICMPv4 error is about becomes @pkt's, seen as from the client. 0: none of ours
 */
static __always_inline int lb_about4(struct xdp_md *ctx, struct pkt *pkt)
{
	struct pkt_ip4 *ip = stage_bytes(ctx, pkt->payload, sizeof(*ip));
	__u32 len;
	__be16 *ports;

	if (!ip || ip->saddr != pkt->daddr[0] || ip->frag_off & pkt_be16(0x1fff) ||
	    (ip->protocol != PKT_TCP && ip->protocol != PKT_UDP))
		return 0;
	len = (ip->ver_ihl & 15) * 4;
	ports = stage_bytes(ctx, pkt->payload + len, 2 * sizeof(*ports));
	if (ip->ver_ihl >> 4 != 4 || len < sizeof(*ip) || !ports)
		return 0;
	pkt->saddr[0] = ip->daddr;
	pkt->ipproto = ip->protocol;
	pkt->dport = ports[0];
	pkt->sport = ports[1];
	return 1;
}

static __always_inline int lb_about6(struct xdp_md *ctx, struct pkt *pkt)
{
	struct pkt_ip6 *ip = stage_bytes(ctx, pkt->payload, sizeof(*ip) + 4);
	__be16 *ports;

	if (!ip || ip->saddr[0] != pkt->daddr[0] || ip->saddr[1] != pkt->daddr[1] ||
	    ip->saddr[2] != pkt->daddr[2] || ip->saddr[3] != pkt->daddr[3] ||
	    *(__u8 *)ip >> 4 != 6 || (ip->nexthdr != PKT_TCP && ip->nexthdr != PKT_UDP))
		return 0;
	ports = (void *)(ip + 1);
	__builtin_memcpy(pkt->saddr, ip->daddr, sizeof(pkt->saddr));
	pkt->ipproto = ip->nexthdr;
	pkt->dport = ports[0];
	pkt->sport = ports[1];
	return 1;
}

/*
 * Nobody reads @pkt after this stage, the last one, but for its length: so it may tell of the flow.
 * As an RST does, the error makes no entry.
 */
static __always_inline int lb_about(struct xdp_md *ctx, struct pkt *pkt, struct lb_way *way)
{
	if (pkt->ipproto == PKT_ICMP ? !lb_about4(ctx, pkt) : !lb_about6(ctx, pkt))
		return 0;
	pkt->tcp_flags = PKT_RST;
	way->is_error = 1;
	return 1;
}

/* May another error be sent in this second? And would RFC 1122 3.2.2 have it? */
static __always_inline int lb_may_tell(const struct pkt *pkt, const struct lb_way *way)
{
	__u32 first = pkt_h32(pkt->saddr[0]) >> 24;
	struct lb_guard *g = lb_guard_get();

	if (!g || way->is_error || pkt->flags & PKT_FRAG_LATER)
		return 0;
	if (pkt->proto == pkt_be16(PKT_ETH_IP4) ? !first || first == 127 || first >= 224
						: first == 0xff || !pkt->saddr[0])
		return 0;
	if (way->jiffies - g->icmp_start >= lb_hz) {
		g->icmp_start = way->jiffies;
		g->icmp = 0;
	}
	if (g->icmp >= lb_icmp_rate)
		return 0;
	g->icmp++;
	return 1;
}

/* Cut the frame so that @quote bytes of the IP packet are left. */
static __always_inline int lb_cut(struct xdp_md *ctx, const struct pkt *pkt, __u32 quote)
{
	int more = (int)(pkt->len - pkt->l3 - quote);

	return more > 0 ? bpf_xdp_adjust_tail(ctx, -more) : -1;
}

/* The checksum of an ICMP message of 8 bytes that add up to @head and @quote more after it. */
static __always_inline __u16 lb_icmp_check(struct xdp_md *ctx, const struct pkt *pkt, __u32 at,
					   __u64 head, __u32 quote)
{
	__be32 *bytes = stage_bytes(ctx, pkt->l3 + at, quote);

	if (!bytes)
		return 0;
	return ~lb_fold(head + (__u32)bpf_csum_diff(NULL, 0, bytes, quote, 0));
}

static __always_inline int lb_tell4(struct xdp_md *ctx, const struct pkt *pkt, __u32 mtu)
{
	struct {
		struct lb_ip4 ip;
		struct lb_icmp icmp;
	} head = { 0 }, *at;
	__u32 rest = pkt_be32(mtu & 0xffff),
	      first = pkt_be32(LB_ICMP_UNREACH << 24 | LB_ICMP_FRAG_NEEDED << 16);
	__u16 check;

	if (lb_cut(ctx, pkt, LB_QUOTE4))
		return 0;
	head.ip.word[0] = pkt_be32(0x45000000 | (__u32)(sizeof(head) + LB_QUOTE4));
	head.ip.word[2] = pkt_be32(LB_TTL_OUT << 24 | PKT_ICMP << 16);
	head.ip.word[3] = pkt->daddr[0];
	head.ip.word[4] = pkt->saddr[0];
	check = ~lb_fold((__u64)head.ip.word[0] + head.ip.word[2] + head.ip.word[3] +
			 head.ip.word[4]);
	head.ip.word[2] |= pkt_be32(pkt_h16(check));
	head.icmp.type = LB_ICMP_UNREACH;
	head.icmp.code = LB_ICMP_FRAG_NEEDED;
	head.icmp.rest = rest;
	head.icmp.check = lb_icmp_check(ctx, pkt, 0, (__u64)first + rest, LB_QUOTE4);
	at = lb_push(ctx, pkt, sizeof(head), 1);
	if (!at)
		return 0;
	*at = head;
	return 1;
}

static __always_inline int lb_tell6(struct xdp_md *ctx, const struct pkt *pkt, __u32 mtu)
{
	const __u32 len = sizeof(struct lb_icmp) + LB_QUOTE6;
	struct {
		struct lb_ip6 ip;
		struct lb_icmp icmp;
	} * at;
	__u64 sum = (__u64)pkt_be32(LB_ICMP6_TOO_BIG << 24) + pkt_be32(mtu) + pkt_be32(len) +
		    pkt_be32(PKT_ICMP6);
	__u16 check;

	if (lb_cut(ctx, pkt, LB_QUOTE6))
		return 0;
	for (int i = 0; i < 4; i++)
		sum += (__u64)pkt->saddr[i] + pkt->daddr[i];
	check = lb_icmp_check(ctx, pkt, 0, sum, LB_QUOTE6);
	at = lb_push(ctx, pkt, sizeof(*at), 1);
	if (!at)
		return 0;
	at->ip.word[0] = pkt_be32(6u << 28);
	at->ip.word[1] = pkt_be32(len << 16 | PKT_ICMP6 << 8 | LB_TTL_OUT);
	__builtin_memcpy(at->ip.saddr, pkt->daddr, sizeof(at->ip.saddr));
	__builtin_memcpy(at->ip.daddr, pkt->saddr, sizeof(at->ip.daddr));
	at->icmp.type = LB_ICMP6_TOO_BIG;
	at->icmp.code = 0;
	at->icmp.check = check;
	at->icmp.rest = pkt_be32(mtu);
	return 1;
}

/* Tell the sender of a packet that is too big what fits. 0: it is not told. */
static __always_inline int lb_tell(struct xdp_md *ctx, const struct pkt *pkt, struct lb_way *way)
{
	if (!lb_may_tell(pkt, way))
		return 0;
	return pkt->proto == pkt_be16(PKT_ETH_IP4) ? lb_tell4(ctx, pkt, way->mtu)
						   : lb_tell6(ctx, pkt, way->mtu);
}

#endif
