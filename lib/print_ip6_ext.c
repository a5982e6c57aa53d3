// SPDX-License-Identifier: GPL-2.0
/* lib/print_ip6_ext.c - IPv6 options, fragment and routing headers (RFC 8200, 6275, 8754). */
#include "lib/print_int.h"

#define JUMBO_MIN 65536

enum { OPT_PAD1 = 0, OPT_PADN = 1, OPT_ALERT = 5, OPT_JUMBO = 0xc2, OPT_HOME = 0xc9 };
enum { RT_SOURCE = 0, RT_HOME = 2, RT_SEGMENTS = 4 };

/* The options of one header, whose payload length is known for hop-by-hop ones only. */
struct opts {
	__u32 *payload;
	bool *jumbo;
	bool show; /* -v */
	bool any_jumbo;
	__u32 left; /* bytes of the header, from the option at hand on */
};

/* An option @name has another length than @need, which may be more than its header has room for. */
static bool bad_len(struct print *p, const struct opts *o, const char *name, __u32 n, __u32 need)
{
	put_char(p, '(');
	put_str(p, name);
	if (o->left < need)
		put_str(p, ": trunc)");
	else
		put_num(p, ": invalid len ", n - 2, ")");
	return false;
}

/* RFC 2675: valid once, in hop-by-hop options, if the header says length 0 and it is needed. */
static void put_jumbo(struct print *p, struct opts *o, __u32 n)
{
	const char *why = NULL;

	if (o->any_jumbo)
		why = " - already seen) ";
	else if (!o->payload)
		why = " - not a hop-by-hop option) ";
	else if (*o->payload)
		why = " - payload len != 0) ";
	else if (n < JUMBO_MIN)
		why = " - < 65536) ";
	if (!why) {
		*o->jumbo = true;
		*o->payload = n;
	}
	o->any_jumbo = true;
	if (o->show)
		put_num(p, "(jumbo: ", n, why ? why : ") ");
}

/* Options within a home address option. */
static bool put_sub_options(struct print *p, __u32 off, __u32 len)
{
	__u32 n;

	for (__u32 at = 0; at < len; at += n) {
		__u8 type = print_get8(p, off + at);

		if (type != OPT_PAD1 && at + 1 >= len)
			return false;
		n = type == OPT_PAD1 ? 1 : print_get8(p, off + at + 1) + 2U;
		if (n > len - at || p->cut)
			return false;
		if (type == OPT_PAD1) {
			put_str(p, ", pad1");
		} else if (type == OPT_PADN) {
			put_str(p, ", padn");
		} else {
			put_str(p, ", sopt_type 0x");
			put_hex_pad(p, type, 2);
			put_num(p, ": len=", n - 2, "");
		}
	}
	return true;
}

/* RFC 6275 6.3: an address, and maybe options within the option. */
static bool put_home(struct print *p, const struct opts *o, __u32 off, __u32 n)
{
	if (n < 18)
		return bad_len(p, o, "homeaddr", n, 18);
	if (!o->show)
		return true;
	put_str(p, "(homeaddr: ");
	put_ip6_at(p, off + 2);
	if (n > 18 && !put_sub_options(p, off + 18, n - 18))
		return false;
	put_char(p, ')');
	return true;
}

/* One option of @n bytes; false if it is malformed. */
static bool put_option(struct print *p, struct opts *o, __u8 type, __u32 off, __u32 n)
{
	switch (type) {
	case OPT_ALERT:
		if (n != 4)
			return bad_len(p, o, "rtalert", n, 4);
		if (o->show) {
			put_str(p, "(rtalert: 0x");
			put_hex_pad(p, print_get16(p, off + 2), 4);
			put_str(p, ") ");
		}
		return true;
	case OPT_JUMBO:
		if (n != 6)
			return bad_len(p, o, "jumbo", n, 6);
		put_jumbo(p, o, print_get32(p, off + 2));
		return true;
	case OPT_HOME:
		return put_home(p, o, off, n);
	}
	if (!o->show)
		return true;
	put_str(p, "(opt_type 0x");
	put_hex_pad(p, type, 2);
	put_num(p, ": len=", n - 2, ")");
	return true;
}

static bool put_options(struct print *p, struct opts *o, __u32 off, __u32 len)
{
	__u32 n;

	for (__u32 at = 0; at < len; at += n) {
		__u8 type = print_get8(p, off + at);

		if (type != OPT_PAD1 && at + 1 >= len)
			return false;
		n = type == OPT_PAD1 ? 1 : print_get8(p, off + at + 1) + 2U;
		if (n > len - at || p->cut)
			return false;
		o->left = len - at;
		if (type > OPT_PADN) {
			if (!put_option(p, o, type, off + at, n))
				return false;
		} else if (o->show) {
			put_str(p, type == OPT_PAD1 ? "(pad1)" : "(padn)");
		}
	}
	if (o->show)
		put_char(p, ' ');
	return true;
}

int print_ip6_options(struct print *p, const char *proto, __u32 off, __u32 *payload, bool *jumbo)
{
	struct opts o = { .payload = payload, .jumbo = jumbo, .show = p->o.verbose };
	__u32 len;

	p->proto = proto;
	len = (print_get8(p, off + 1) + 1U) * 8;
	if (p->cut)
		return -1;
	if (!print_has(p, off, len)) {
		print_trunc(p);
		return -1;
	}
	put_str(p, payload ? "HBH " : "DSTOPT ");
	/* Of destination options nothing matters but their text. */
	if ((payload || o.show) && !put_options(p, &o, off + 2, len - 2)) {
		print_trunc(p);
		return -1;
	}
	return (int)len;
}

int print_ip6_frag(struct print *p, __u32 off, __u32 ip)
{
	__u16 at;

	p->proto = "frag6";
	if (!print_get(p, off, p->o.verbose ? 8 : 4))
		return -1;
	at = print_get16(p, off + 2) & 0xfff8;
	put_str(p, "frag (");
	if (p->o.verbose) {
		put_str(p, "0x");
		put_hex_pad(p, print_get32(p, off + 4), 8);
		put_char(p, ':');
	}
	put_num(p, "", at, "|");
	/* A fragment shorter than its headers wraps around here as it does in tcpdump. */
	put_u64(p, (__u64)40 + print_get16(p, ip + 4) - (off - ip) - 8);
	put_char(p, ')');
	if (at)
		return -1;
	put_char(p, ' ');
	return 8;
}

/* The addresses of a routing header, up to what was captured of them. */
static void put_hops(struct print *p, __u32 off, __u32 n)
{
	for (__u32 i = 0; i < n && !print_ended(p); i++, off += 16) {
		if (!print_get(p, off, 16))
			return;
		put_num(p, ", [", i, "]");
		put_ip6_at(p, off);
	}
}

/* RFC 8754 section 2. */
static void put_segments_head(struct print *p, __u32 off)
{
	__u8 last = print_get8(p, off + 4);

	put_num(p, ", last-entry=", last, "");
	if (print_get8(p, off + 5) || p->o.verbose) {
		put_str(p, ", flags=0x");
		put_hex(p, print_get8(p, off + 5));
	}
	if (!print_get(p, off, 8))
		return;
	put_str(p, ", tag=");
	put_hex(p, print_get16(p, off + 6));
}

/* RFC 2460 4.4, RFC 6275 6.4. */
static void put_source_head(struct print *p, __u32 off)
{
	if (print_get32(p, off + 4) || p->o.verbose) {
		put_str(p, ", rsv=0x");
		put_hex(p, print_get32(p, off + 4));
	}
}

int print_ip6_routing(struct print *p, __u32 off)
{
	__u8 len, type, left;

	p->proto = "rt6";
	put_str(p, "RT6");
	len = print_get8(p, off + 1);
	put_num(p, " (len=", len, "");
	type = print_get8(p, off + 2);
	put_num(p, ", type=", type, "");
	if (type == RT_SOURCE)
		put_str(p, " [Deprecated]");
	left = print_get8(p, off + 3);
	put_num(p, ", segleft=", left, "");
	if (type == RT_SEGMENTS) {
		put_segments_head(p, off);
	} else if (type == RT_SOURCE || type == RT_HOME) {
		put_source_head(p, off);
	} else {
		put_str(p, " (unknown type)");
		print_invalid(p);
		return -1;
	}
	if (len % 2) {
		put_num(p, " (invalid length ", len, ")");
		print_invalid(p);
		return -1;
	}
	put_hops(p, off + 8, len / 2);
	put_str(p, ") ");
	return p->cut ? -1 : (len + 1) * 8;
}
