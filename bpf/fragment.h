/* SPDX-License-Identifier: GPL-2.0 */
/* fragment.h - what a fragment says of itself. */
#ifndef FRAGMENT_H
#define FRAGMENT_H

#include "xdpchain/stage.bpf.h"

struct fragment {
	__u32 id;	   /* as it is in the packet */
	__u32 offset, len; /* bytes of the datagram that it brings; len may be what cannot be */
	__u32 head;	   /* bytes of IPv4 header, which count in the length of the datagram */
	__u32 more;	   /* 1: not the last one */
};

static __always_inline int fragment_read4(struct xdp_md *ctx, const struct pkt *pkt,
					  struct fragment *f)
{
	struct pkt_ip4 *ip = stage_bytes(ctx, pkt->l3, sizeof(*ip));

	if (!ip)
		return -1;
	f->id = ip->id;
	f->offset = (pkt_h16(ip->frag_off) & 0x1fff) * 8;
	f->more = pkt_h16(ip->frag_off) >> 13 & 1;
	f->head = (ip->ver_ihl & 0xf) * 4;
	f->len = pkt_h16(ip->tot_len) - f->head;
	return 0;
}

/* Where the fragment header is, or 0. */
static __always_inline __u32 fragment_find6(struct xdp_md *ctx, const struct pkt *pkt, __u8 next)
{
	__u32 at = pkt->l3 + sizeof(struct pkt_ip6);
	__u8 *ext;

	for (int i = 0; i < PKT_EXT_MAX; i++) {
		if (next == PKT_FRAGMENT)
			return at;
		ext = stage_bytes(ctx, at, 2);
		if (!ext)
			return 0;
		at += next == PKT_AH ? ext[1] * 4 + 8 : ext[1] * 8 + 8;
		next = ext[0];
	}
	return 0;
}

static __always_inline int fragment_read6(struct xdp_md *ctx, const struct pkt *pkt,
					  struct fragment *f)
{
	struct pkt_ip6 *ip = stage_bytes(ctx, pkt->l3, sizeof(*ip));
	__u32 at, end;
	struct pkt_ext *ext;

	if (!ip)
		return -1;
	end = pkt->l3 + sizeof(*ip) + pkt_h16(ip->payload_len);
	at = fragment_find6(ctx, pkt, ip->nexthdr);
	ext = at ? stage_bytes(ctx, at, sizeof(*ext)) : 0;
	if (!ext)
		return -1;
	f->id = ext->id;
	f->offset = pkt_h16(ext->frag_off) & 0xfff8;
	f->more = pkt_h16(ext->frag_off) & 1;
	f->head = 0;
	f->len = end - at - sizeof(*ext);
	return 0;
}

/* 0; -1: it is cut off before it says all that. */
static __always_inline int fragment_read(struct xdp_md *ctx, const struct pkt *pkt,
					 struct fragment *f)
{
	if (pkt->proto == pkt_be16(PKT_ETH_IP4))
		return fragment_read4(ctx, pkt, f);
	return fragment_read6(ctx, pkt, f);
}

#endif
