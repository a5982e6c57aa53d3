// SPDX-License-Identifier: GPL-2.0
/* lib/print_ip4.c - the IPv4 header and its options (RFC 791). */
#include "lib/print_int.h"

#define HDR 20

enum {
	OPT_EOL = 0,
	OPT_NOP = 1,
	OPT_RR = 7,
	OPT_TS = 68,
	OPT_SECURITY = 130,
	OPT_LSRR = 131,
	OPT_SSRR = 137,
	OPT_ALERT = 148
};
enum { TS_ONLY = 0, TS_ADDR = 1, TS_PRESPEC = 3 };

static const struct print_tok options[] = {
	{ OPT_EOL, "EOL" },	 { OPT_NOP, "NOP" },
	{ OPT_TS, "timestamp" }, { OPT_SECURITY, "security" },
	{ OPT_RR, "RR" },	 { OPT_SSRR, "SSRR" },
	{ OPT_LSRR, "LSRR" },	 { OPT_ALERT, "RA" },
	{ 82, "traceroute" },	 { 0, NULL },
};

static const struct print_tok frag_bits[] = {
	{ 0x2000, "+" },
	{ 0x4000, "DF" },
	{ 0x8000, "rsvd" },
	{ 0, NULL },
};

static void bad_length(struct print *p, __u32 len)
{
	put_num(p, " [bad length ", len, "]");
}

/* Record route, loose and strict source route. False if cut short. */
static bool put_route(struct print *p, __u32 off, __u32 len)
{
	__u32 ptr;

	if (len < 3) {
		bad_length(p, len);
		return true;
	}
	if ((len + 1) & 3)
		bad_length(p, len);
	ptr = (__u32)print_get8(p, off + 2) - 1;
	if (ptr < 3 || ((ptr + 1) & 3) || ptr > len + 1)
		put_num(p, " [bad ptr ", print_get8(p, off + 2), "]");
	for (__u32 i = 3; i < len; i += 4) {
		if (!print_has(p, off + i, 4))
			return false;
		put_char(p, ' ');
		put_ip4_at(p, off + i);
		if (ptr > i)
			put_char(p, ',');
	}
	return true;
}

static const char *stamp_kind(__u8 flags)
{
	switch (flags & 15) {
	case TS_ONLY:
		return "TSONLY";
	case TS_ADDR:
		return "TS+ADDR";
	case TS_PRESPEC:
		return "PRESPEC";
	}
	return NULL;
}

/* The entries of a timestamp option from *@at on; false if cut short. */
static bool put_stamp_list(struct print *p, __u32 off, __u32 len, __u32 hop, __u32 ptr, __u32 *at)
{
	for (*at = 4; *at < len; *at += hop) {
		if (!print_has(p, off + *at, hop))
			return false;
		put_str(p, ptr == *at ? " ^ " : " ");
		put_u32(p, print_get32(p, off + *at + hop - 4));
		put_char(p, '@');
		if (hop == 8)
			put_ip4_at(p, off + *at);
	}
	return true;
}

/* RFC 791: time stamps, of 4 bytes, or 8 with the address of who stamped. */
static bool put_stamps(struct print *p, __u32 off, __u32 len)
{
	__u32 hop, ptr, at = 0;
	const char *kind;
	__u8 flags;

	if (len < 4) {
		put_num(p, "[bad length ", len, "]");
		return true;
	}
	put_str(p, " TS{");
	flags = print_get8(p, off + 3);
	hop = (flags & 15) != TS_ONLY ? 8 : 4;
	if ((len - 4) & (hop - 1))
		put_num(p, "[bad length ", len, "]");
	ptr = (__u32)print_get8(p, off + 2) - 1;
	if (ptr < 4 || ((ptr - 4) & (hop - 1)) || ptr > len + 1)
		put_num(p, "[bad ptr ", print_get8(p, off + 2), "]");
	kind = stamp_kind(flags);
	if (kind)
		put_str(p, kind);
	else
		put_num(p, "[bad ts type ", flags & 15, "]");
	if (kind && !put_stamp_list(p, off, len, hop, ptr, &at))
		return false;
	if (ptr == at)
		put_str(p, " ^ ");
	if (flags >> 4)
		put_num(p, " [", flags >> 4, " hops not recorded]} ");
	else
		put_char(p, '}');
	return true;
}

/* One option of @len bytes, at least 2; false if cut short. */
static bool put_option(struct print *p, __u8 code, __u32 off, __u32 len)
{
	if (!print_has(p, off, len))
		return false;
	switch (code) {
	case OPT_TS:
		return put_stamps(p, off, len);
	case OPT_RR:
	case OPT_SSRR:
	case OPT_LSRR:
		return put_route(p, off, len);
	case OPT_ALERT:
		if (len < 4)
			bad_length(p, len);
		else if (print_get16(p, off + 2))
			put_num(p, " value ", print_get16(p, off + 2), "");
	}
	return true;
}

/* All options; a malformed one ends them. False if they are cut short. */
static bool put_options(struct print *p, __u32 off, __u32 len)
{
	__u32 n;

	for (__u32 at = 0; at < len; at += n) {
		const char *name;
		__u8 code;

		if (at)
			put_char(p, ',');
		code = print_get8(p, off + at);
		name = print_tok(options, code);
		if (name)
			put_str(p, name);
		else
			put_num(p, "unknown ", code, "");
		n = code == OPT_NOP || code == OPT_EOL ? 1 : print_get8(p, off + at + 1);
		if (n > len - at || (n < 2 && code != OPT_NOP && code != OPT_EOL)) {
			bad_length(p, n);
			return true;
		}
		if (code == OPT_EOL)
			return true;
		if (!put_option(p, code, off + at, n))
			return false;
	}
	return true;
}

/* "(tos 0x0, ttl 64, ...)\n    " of -v; false if an option was cut short. */
static bool put_verbose(struct print *p, __u32 off, __u32 hlen)
{
	static const char *const ecn[] = { "", ",ECT(1)", ",ECT(0)", ",CE" };
	__u16 frag = print_get16(p, off + 6), sum;
	__u8 tos = print_get8(p, off + 1), ttl = print_get8(p, off + 8);
	__u8 proto = print_get8(p, off + 9);
	const char *name = print_tok(print_ipprotos, proto);
	bool whole = true;

	put_str(p, "(tos 0x");
	put_hex(p, tos);
	put_str(p, ecn[tos & 3]);
	if (ttl)
		put_num(p, ", ttl ", ttl, "");
	put_num(p, ", id ", print_get16(p, off + 4), ", offset ");
	put_u32(p, (frag & 0x1fff) * 8U);
	put_str(p, ", flags [");
	put_bits(p, frag_bits, frag, ", ", "none");
	put_str(p, "], proto ");
	put_str(p, name ? name : "unknown");
	put_num(p, " (", proto, "), length ");
	put_u32(p, print_get16(p, off + 2));
	if (hlen > HDR) {
		put_str(p, ", options (");
		whole = put_options(p, off + HDR, hlen - HDR);
		put_str(p, whole ? ")" : " [truncated-option])");
	}
	sum = print_sum(p, off, hlen);
	if (sum) {
		put_str(p, ", bad cksum ");
		put_hex(p, print_get16(p, off + 10));
		put_str(p, " (->");
		put_hex(p, print_sum_should_be(print_get16(p, off + 10), sum));
		put_str(p, ")!");
	}
	put_str(p, ")\n    ");
	return whole;
}

/* The part above the header; @len is the length of that alone. */
static void put_upper(struct print *p, __u32 off, __u32 hlen, __u32 len)
{
	__u16 frag = print_get16(p, off + 6);
	struct print_ip ip = {
		.off = off,
		.ver = 4,
		.ttl = print_get8(p, off + 8),
		.proto = print_get8(p, off + 9),
		.frag = frag & 0x2000,
	};

	if (frag & 0x1fff) {
		print_ends(p, &ip);
		put_num(p, ": ip-proto-", ip.proto, "");
		return;
	}
	if (!print_has_ports(ip.proto))
		print_addrs(p, &ip);
	if (!print_has(p, off, hlen)) {
		put_num(p, " [remaining caplen(", print_left(p, off), ") < header length(");
		put_u32(p, hlen);
		put_str(p, ")]");
		print_cut(p);
		return;
	}
	print_payload(p, &ip, ip.proto, off + hlen, len);
}

/* Header and payload of a header that is there and whose lengths were checked. */
static void put_packet(struct print *p, __u32 off, __u32 hlen, __u32 total)
{
	__u32 was = print_limit(p, off + total);
	bool whole = !p->o.verbose || put_verbose(p, off, hlen);

	if (whole) {
		put_upper(p, off, hlen, total - hlen);
	} else {
		struct print_ip ip = { .off = off, .ver = 4 };

		print_addrs(p, &ip);
		print_trunc(p);
	}
	p->end_off = was;
}

void print_ip4(struct print *p, __u32 off, __u32 len)
{
	__u32 hlen, total;
	__u8 first;

	p->proto = "ip";
	first = print_get8(p, off);
	if (p->cut || p->nest >= PRINT_NEST_MAX)
		return;
	if (first >> 4 != 4) {
		if (first >> 4 == 6)
			put_str(p, "IP6, wrong link-layer encapsulation");
		else
			put_num(p, "IP", first >> 4, "");
		print_invalid(p);
		return;
	}
	if (!(p->o.flags & PRINT_LINK))
		put_str(p, "IP ");
	if (!print_has(p, off, HDR)) {
		print_trunc(p);
		return;
	}
	hlen = (first & 15) * 4U;
	total = print_get16(p, off + 2);
	if (len < HDR) {
		put_num(p, "truncated-ip ", len, "");
		return;
	}
	if (hlen < HDR) {
		put_num(p, "bad-hlen ", hlen, "");
		return;
	}
	if (len < total)
		put_num(p, "truncated-ip - ", total - len, " bytes missing! ");
	if (total < hlen) {
		put_num(p, "bad-len ", total, "");
		return;
	}
	p->nest++;
	put_packet(p, off, hlen, total);
	p->nest--;
}
