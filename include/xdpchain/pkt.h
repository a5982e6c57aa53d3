/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/pkt.h - the parsed packet, and the parser. The same code in BPF and in user space.
 *
 * The root parses once; every stage reads the result. Nothing here drops: what cannot be
 * parsed is flagged, and a policer decides. Wire formats: linux/if_ether.h, IEEE 802.1Q,
 * RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792, RFC 4443.
 */
#ifndef XDPCHAIN_PKT_H
#define XDPCHAIN_PKT_H

#include <linux/types.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define pkt_be16(x) ((__be16)__builtin_bswap16(x))
#define pkt_be32(x) ((__be32)__builtin_bswap32(x))
#else
#define pkt_be16(x) ((__be16)(x))
#define pkt_be32(x) ((__be32)(x))
#endif
/* A swap is its own inverse: the same two convert from network order. */
#define pkt_h16(x) ((__u16)pkt_be16((__u16)(x)))
#define pkt_h32(x) ((__u32)pkt_be32((__u32)(x)))

enum pkt_flag {
	PKT_L4 = 1 << 0,   /* l4 is valid: a TCP, UDP, ICMP or ICMPv6 header is there in full */
	PKT_FRAG = 1 << 1, /* a fragment, the first one too */
	PKT_FRAG_LATER = 1 << 2, /* not the first one: no L4 header here, ports are 0 */
	PKT_OPTIONS = 1 << 3,	 /* IPv4 options, or IPv6 extension headers other than fragment */
	PKT_VLAN = 1 << 4,	 /* one or two tags; vlan_tci[] holds them, outer first */
	PKT_TUNNEL = 1 << 5,	 /* carries IPIP, 6in4, IP6IP6 or GRE */
	PKT_MALFORMED = 1 << 6,	 /* a length or version field is impossible */
	PKT_TRUNCATED = 1 << 7,	 /* frame, linear part or datagram ends inside a header */
	PKT_MULTIBUF = 1 << 8,	 /* more bytes than ctx->data to ctx->data_end */
};

/* Offsets are bytes from the start of the frame; 0: no such header. */
struct pkt {
	__be32 saddr[4]; /* IPv4 in [0], and zeros */
	__be32 daddr[4];
	__u32 len;   /* bytes of the frame, all buffers */
	__u32 flags; /* enum pkt_flag */
	__u32 ifindex;
	__u32 rxq;	     /* receive queue index */
	__be16 sport, dport; /* TCP and UDP only, else 0 */
	__be16 proto;	     /* EtherType after VLAN tags */
	__u16 vlan_tci[2];   /* priority, DEI, VLAN id; host order */
	__u16 l3, l4;
	__u16 payload;	/* after the L4 header; l4 of a protocol that is not parsed */
	__u8 ipproto;	/* of the last header that was parsed */
	__u8 tcp_flags; /* byte 13 of the TCP header: CWR ECE URG ACK PSH RST SYN FIN */
	__u8 icmp_type, icmp_code;
	__u8 tos, ttl;	/* traffic class and hop limit of IPv6 */
	__u8 tap_mask;	/* bit i: session i wants this packet. Set by the dump stage only */
	__u8 tap_flags; /* enum session_flag, of all sessions in tap_mask together */
	__u16 slots;	/* chain_info.slots when the packet came: its bank, and who is in it */
	__u16 pad[3];
} __attribute__((aligned(8))); /* it is filled by few and wide stores */
_Static_assert(sizeof(struct pkt) == 80, "pkt");

#define PKT_VLAN_TAGS 2
#define PKT_EXT_MAX   8	     /* IPv6 extension headers that are followed */
#define PKT_EXT_AT    0x7fff /* more than the offset at which the last of them can begin */

struct pkt_cur {
	void *pos, *end;
};

/* Take the next @n bytes, or NULL and leave the cursor alone. */
static inline __attribute__((always_inline)) void *pkt_take(struct pkt_cur *c, __u32 n)
{
	void *p = c->pos;

	if (p + n > c->end)
		return 0;
	if (!p) /* saves each caller to test again what has been tested */
		__builtin_unreachable();
	c->pos = p + n;
	return p;
}

/*
 * Headers as bytes, so that neither side needs more than linux/types.h. In the kernel what follows
 * the Ethernet header is aligned to 4, or loads need no alignment (NET_IP_ALIGN, linux/skbuff.h):
 * an address is one load there. In user space frames may lie anywhere.
 */
#ifdef __bpf__
#define PKT_ALIGN 4
#else
#define PKT_ALIGN 2
#endif

struct pkt_eth {
	__u8 dst[6], src[6];
	__be16 proto;
} __attribute__((packed, aligned(2)));

struct pkt_vlan {
	__be16 tci, proto;
};

struct pkt_ip4 {
	__u8 ver_ihl, tos;
	__be16 tot_len, id, frag_off;
	__u8 ttl, protocol;
	__be16 check;
	__be32 saddr, daddr;
} __attribute__((packed, aligned(PKT_ALIGN)));

struct pkt_ip6 {
	__be32 ver_class_flow;
	__be16 payload_len;
	__u8 nexthdr, hop_limit;
	__be32 saddr[4], daddr[4];
} __attribute__((packed, aligned(PKT_ALIGN)));

struct pkt_ext {	   /* hop-by-hop, routing, destination options, fragment */
	__u8 nexthdr, len; /* len: in 8 bytes, less the first 8; AH: in 4 bytes, less 2 */
	__be16 frag_off;   /* fragment header only */
	__be32 id;
} __attribute__((packed, aligned(PKT_ALIGN)));

struct pkt_tcp {
	__be16 source, dest;
	__be32 seq, ack;
	__u8 doff, flags;
	__be16 window, check, urgent;
} __attribute__((packed, aligned(PKT_ALIGN)));

struct pkt_udp {
	__be16 source, dest, len, check;
};

struct pkt_icmp {
	__u8 type, code;
	__be16 check;
	__be32 rest;
} __attribute__((packed, aligned(PKT_ALIGN)));

enum pkt_ethertype {
	PKT_ETH_IP4 = 0x0800,
	PKT_ETH_ARP = 0x0806,
	PKT_ETH_8021Q = 0x8100,
	PKT_ETH_IP6 = 0x86dd,
	PKT_ETH_8021AD = 0x88a8,
	PKT_ETH_QINQ1 = 0x9100,
};

enum pkt_ipproto { /* IANA protocol numbers */
		   PKT_HOPOPTS = 0,
		   PKT_ICMP = 1,
		   PKT_IPIP = 4,
		   PKT_TCP = 6,
		   PKT_UDP = 17,
		   PKT_IPV6 = 41,
		   PKT_ROUTING = 43,
		   PKT_FRAGMENT = 44,
		   PKT_GRE = 47,
		   PKT_AH = 51,
		   PKT_ICMP6 = 58,
		   PKT_DSTOPTS = 60,
};

enum pkt_tcp_flag {
	PKT_FIN = 0x01,
	PKT_SYN = 0x02,
	PKT_RST = 0x04,
	PKT_PSH = 0x08,
	PKT_ACK = 0x10,
};

/* @end: where the datagram ends; what follows is padding, that a sender may fill as he likes. */
static inline __attribute__((always_inline)) void pkt_l4(struct pkt_cur *c, void *data,
							 struct pkt *p, __u32 end)
{
	__u32 at = c->pos - data, linear = c->end - data, size;

	if (p->ipproto == PKT_TCP) {
		struct pkt_tcp *tcp = pkt_take(c, sizeof(*tcp));

		if (!tcp)
			goto truncated;
		size = (tcp->doff >> 4) * 4;
		if (size < sizeof(*tcp)) {
			p->flags |= PKT_MALFORMED;
			size = sizeof(*tcp);
		}
		if (at + size > end || at + size > linear)
			goto truncated;
		p->sport = tcp->source;
		p->dport = tcp->dest;
		p->tcp_flags = tcp->flags;
	} else if (p->ipproto == PKT_UDP) {
		struct pkt_udp *udp = pkt_take(c, sizeof(*udp));

		size = sizeof(*udp);
		if (!udp || at + size > end)
			goto truncated;
		/* 0: jumbogram, RFC 2675. A fragment is shorter than the datagram. */
		if (udp->len && (pkt_h16(udp->len) < size ||
				 (pkt_h16(udp->len) > end - at && !(p->flags & PKT_FRAG))))
			p->flags |= PKT_MALFORMED;
		p->sport = udp->source;
		p->dport = udp->dest;
	} else if (p->ipproto == PKT_ICMP || p->ipproto == PKT_ICMP6) {
		struct pkt_icmp *icmp = pkt_take(c, sizeof(*icmp));

		size = sizeof(*icmp);
		if (!icmp || at + size > end)
			goto truncated;
		p->icmp_type = icmp->type;
		p->icmp_code = icmp->code;
	} else {
		if (at > end)
			goto truncated;
		if (p->ipproto == PKT_IPIP || p->ipproto == PKT_IPV6 || p->ipproto == PKT_GRE)
			p->flags |= PKT_TUNNEL;
		p->payload = at;
		return;
	}
	p->l4 = at;
	p->payload = at + size;
	p->flags |= PKT_L4;
	return;
truncated:
	p->flags |= PKT_TRUNCATED;
}

static inline __attribute__((always_inline)) void pkt_ip4(struct pkt_cur *c, void *data,
							  struct pkt *p)
{
	struct pkt_ip4 *ip = pkt_take(c, sizeof(*ip));
	__u32 hlen, end;

	if (!ip) {
		p->flags |= PKT_TRUNCATED;
		return;
	}
	hlen = (ip->ver_ihl & 0xf) * 4;
	if (ip->ver_ihl >> 4 != 4 || hlen < sizeof(*ip)) {
		p->flags |= PKT_MALFORMED;
		return;
	}
	p->l3 = (void *)ip - data;
	p->saddr[0] = ip->saddr;
	p->daddr[0] = ip->daddr;
	p->ipproto = ip->protocol;
	p->tos = ip->tos;
	p->ttl = ip->ttl;
	/* tot_len 0: a segment of more than 64 KiB (BIG TCP) */
	end = ip->tot_len ? p->l3 + pkt_h16(ip->tot_len) : p->len;
	if (end < p->l3 + hlen || end > p->len)
		p->flags |= PKT_MALFORMED;
	if (ip->frag_off & pkt_be16(0x3fff)) {
		p->flags |= PKT_FRAG;
		if (ip->frag_off & pkt_be16(0x1fff))
			p->flags |= PKT_FRAG_LATER;
	}
	if (hlen > sizeof(*ip)) {
		p->flags |= PKT_OPTIONS;
		if (!pkt_take(c, hlen - sizeof(*ip))) {
			p->flags |= PKT_TRUNCATED;
			return;
		}
	}
	if (!(p->flags & PKT_FRAG_LATER))
		pkt_l4(c, data, p, end);
}

/*
 * Step over one extension header. 1: there may be another; 0: nexthdr is the upper layer. Where it
 * begins, and its kind, are read from @p itself and written there: what a verifier knows of them is
 * then the same whatever headers came before, and it follows the loop's ways once, not each of each
 * (1,000,000 instructions on Linux 7.3, with cursor and kind in registers).
 */
static inline __attribute__((always_inline)) int pkt_ext(void *data, void *end, struct pkt *p)
{
	__u32 at = *(volatile __u16 *)&p->payload & PKT_EXT_AT, more;
	__u8 kind = *(volatile __u8 *)&p->ipproto;
	struct pkt_cur c = { data + at, end };
	struct pkt_ext *x;

	switch (kind) {
	case PKT_HOPOPTS:
	case PKT_ROUTING:
	case PKT_DSTOPTS:
	case PKT_AH:
	case PKT_FRAGMENT:
		break;
	default:
		return 0;
	}
	x = pkt_take(&c, sizeof(*x));
	if (!x)
		goto truncated;
	if (kind == PKT_FRAGMENT) {
		p->flags |= PKT_FRAG;
		if (x->frag_off & pkt_be16(0xfff8))
			p->flags |= PKT_FRAG_LATER;
		more = 0;
	} else {
		p->flags |= PKT_OPTIONS;
		more = kind == PKT_AH ? x->len * 4 : x->len * 8;
	}
	p->ipproto = x->nexthdr;
	if (at + sizeof(*x) + more > (__u32)(end - data))
		goto truncated;
	*(volatile __u16 *)&p->payload = at + sizeof(*x) + more;
	return !(p->flags & PKT_FRAG_LATER);
truncated:
	p->flags |= PKT_TRUNCATED;
	return 0;
}

static inline __attribute__((always_inline)) void pkt_ip6(struct pkt_cur *c, void *data,
							  struct pkt *p)
{
	struct pkt_ip6 *ip = pkt_take(c, sizeof(*ip));
	__u32 end;

	if (!ip) {
		p->flags |= PKT_TRUNCATED;
		return;
	}
	if ((*(__u8 *)ip >> 4) != 6) {
		p->flags |= PKT_MALFORMED;
		return;
	}
	p->l3 = (void *)ip - data;
	__builtin_memcpy(p->saddr, ip->saddr, 16);
	__builtin_memcpy(p->daddr, ip->daddr, 16);
	p->ipproto = ip->nexthdr;
	p->tos = pkt_h32(ip->ver_class_flow) >> 20;
	p->ttl = ip->hop_limit;
	/* payload_len 0: nothing, or a jumbogram */
	end = ip->payload_len ? p->l3 + sizeof(*ip) + pkt_h16(ip->payload_len) : p->len;
	if (end > p->len)
		p->flags |= PKT_MALFORMED;
	p->payload = c->pos - data;
	for (int i = 0; i < PKT_EXT_MAX; i++)
		if (!pkt_ext(data, c->end, p))
			break;
	c->pos = data + (*(volatile __u16 *)&p->payload & PKT_EXT_AT);
	p->payload = 0;
	if (!(p->flags & (PKT_FRAG_LATER | PKT_TRUNCATED)))
		pkt_l4(c, data, p, end);
}

/*
 * Parse the frame [@data, @end) into @p, of which the caller has set len, ifindex, rxq and
 * PKT_MULTIBUF, and zeroed the rest. @end is the end of the linear part. Never fails: p->flags
 * says how far it came.
 */
static inline __attribute__((always_inline)) void pkt_parse(void *data, void *end, struct pkt *p)
{
	struct pkt_cur c = { data, end };
	struct pkt_eth *eth = pkt_take(&c, sizeof(*eth));

	if (!eth) {
		p->flags |= PKT_TRUNCATED;
		return;
	}
	p->proto = eth->proto;
	for (int i = 0; i < PKT_VLAN_TAGS && p->proto != pkt_be16(PKT_ETH_IP4); i++) {
		struct pkt_vlan *v;

		if (p->proto != pkt_be16(PKT_ETH_8021Q) && p->proto != pkt_be16(PKT_ETH_8021AD) &&
		    p->proto != pkt_be16(PKT_ETH_QINQ1))
			break;
		v = pkt_take(&c, sizeof(*v));
		if (!v) {
			p->flags |= PKT_TRUNCATED;
			return;
		}
		p->vlan_tci[i] = pkt_h16(v->tci);
		p->flags |= PKT_VLAN;
		p->proto = v->proto;
	}
	if (p->proto == pkt_be16(PKT_ETH_IP4))
		pkt_ip4(&c, data, p);
	else if (p->proto == pkt_be16(PKT_ETH_IP6))
		pkt_ip6(&c, data, p);
}

/* Neighbouring fields of struct pkt as one number, in the order in which they lie. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define PKT_PAIR8(a, b)	 ((__u32)(__u8)(a) | (__u32)(__u8)(b) << 8)
#define PKT_PAIR16(a, b) ((__u32)(__u16)(a) | (__u32)(__u16)(b) << 16)
#define PKT_PAIR32(a, b) ((__u64)(a) | (__u64)(b) << 32)
#else
#define PKT_PAIR8(a, b)	 ((__u32)(__u8)(b) | (__u32)(__u8)(a) << 8)
#define PKT_PAIR16(a, b) ((__u32)(__u16)(b) | (__u32)(__u16)(a) << 16)
#define PKT_PAIR32(a, b) ((__u64)(b) | (__u64)(a) << 32)
#endif

typedef __u64 __attribute__((may_alias)) pkt_word;

static inline __attribute__((always_inline)) void pkt_put(void *first, __u64 fields)
{
	*(pkt_word *)first = fields;
}

/* Where the headers of a packet are that pkt_common() takes. */
#define PKT_COMMON_L3 sizeof(struct pkt_eth)
#define PKT_COMMON_L4 (PKT_COMMON_L3 + sizeof(struct pkt_ip4))

static inline __attribute__((always_inline)) void
pkt_common_fill(struct pkt *p, struct pkt_ip4 *ip, __u64 len, __u32 size, __u32 tcp_flags)
{
	__u32 ports;

	__builtin_memcpy(&ports, ip + 1, sizeof(ports));
	pkt_put(&p->saddr[0], PKT_PAIR32(ip->saddr, 0));
	pkt_put(&p->saddr[2], 0);
	pkt_put(&p->daddr[0], PKT_PAIR32(ip->daddr, 0));
	pkt_put(&p->daddr[2], 0);
	pkt_put(&p->len, PKT_PAIR32(len, PKT_L4));
	pkt_put(&p->sport, PKT_PAIR32(ports, PKT_PAIR16(pkt_be16(PKT_ETH_IP4), 0)));
	pkt_put(&p->vlan_tci[1], PKT_PAIR32(PKT_PAIR16(0, PKT_COMMON_L3),
					    PKT_PAIR16(PKT_COMMON_L4, PKT_COMMON_L4 + size)));
	pkt_put(&p->ipproto, PKT_PAIR32(PKT_PAIR16(PKT_PAIR8(ip->protocol, tcp_flags), 0),
					PKT_PAIR16(PKT_PAIR8(ip->tos, ip->ttl), 0)));
}

/*
 * What pkt_parse() makes of the packets that most are: an untagged one of IPv4 in one buffer,
 * without options and not a fragment, that carries TCP or UDP, all lengths as they should be. One
 * test for the room of all headers, and no more stores than the result takes: each packet of a
 * flood pays for it.
 *
 * @len: bytes of the frame, all buffers
 * @p:   its ifindex, rxq and slots are the caller's; all else is set, and need not be zeroed.
 * Return: 1; 0 if it is another packet, or a short one: nothing is set, ask pkt_parse().
 */
static inline __attribute__((always_inline)) int pkt_common(void *data, void *end, __u64 len,
							    struct pkt *p)
{
	struct pkt_eth *eth = data;
	struct pkt_ip4 *ip = data + PKT_COMMON_L3;
	struct pkt_tcp *tcp = data + PKT_COMMON_L4;
	struct pkt_udp *udp = (void *)tcp;
	__u32 total, size = sizeof(*udp), tcp_flags = 0;

	if ((void *)(tcp + 1) > end || len != (__u64)(end - data))
		return 0;
	if (eth->proto != pkt_be16(PKT_ETH_IP4) || ip->ver_ihl != 0x45 ||
	    ip->frag_off & pkt_be16(0x3fff))
		return 0;
	total = pkt_h16(ip->tot_len);
	if (PKT_COMMON_L3 + total > len)
		return 0;
	if (ip->protocol == PKT_TCP) {
		size = (tcp->doff >> 4) * 4;
		if (size < sizeof(*tcp) || sizeof(*ip) + size > total)
			return 0;
		tcp_flags = tcp->flags;
	} else if (ip->protocol != PKT_UDP || sizeof(*ip) + size > total ||
		   sizeof(*ip) + pkt_h16(udp->len) != total) {
		return 0;
	}
	pkt_common_fill(p, ip, len, size, tcp_flags);
	return 1;
}

#endif
