// SPDX-License-Identifier: GPL-2.0
/*
 * lb - slot 15: send each packet for a VIP to one of its reals, encapsulated, back out of the
 * interface it came in by. The real answers the client directly.
 *
 * Which real: what the connection table says, else the VIP's Maglev ring. Nothing of the packet
 * is changed before all checks are done. The inner packet stays as it was, TTL included: the
 * balancer stands for the VIP's host and does not route (RFC 2003 section 3.1, RFC 1122 3.2.1.7).
 */
#include "lb_encap.h"
#include "lb_table.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LB_VIPS);
	__type(key, __u32); /* number of the VIP */
	__type(value, struct lb_vip_count);
} vip_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, LB_REALS);
	__type(key, __u32); /* number of the real */
	__type(value, struct chain_count);
} real_counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, LB_REALS + LB_VIPS);
	__type(key, __u32); /* rule id: of a real, or LB_RULE_VIP + number of the VIP */
	__type(value, struct chain_rule);
} rules SEC(".maps");

/*
 * What shows no ports: stop it if it is for the address of a VIP, where no stack waits for it.
 * All fragments are alike here, the first too: without the others it is of no use.
 */
static __always_inline stage_act lb_portless(const struct pkt *pkt)
{
	if (!pkt->l3 || !(pkt->flags & (PKT_FRAG | PKT_TRUNCATED)))
		return NEXT;
	if (!(pkt->flags & PKT_FRAG) && (pkt->ipproto == PKT_ICMP || pkt->ipproto == PKT_ICMP6))
		return NEXT;
	if (!lb_vip(pkt, 0, 0))
		return NEXT;
	return pkt->flags & PKT_FRAG ? DROP(LB_FRAGMENT) : DROP(LB_SHORT);
}

/* Send an IPv4 packet for VIP way->vip. 0, or why it is dropped. */
static __always_inline __u32 lb_send4(struct xdp_md *ctx, const struct pkt *pkt, struct lb_way *way)
{
	struct lb_ip4 *ip = lb_l3(ctx, pkt, sizeof(*ip));
	__u32 drop;

	if (!ip)
		return LB_SHORT;
	drop = lb_check4(ctx, pkt, ip);
	if (!drop)
		drop = lb_find4(pkt, way);
	return drop ? drop : lb_ipip(ctx, pkt, ip, way->real);
}

static __always_inline __u32 lb_send6(struct xdp_md *ctx, const struct pkt *pkt, struct lb_way *way)
{
	struct lb_ip6 *ip = lb_l3(ctx, pkt, sizeof(*ip));
	__u32 drop, len;

	if (!ip)
		return LB_SHORT;
	len = pkt_h32(ip->word[1]) >> 16;
	drop = lb_check6(ctx, pkt, len);
	if (!drop)
		drop = lb_find6(pkt, way);
	return drop ? drop : lb_ip6ip6(ctx, pkt, len, way->real);
}

static __always_inline stage_act lb_dropped(const struct pkt *pkt, __u32 vip, __u32 reason)
{
	struct lb_vip_count *n = bpf_map_lookup_elem(&vip_counts, &vip);

	if (n)
		stage_count(&n->dropped, pkt->len);
	return DROP_RULE(reason, LB_RULE_VIP + vip);
}

static __always_inline stage_act lb_sent(const struct pkt *pkt, const struct lb_way *way)
{
	struct lb_vip_count *vip = bpf_map_lookup_elem(&vip_counts, &way->vip);
	struct chain_count *real = bpf_map_lookup_elem(&real_counts, &way->number);

	if (vip)
		stage_count(&vip->sent, pkt->len);
	if (real)
		stage_count(real, pkt->len);
	return TX_RULE(way->reason, way->number);
}

STAGE(lb)
{
	struct lb_way way;
	__u32 drop;

	if ((pkt->flags & (PKT_L4 | PKT_FRAG)) != PKT_L4)
		return lb_portless(pkt);
	if (pkt->ipproto != PKT_TCP && pkt->ipproto != PKT_UDP)
		return NEXT;
	way.vip = lb_vip(pkt, pkt->dport, pkt->ipproto);
	if (!way.vip)
		return NEXT;
	if (pkt->proto == pkt_be16(PKT_ETH_IP4))
		drop = lb_send4(ctx, pkt, &way);
	else
		drop = lb_send6(ctx, pkt, &way);
	return drop ? lb_dropped(pkt, way.vip, drop) : lb_sent(pkt, &way);
}
