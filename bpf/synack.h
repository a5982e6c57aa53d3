/* SPDX-License-Identifier: GPL-2.0 */
/* synack.h - make the answer to a SYN out of the SYN, in its place. */
#ifndef SYNACK_H
#define SYNACK_H

#include "xdpchain/stage.bpf.h"

#define SYNACK_FRAME_MIN 60 /* bytes of an Ethernet frame, without FCS */
#define SYNACK_PADDING	 6  /* at most: 60 less Ethernet, IPv4 and TCP without options */
#define SYNACK_TTL	 64
#define SYNACK_WINDOW                                                                              \
	64240 /* 44 segments of 1460; no scaling, which needs the time stamp option                \
	       */

struct synack {
	__u32 ack;   /* host order: of the client's sequence number, plus 1 */
	__u32 seq;   /* host order: the cookie */
	__u16 mss;   /* 0: no option */
	__u16 frame; /* bytes of the frame, set by synack_resize() */
};

struct synack_tcp {
	struct pkt_tcp h;
	__be32 mss;
} __attribute__((packed, aligned(2)));

static __always_inline __u16 synack_fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __always_inline __u64 synack_add(const void *data, __u32 size)
{
	const __u16 *word = data;
	__u64 sum = 0;

	for (__u32 i = 0; i < size / 2; i++)
		sum += word[i];
	return sum;
}

/* Bring the frame to the length of the answer. 0, or -1: it is as it was. */
static __always_inline int synack_resize(struct xdp_md *ctx, const struct pkt *pkt,
					 struct synack *a)
{
	__u32 head = pkt->l3 + (pkt->proto == pkt_be16(PKT_ETH_IP6) ? 40 : 20);
	__u32 size = head + sizeof(struct synack_tcp);

	a->frame = size < SYNACK_FRAME_MIN ? SYNACK_FRAME_MIN : size;
	if (a->frame == pkt->len || !bpf_xdp_adjust_tail(ctx, (int)a->frame - (int)pkt->len))
		return 0;
	/* There is no room behind a frame without options: our option is left out. */
	a->mss = 0;
	a->frame = pkt->len;
	return pkt->len <= size && pkt->len >= size - 4 ? 0 : -1;
}

static __always_inline int synack_put_mac(struct xdp_md *ctx)
{
	__u16 *mac = stage_bytes(ctx, 0, 12), old[3];

	if (!mac)
		return -1;
	old[0] = mac[0];
	old[1] = mac[1];
	old[2] = mac[2];
	mac[0] = mac[3];
	mac[1] = mac[4];
	mac[2] = mac[5];
	mac[3] = old[0];
	mac[4] = old[1];
	mac[5] = old[2];
	return 0;
}

static __always_inline int synack_put_ip4(struct xdp_md *ctx, const struct pkt *pkt, __u32 size)
{
	struct pkt_ip4 *ip = stage_bytes(ctx, pkt->l3, sizeof(*ip));

	if (!ip)
		return -1;
	*ip = (struct pkt_ip4){
		.ver_ihl = 0x45,
		.tot_len = pkt_be16(sizeof(*ip) + size),
		.frag_off = pkt_be16(0x4000),
		.ttl = SYNACK_TTL,
		.protocol = PKT_TCP,
		.saddr = pkt->daddr[0],
		.daddr = pkt->saddr[0],
	};
	ip->check = synack_fold(synack_add(ip, sizeof(*ip)));
	return 0;
}

static __always_inline int synack_put_ip6(struct xdp_md *ctx, const struct pkt *pkt, __u32 size)
{
	struct pkt_ip6 *ip = stage_bytes(ctx, pkt->l3, sizeof(*ip));

	if (!ip)
		return -1;
	*ip = (struct pkt_ip6){
		.ver_class_flow = pkt_be32(0x60000000),
		.payload_len = pkt_be16(size),
		.nexthdr = PKT_TCP,
		.hop_limit = SYNACK_TTL,
	};
	__builtin_memcpy(ip->saddr, pkt->daddr, 16);
	__builtin_memcpy(ip->daddr, pkt->saddr, 16);
	return 0;
}

/* RFC 9293 3.1: the pseudo header, which is the same sum for both families, and the segment. */
static __always_inline int synack_put_tcp(struct xdp_md *ctx, const struct pkt *pkt, __u32 at,
					  const struct synack *a)
{
	__u32 size = a->mss ? sizeof(struct synack_tcp) : sizeof(struct pkt_tcp);
	struct synack_tcp tcp = {
		.h.source = pkt->dport,
		.h.dest = pkt->sport,
		.h.seq = pkt_be32(a->seq),
		.h.ack = pkt_be32(a->ack),
		.h.doff = size << 2,
		.h.flags = PKT_SYN | PKT_ACK,
		.h.window = pkt_be16(SYNACK_WINDOW),
		.mss = a->mss ? pkt_be32(0x02040000 | a->mss) : 0,
	};
	__u64 sum = synack_add(pkt->saddr, 16) + synack_add(pkt->daddr, 16) + pkt_be16(PKT_TCP) +
		    pkt_be16(size);
	void *to;

	tcp.h.check = synack_fold(sum + synack_add(&tcp, sizeof(tcp)));
	if (a->mss) {
		to = stage_bytes(ctx, at, sizeof(tcp));
		if (!to)
			return -1;
		__builtin_memcpy(to, &tcp, sizeof(tcp));
	} else {
		to = stage_bytes(ctx, at, sizeof(tcp.h));
		if (!to)
			return -1;
		__builtin_memcpy(to, &tcp.h, sizeof(tcp.h));
	}
	/* What of the SYN is left behind it is nobody's business. */
	for (__u32 i = 0; i < SYNACK_PADDING; i++) {
		__u8 *byte = stage_bytes(ctx, at + size + i, 1);

		if (byte)
			*byte = 0;
	}
	return 0;
}

/* The frame is the answer. 0; -1: it is spoilt, and can only be dropped. */
static __always_inline int synack_make(struct xdp_md *ctx, const struct pkt *pkt, struct synack *a)
{
	__u32 size, head = pkt->proto == pkt_be16(PKT_ETH_IP6) ? 40 : 20;
	int err;

	if (synack_resize(ctx, pkt, a))
		return -1;
	size = a->mss ? sizeof(struct synack_tcp) : sizeof(struct pkt_tcp);
	if (head == 40)
		err = synack_put_ip6(ctx, pkt, size);
	else
		err = synack_put_ip4(ctx, pkt, size);
	if (err || synack_put_mac(ctx))
		return -1;
	return synack_put_tcp(ctx, pkt, pkt->l3 + head, a);
}

#endif
