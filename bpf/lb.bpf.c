// SPDX-License-Identifier: GPL-2.0
/*
 * lb - slot 15: send each packet for a VIP to one of its reals, encapsulated, back out of the
 * interface it came in by. The real answers the client directly.
 *
 * Which real: what the packet itself says, else the connection table, else the client's prefix or
 * the VIP's Maglev ring. Nothing of the packet is changed before all checks are done. The inner
 * packet stays as it was, TTL included: the balancer stands for the VIP's host and does not route
 * (RFC 2003 section 3.1, RFC 1122 3.2.1.7).
 */
#include "lb_encap.h"
#include "lb_icmp.h"
#include "lb_id.h"
#include "lb_table.h"
#include "lb_vip.h"

/*
 * What shows no ports: stop it if it is for the address of a VIP, where no stack waits for it,
 * unless a VIP there takes fragments. All fragments are alike here, the first too: without the
 * others it is of no use.
 */
static __always_inline stage_act lb_portless(struct pkt *pkt, struct lb_way *way)
{
	const struct lb_vip *alone, *taker;
	__u32 vip;

	if (!pkt->l3 || !(pkt->flags & (PKT_FRAG | PKT_TRUNCATED)))
		return NEXT;
	if (!(pkt->flags & PKT_FRAG) && (pkt->ipproto == PKT_ICMP || pkt->ipproto == PKT_ICMP6))
		return NEXT;
	alone = lb_vip(pkt, 0, 0, way);
	way->vip = 0;
	if (!alone)
		return NEXT;
	if (!(pkt->flags & PKT_FRAG))
		return DROP(LB_SHORT);
	vip = pkt->ipproto == PKT_TCP ? alone->frags[0] : alone->frags[1];
	taker = bpf_map_lookup_elem(&vips, &vip);
	if (!vip || !taker || (pkt->ipproto != PKT_TCP && pkt->ipproto != PKT_UDP))
		return DROP(LB_FRAGMENT);
	way->vip = vip;
	way->flags = taker->flags | LB_VIP_HASH_SOURCE | LB_VIP_ONE_SHOT;
	return NEXT;
}

/* ICMP: as lb_portless(), what is not for a flow of a VIP is dealt with here. */
static __always_inline stage_act lb_icmp(struct xdp_md *ctx, struct pkt *pkt, struct lb_way *way)
{
	__u32 drop, vip;

	if (lb_is_error(pkt)) {
		if (lb_about(ctx, pkt, way))
			lb_vip(pkt, pkt->dport, pkt->ipproto, way);
		return NEXT;
	}
	if (!lb_is_echo(pkt) || !lb_vip(pkt, 0, 0, way))
		return NEXT;
	vip = way->vip;
	way->vip = 0;
	drop = lb_check(ctx, pkt, way);
	return drop ? DROP_RULE(drop, LB_RULE_VIP + vip) : lb_echo(ctx, pkt, vip);
}

/* Find the VIP, and set way->vip; or what else happens to the packet. */
static __always_inline stage_act lb_enter(struct xdp_md *ctx, struct pkt *pkt, struct lb_way *way)
{
	if ((pkt->flags & (PKT_L4 | PKT_FRAG)) != PKT_L4)
		return lb_portless(pkt, way);
	if (pkt->ipproto == PKT_TCP || pkt->ipproto == PKT_UDP)
		lb_vip(pkt, pkt->dport, pkt->ipproto, way);
	else
		return lb_icmp(ctx, pkt, way);
	return NEXT;
}

/* The real of the packet, by its server id if its VIP knows such. 0, or why it is dropped. */
static __always_inline __u32 lb_route(struct xdp_md *ctx, const struct pkt *pkt, struct lb_way *way)
{
	way->reason = LB_NEW;
	way->jiffies = bpf_jiffies64();
	way->stamp = way->jiffies >> LB_STAMP_JIFFIES;
	if (way->flags & (LB_VIP_QUIC | LB_VIP_STABLE) && !way->is_error &&
	    lb_by_id(ctx, pkt, way)) {
		way->reason = LB_SERVER_ID;
		if (way->flags & LB_VIP_STABLE)
			return 0;
		way->is_given = 1;
	}
	return lb_real_of(pkt, way);
}

static __always_inline stage_act lb_dropped(struct xdp_md *ctx, const struct pkt *pkt,
					    struct lb_way *way, __u32 reason)
{
	struct lb_vip_count *n = bpf_map_lookup_elem(&vip_counts, &way->vip);

	if (n)
		stage_count(&n->dropped, pkt->len);
	if (reason == LB_TOO_BIG && lb_tell(ctx, pkt, way))
		return TX_RULE(LB_TOLD_TOO_BIG, LB_RULE_VIP + way->vip);
	return DROP_RULE(reason, LB_RULE_VIP + way->vip);
}

static __always_inline stage_act lb_sent(const struct pkt *pkt, const struct lb_way *way)
{
	struct lb_vip_count *vip = bpf_map_lookup_elem(&vip_counts, &way->vip);
	struct chain_count *real = bpf_map_lookup_elem(&real_counts, &way->number);

	if (vip)
		stage_count(&vip->sent, pkt->len);
	if (real)
		stage_count(real, pkt->len);
	return TX_RULE(way->is_error ? LB_ICMP_ERROR : way->reason, way->number);
}

STAGE(lb)
{
	struct lb_way way = { 0 };
	stage_act act;
	__u32 drop;

	act = lb_enter(ctx, pkt, &way);
	if (!way.vip)
		return act;
	drop = lb_check(ctx, pkt, &way);
	if (!drop)
		drop = lb_route(ctx, pkt, &way);
	if (!drop)
		drop = lb_wrap(ctx, pkt, &way);
	return drop ? lb_dropped(ctx, pkt, &way, drop) : lb_sent(pkt, &way);
}
