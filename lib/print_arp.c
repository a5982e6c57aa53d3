// SPDX-License-Identifier: GPL-2.0
/* lib/print_arp.c - ARP and RARP (RFC 826, 903, 2390). */
#include <linux/if_ether.h>

#include "lib/print_int.h"

#define HDR	     8
#define HW_ATM	     19 /* RFC 2225: another header */
#define TYPE_TRAILER 0x1000

enum {
	ARP_REQUEST = 1,
	ARP_REPLY,
	RARP_REQUEST,
	RARP_REPLY,
	INARP_REQUEST = 8,
	INARP_REPLY,
	ARP_NAK
};

static const struct print_tok ops[] = {
	{ ARP_REQUEST, "Request" },
	{ ARP_REPLY, "Reply" },
	{ RARP_REQUEST, "Reverse Request" },
	{ RARP_REPLY, "Reverse Reply" },
	{ INARP_REQUEST, "Inverse Request" },
	{ INARP_REPLY, "Inverse Reply" },
	{ ARP_NAK, "NACK Reply" },
	{ 0, NULL },
};

static const struct print_tok hardware[] = {
	{ 1, "Ethernet" },    { 6, "TokenRing" },   { 7, "ArcNet" },
	{ 15, "FrameRelay" }, { 19, "ATM" },	    { 23, "Strip" },
	{ 24, "IEEE 1394" },  { 32, "InfiniBand" }, { 0, NULL },
};

struct arp {
	__u16 hrd, pro, op;
	__u8 hlen, plen;
	__u32 sha, spa, tha, tpa; /* offsets */
};

/* A hardware address of whatever length the packet says; Ethernet is nothing special here. */
static void put_hw(struct print *p, const struct arp *a, __u32 off)
{
	const __u8 *b = print_get(p, off, a->hlen);

	if (!a->hlen)
		put_str(p, "<empty>");
	for (__u32 i = 0; b && i < a->hlen; i++) {
		if (i)
			put_char(p, ':');
		put_hex_pad(p, b[i], 2);
	}
}

/* Only IPv4 addresses are known, and those of trailers (RFC 893), which are the same. */
static void put_proto(struct print *p, const struct arp *a, __u32 off)
{
	if (a->pro != ETH_P_IP && a->pro != TYPE_TRAILER)
		put_str(p, "<wrong proto type>");
	else if (a->plen != 4)
		put_str(p, "<wrong len>");
	else
		put_ip4_at(p, off);
}

/* A request that fills in the target hardware address asks whether it is still right. */
static bool any_set(struct print *p, __u32 off, __u32 n)
{
	const __u8 *b = print_get(p, off, n);

	for (__u32 i = 0; b && i < n; i++)
		if (b[i])
			return true;
	return false;
}

/* The name of @v, or what @unknown begins: the number in hex or decimal, and a bracket. */
static void put_tok_or(struct print *p, const struct print_tok *t, __u32 v, const char *unknown,
		       unsigned int hex_width)
{
	const char *s = print_tok(t, v);

	if (s) {
		put_str(p, s);
		return;
	}
	put_str(p, unknown);
	if (hex_width)
		put_hex_pad(p, v, hex_width);
	else
		put_u32(p, v);
	put_char(p, ')');
}

/* Shown with -v, or when these are not IPv4 addresses on anything with hardware addresses. */
static void put_types(struct print *p, const struct arp *a)
{
	put_tok_or(p, hardware, a->hrd, "Unknown Hardware (", 0);
	put_num(p, " (len ", a->hlen, "), ");
	put_tok_or(p, print_ethertypes, a->pro, "Unknown Protocol (0x", 4);
	put_num(p, " (len ", a->plen, ")");
}

/* What is asked or said; false if the operation is unknown. */
static bool put_op(struct print *p, const struct arp *a)
{
	switch (a->op) {
	case ARP_REQUEST:
		put_str(p, "who-has ");
		put_proto(p, a, a->tpa);
		if (any_set(p, a->tha, a->hlen)) {
			put_str(p, " (");
			put_hw(p, a, a->tha);
			put_char(p, ')');
		}
		put_str(p, " tell ");
		put_proto(p, a, a->spa);
		return true;
	case ARP_REPLY:
		put_proto(p, a, a->spa);
		put_str(p, " is-at ");
		put_hw(p, a, a->sha);
		return true;
	case RARP_REQUEST:
	case INARP_REQUEST:
		put_str(p, "who-is ");
		put_hw(p, a, a->tha);
		put_str(p, " tell ");
		put_hw(p, a, a->sha);
		return true;
	case RARP_REPLY:
	case INARP_REPLY:
		put_hw(p, a, a->op == RARP_REPLY ? a->tha : a->sha);
		put_str(p, " at ");
		put_proto(p, a, a->op == RARP_REPLY ? a->tpa : a->spa);
		return true;
	}
	return false;
}

void print_arp(struct print *p, __u32 off, __u32 len)
{
	struct arp a;

	p->proto = "arp";
	if (!print_get(p, off, HDR))
		return;
	a.hrd = print_get16(p, off);
	a.pro = print_get16(p, off + 2);
	if (a.hrd == HW_ATM) {
		print_upper(p);
		put_num(p, "ARP, ATM, length ", len, "");
		return;
	}
	a.hlen = print_get8(p, off + 4);
	a.plen = print_get8(p, off + 5);
	a.op = print_get16(p, off + 6);
	a.sha = off + HDR;
	a.spa = a.sha + a.hlen;
	a.tha = a.spa + a.plen;
	a.tpa = a.tha + a.hlen;
	if (!print_get(p, a.tpa, a.plen))
		return;
	if (!(p->o.flags & PRINT_LINK))
		put_str(p, "ARP, ");
	if ((a.pro != ETH_P_IP && a.pro != TYPE_TRAILER) || a.plen != 4 || !a.hlen ||
	    p->o.verbose) {
		put_types(p, &a);
		if (!p->o.verbose)
			goto out;
		put_str(p, ", ");
	}
	put_tok_or(p, ops, a.op, "Unknown (", 0);
	put_char(p, ' ');
	if (!put_op(p, &a)) {
		print_hex_ascii(p, "\n\t", off, print_left(p, off));
		return;
	}
out:
	put_num(p, ", length ", len, "");
}
