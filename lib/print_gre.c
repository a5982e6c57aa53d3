// SPDX-License-Identifier: GPL-2.0
/* lib/print_gre.c - GRE (RFC 2784, 2890, 1701) and the variant of PPTP (RFC 2637). */
#include <linux/if_ether.h>

#include "lib/print_int.h"

enum {
	HAS_SUM = 0x8000,
	HAS_ROUTING = 0x4000,
	HAS_KEY = 0x2000,
	HAS_SEQ = 0x1000,
	SOURCE_ROUTE = 0x0800,
	HAS_ACK = 0x0080
};

enum { ROUTE_IP = 0x0800, ROUTE_ASN = 0xfffe };

static const struct print_tok flag_names[] = {
	{ HAS_SUM, "checksum present" },
	{ HAS_ROUTING, "routing present" },
	{ HAS_KEY, "key present" },
	{ HAS_SEQ, "sequence# present" },
	{ SOURCE_ROUTE, "source routing present" },
	{ HAS_ACK, "ack present" },
	{ 0, NULL },
};

/* What is left of the packet: position, and bytes by the length of the layer below. */
struct rest {
	__u32 off, len;
};

/* @n bytes that the length allows for and that were captured; moves on, and gives their offset. */
static bool take(const struct print *p, struct rest *r, __u32 n, __u32 *off)
{
	if (r->len < n || !print_has(p, r->off, n))
		return false;
	*off = r->off;
	r->off += n;
	r->len -= n;
	return true;
}

static void put_flags(struct print *p, __u16 flags)
{
	if (!p->o.verbose)
		return;
	put_str(p, ", Flags [");
	put_bits(p, flag_names, flags, ", ", "none");
	put_char(p, ']');
}

static void put_hex_field(struct print *p, const char *before, __u32 v)
{
	put_str(p, before);
	put_hex(p, v);
}

/* The route of one entry: @unit bytes each, the one at @at marked. False if cut short. */
static bool put_hops(struct print *p, struct rest r, __u8 at, __u8 len, __u8 unit)
{
	if (at & (unit - 1)) {
		put_num(p, ", badoffset=", at, "");
		return true;
	}
	if (len & (unit - 1)) {
		put_num(p, ", badlength=", len, "");
		return true;
	}
	if (at >= len) {
		put_num(p, ", badoff/len=", at, "/");
		put_u32(p, len);
		return true;
	}
	for (__u32 i = 0; i < len; i += unit) {
		__u32 off;

		if (!take(p, &r, unit, &off))
			return false;
		put_str(p, i == at ? " *" : " ");
		if (unit == 4)
			put_ip4_at(p, off);
		else
			put_hex(p, print_get16(p, off));
	}
	return true;
}

/* RFC 1701 source routes; false if they are cut short. */
static bool put_routes(struct print *p, struct rest *r)
{
	__u32 off;

	while (take(p, r, 4, &off) && !print_ended(p)) {
		__u16 family = print_get16(p, off);
		__u8 at = print_get8(p, off + 2), len = print_get8(p, off + 3);
		bool whole = true;

		if (!family && !len)
			return true;
		if (family == ROUTE_IP || family == ROUTE_ASN) {
			put_str(p, family == ROUTE_IP ? ", (rtaf=ip" : ", (rtaf=asn");
			whole = put_hops(p, *r, at, len, family == ROUTE_IP ? 4 : 2);
		} else {
			put_hex_field(p, ", (rtaf=0x", family);
		}
		put_char(p, ')');
		if (!whole || !take(p, r, len, &off))
			return false;
	}
	return false;
}

/* The optional fields of version 0; false if they are cut short. */
static bool put_fields(struct print *p, __u16 flags, struct rest *r)
{
	__u32 off;

	if (flags & (HAS_SUM | HAS_ROUTING)) {
		if (!take(p, r, 2, &off))
			return false;
		if (p->o.verbose)
			put_hex_field(p, ", sum 0x", print_get16(p, off));
		if (!take(p, r, 2, &off))
			return false;
		put_hex_field(p, ", off 0x", print_get16(p, off));
	}
	if (flags & HAS_KEY) {
		if (!take(p, r, 4, &off))
			return false;
		put_hex_field(p, ", key=0x", print_get32(p, off));
	}
	if (flags & HAS_SEQ) {
		if (!take(p, r, 4, &off))
			return false;
		put_num(p, ", seq ", print_get32(p, off), "");
	}
	return !(flags & HAS_ROUTING) || put_routes(p, r);
}

/* The type as -e shows it, and the length of header and payload together. */
static void put_proto(struct print *p, __u16 type, __u32 len)
{
	const char *name = print_tok(print_ethertypes, type);

	if (p->o.flags & PRINT_LINK) {
		put_str(p, ", proto ");
		put_str(p, name ? name : "unknown");
		put_str(p, " (0x");
		put_hex_pad(p, type, 4);
		put_char(p, ')');
	}
	put_num(p, ", length ", len, "");
}

/* With -v the payload begins a line of its own. */
static void put_inner(struct print *p, __u16 type, const struct rest *r)
{
	put_str(p, p->o.verbose ? "\n\t" : ": ");
	switch (type) {
	case ETH_P_IP:
		print_ip4(p, r->off, r->len);
		return;
	case ETH_P_IPV6:
		print_ip6(p, r->off, r->len);
		return;
	case ETH_P_MPLS_UC:
		print_mpls(p, r->off, r->len);
		return;
	case ETH_P_TEB:
		print_ether(p, r->off, r->len);
		return;
	}
	print_upper(p);
	put_hex_field(p, "gre-proto-0x", type);
}

/* RFC 2784, 2890, and 1701 where it says more. False if cut short. */
static bool put_version0(struct print *p, __u16 flags, struct rest *r, __u32 len)
{
	__u32 off;
	__u16 type;

	if (!take(p, r, 2, &off))
		return false;
	type = print_get16(p, off);
	if (!put_fields(p, flags, r))
		return false;
	put_proto(p, type, len);
	put_inner(p, type, r);
	return true;
}

/*
 * RFC 2637: the key holds a payload length, which nobody shows, and a call number; without a
 * sequence number there is no payload. False if cut short.
 */
static bool put_version1(struct print *p, __u16 flags, struct rest *r, __u32 len)
{
	__u32 off;
	__u16 type;

	if (!take(p, r, 2, &off))
		return false;
	type = print_get16(p, off);
	if (flags & HAS_KEY) {
		if (!take(p, r, 4, &off))
			return false;
		put_num(p, ", call ", print_get16(p, off + 2), "");
	}
	if (flags & HAS_SEQ) {
		if (!take(p, r, 4, &off))
			return false;
		put_num(p, ", seq ", print_get32(p, off), "");
	}
	if (flags & HAS_ACK) {
		if (!take(p, r, 4, &off))
			return false;
		put_num(p, ", ack ", print_get32(p, off), "");
	}
	if (!(flags & HAS_SEQ))
		put_str(p, ", no-payload");
	put_proto(p, type, len);
	if (!(flags & HAS_SEQ))
		return true;
	put_str(p, p->o.verbose ? "\n\t" : ": ");
	print_upper(p);
	put_hex_field(p, "gre-proto-0x", type);
	return true;
}

void print_gre(struct print *p, __u32 off, __u32 len)
{
	struct rest r = { off, len };
	__u16 flags;
	bool whole = true;

	p->proto = "gre";
	if (!take(p, &r, 2, &off)) {
		print_trunc(p);
		return;
	}
	flags = print_get16(p, off);
	put_num(p, "GREv", flags & 7, "");
	if ((flags & 7) > 1) {
		put_str(p, " ERROR: unknown-version");
		return;
	}
	put_flags(p, flags);
	if (flags & 7)
		whole = put_version1(p, flags, &r, len);
	else
		whole = put_version0(p, flags, &r, len);
	if (!whole)
		print_trunc(p);
}
