/* SPDX-License-Identifier: GPL-2.0 */
/* lb_vip.h - which VIP a packet is for. */
#ifndef LB_VIP_H
#define LB_VIP_H

#include "lb_maps.h"

/* The entry in the chains of @head for just that address and @what, or 0. */
static __always_inline __u32 lb_chain(const struct pkt *pkt, const struct lb_heads *head,
				      union lb_what what)
{
	__u32 n = head->first[lb_head(pkt->daddr, what) & (LB_HEADS - 1)];
	struct lb_vip *vip;

#pragma clang loop unroll(disable)
	for (int i = 0; i < LB_CHAIN && n; i++) {
		vip = bpf_map_lookup_elem(&vips, &n);
		if (!vip)
			return 0;
		if (vip->what.word == what.word && vip->addr[0] == pkt->daddr[0] &&
		    (what.version == 4 ||
		     (vip->addr[1] == pkt->daddr[1] && vip->addr[2] == pkt->daddr[2] &&
		      vip->addr[3] == pkt->daddr[3])))
			return n;
		n = vip->next;
	}
	return 0;
}

/* The entry of the longest prefix, or 0. */
static __always_inline __u32 lb_longest(const struct pkt *pkt, union lb_what what)
{
	struct lb_prefix key = { .plen = LB_PREFIX_WHAT + (what.version == 4 ? 32 : 128),
				 .what = what };
	__u32 *n;

	__builtin_memcpy(key.addr, pkt->daddr, sizeof(key.addr));
	n = bpf_map_lookup_elem(&prefixes, &key);
	return n ? *n : 0;
}

/* Where nobody has just this address and port: an address before a prefix, a port before any. */
static __always_inline __u32 lb_also(const struct pkt *pkt, const struct lb_heads *head,
				     union lb_what what, struct lb_way *way)
{
	union lb_what any = what;
	__u32 n = 0, also = head->also;

	any.port = 0;
	way->is_wide = 1;
	if (also & LB_ALSO_ANY_PORT)
		n = lb_chain(pkt, head, any);
	if (n || !(also & LB_ALSO_PREFIX))
		return n;
	way->is_prefix = 1;
	n = lb_longest(pkt, what);
	return n || !what.port ? n : lb_longest(pkt, any);
}

/*
 * Set way->vip and what goes with it by @port and @proto; with 0 and 0, to the entry of the
 * address alone. That entry, or NULL.
 */
static __always_inline const struct lb_vip *lb_vip(const struct pkt *pkt, __be16 port, __u8 proto,
						   struct lb_way *way)
{
	int is4 = pkt->proto == pkt_be16(PKT_ETH_IP4);
	union lb_what what = { .port = port, .proto = proto, .version = is4 ? 4 : 6 };
	struct lb_heads *head;
	const struct lb_vip *vip;
	__u32 zero = 0, n;

	head = bpf_map_lookup_elem(&heads, &zero);
	if (!head)
		return NULL;
	n = lb_chain(pkt, head, what);
	if (!n && head->also)
		n = lb_also(pkt, head, what, way);
	if (!n)
		return NULL;
	vip = bpf_map_lookup_elem(&vips, &n);
	if (!vip || vip->what.proto != proto) /* an entry that is being taken away */
		return NULL;
	way->vip = n;
	way->flags = vip->flags;
	way->id_bytes = vip->id_bytes;
	way->guards = head->guards;
	return vip;
}

#endif
