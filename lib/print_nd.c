// SPDX-License-Identifier: GPL-2.0
/* lib/print_nd.c - IPv6 neighbour discovery (RFC 4861, 4191, 8106, 6275). */
#include "lib/print_int.h"

enum {
	OPT_SOURCE = 1,
	OPT_TARGET = 2,
	OPT_PREFIX = 3,
	OPT_REDIRECTED = 4,
	OPT_MTU = 5,
	OPT_INTERVAL = 7,
	OPT_HOME_AGENT = 8,
	OPT_ROUTE = 24,
	OPT_RDNSS = 25,
	OPT_DNSSL = 31
};

static const struct print_tok option_names[] = {
	{ OPT_SOURCE, "source link-address" },
	{ OPT_TARGET, "destination link-address" },
	{ OPT_PREFIX, "prefix info" },
	{ OPT_REDIRECTED, "redirected header" },
	{ OPT_MTU, "mtu" },
	{ OPT_RDNSS, "rdnss" },
	{ OPT_DNSSL, "dnssl" },
	{ OPT_INTERVAL, "advertisement interval" },
	{ OPT_HOME_AGENT, "homeagent information" },
	{ OPT_ROUTE, "route info" },
	{ 0, NULL },
};

static const struct print_tok prefix_flags[] = {
	{ 0x80, "onlink" },
	{ 0x40, "auto" },
	{ 0x20, "router" },
	{ 0, NULL },
};

static const struct print_tok router_flags[] = {
	{ 0x80, "managed" },
	{ 0x40, "other stateful" },
	{ 0x20, "home agent" },
	{ 0x02, "ipv6 only" },
	{ 0, NULL },
};

static const struct print_tok neighbor_flags[] = {
	{ 0x80000000, "router" },
	{ 0x40000000, "solicited" },
	{ 0x20000000, "override" },
	{ 0, NULL },
};

static const char *const preferences[] = { "medium", "high", "rsv", "low" };

static void put_lladdr(struct print *p, __u32 off, __u32 n)
{
	for (__u32 i = 0; i < n; i++) {
		if (i)
			put_char(p, ':');
		put_hex_pad(p, print_get8(p, off + i), 2);
	}
}

static void put_lifetime(struct print *p, const char *before, __u32 s)
{
	put_str(p, before);
	if (s == 0xffffffff)
		put_str(p, "infinity");
	else
		put_num(p, "", s, "s");
}

/* RFC 4861 4.6.2. */
static void put_prefix(struct print *p, __u32 off, __u32 words)
{
	put_ip6_at(p, off + 16);
	put_num(p, "/", print_get8(p, off + 2), words != 4 ? "badlen" : "");
	put_str(p, ", Flags [");
	put_bits(p, prefix_flags, print_get8(p, off + 3), ", ", "none");
	put_lifetime(p, "], valid time ", print_get32(p, off + 4));
	put_lifetime(p, ", pref. time ", print_get32(p, off + 8));
}

/* RFC 8106 5.1. */
static void put_rdnss(struct print *p, __u32 off, __u32 words)
{
	put_num(p, " lifetime ", print_get32(p, off + 4), "s,");
	for (__u32 i = 0; i < (words - 1) / 2; i++) {
		put_str(p, " addr: ");
		put_ip6_at(p, off + 8 + i * 16);
	}
}

/* One domain name of RFC 1035 labels, uncompressed; returns where it ends, 0 if malformed. */
static __u32 put_name(struct print *p, __u32 off, __u32 end)
{
	while (off < end) {
		__u8 n = print_get8(p, off++);

		if (!n)
			return off;
		if (n > 63)
			return 0;
		while (n-- && print_has(p, off, 1))
			put_visible(p, print_get8(p, off++));
		if (!print_has(p, off, 1))
			return 0;
		put_char(p, '.');
	}
	return off;
}

/* RFC 8106 5.2: names padded with zeros. False if one is malformed. */
static bool put_dnssl(struct print *p, __u32 off, __u32 words)
{
	__u32 end = off + words * 8;

	put_num(p, " lifetime ", print_get32(p, off + 4), "s, domain(s):");
	for (off += 8; off < end && print_get8(p, off);) {
		put_char(p, ' ');
		off = put_name(p, off, end);
		if (!off)
			return false;
	}
	return true;
}

/* RFC 4191 2.3: as much of the prefix as the length of the option has room for. */
static bool put_route(struct print *p, __u32 off, __u32 words)
{
	__u8 prefix[16] = { 0 };

	if (words > 3)
		return false;
	for (__u32 i = 0; i < (words - 1) * 8; i++)
		prefix[i] = print_get8(p, off + 8 + i);
	put_char(p, ' ');
	put_ip6(p, prefix);
	put_num(p, "/", print_get8(p, off + 2), ", pref=");
	put_str(p, preferences[print_get8(p, off + 3) >> 3 & 3]);
	put_lifetime(p, ", lifetime=", print_get32(p, off + 4));
	return true;
}

/* The inside of one option; false if it is malformed. */
static bool put_option(struct print *p, __u8 type, __u32 first, __u32 off, __u32 words)
{
	switch (type) {
	case OPT_SOURCE:
	case OPT_TARGET:
		put_lladdr(p, off + 2, words * 8 - 2);
		return true;
	case OPT_PREFIX:
		if (print_get(p, off, 32))
			put_prefix(p, off, words);
		return true;
	case OPT_REDIRECTED:
		/* As tcpdump has it: from the first option on. */
		print_unknown(p, "\n\t    ", first, words * 8);
		return true;
	case OPT_MTU:
		put_num(p, " ", print_get32(p, off + 4), words != 1 ? "bad option length" : "");
		return true;
	case OPT_RDNSS:
		put_rdnss(p, off, words);
		return true;
	case OPT_DNSSL:
		return put_dnssl(p, off, words);
	case OPT_INTERVAL:
		put_num(p, " ", print_get32(p, off + 4), "ms");
		return true;
	case OPT_HOME_AGENT:
		put_num(p, " preference ", print_get16(p, off + 4), ", lifetime ");
		put_u32(p, print_get16(p, off + 6));
		return true;
	case OPT_ROUTE:
		return put_route(p, off, words);
	}
	return true;
}

/* False if an option is cut short or malformed. */
static bool put_options(struct print *p, __u32 first, __s64 left)
{
	__u32 off = first, words;

	for (; off < p->end_off && !print_ended(p); off += words * 8, left -= words * 8) {
		__u8 type;
		const char *name;

		if (!print_has(p, off, 2))
			return false;
		if (left <= 0)
			return true;
		type = print_get8(p, off);
		words = print_get8(p, off + 1);
		if (!words || !print_has(p, off, words * 8))
			return false;
		name = print_tok(option_names, type);
		put_str(p, "\n\t  ");
		put_str(p, name ? name : "unknown");
		put_num(p, " option (", type, "), length ");
		put_num(p, "", words * 8, " (");
		put_num(p, "", words, "): ");
		if (!name && p->o.verbose <= 1) {
			print_unknown(p, "\n\t  ", off + 2, words * 8 - 2);
			return true;
		}
		if (!put_option(p, type, first, off, words))
			return false;
		if (p->o.verbose > 1)
			print_unknown(p, "\n\t    ", off + 2, words * 8 - 2);
	}
	return true;
}

/* RFC 4861 4.2, on a line of its own. */
static void put_router(struct print *p, __u32 off)
{
	__u8 flags = print_get8(p, off + 5);

	if (!print_get(p, off, 16))
		return;
	put_num(p, "\n\thop limit ", print_get8(p, off + 4), ", Flags [");
	put_bits(p, router_flags, flags, ", ", "none");
	put_str(p, "], pref ");
	put_str(p, preferences[flags >> 3 & 3]);
	put_num(p, ", router lifetime ", print_get16(p, off + 6), "s, reachable time ");
	put_num(p, "", print_get32(p, off + 8), "ms, retrans timer ");
	put_num(p, "", print_get32(p, off + 12), "ms");
}

static void put_address(struct print *p, const char *before, __u32 off)
{
	if (!print_get(p, off, 16))
		return;
	put_str(p, before);
	put_ip6_at(p, off);
}

/* What precedes the options; returns its size. */
static __u32 put_fixed(struct print *p, __u8 type, __u32 off)
{
	switch (type) {
	case PRINT_ND_RS:
		return 8;
	case PRINT_ND_RA:
		if (p->o.verbose)
			put_router(p, off);
		return 16;
	case PRINT_ND_REDIRECT:
		put_address(p, ", ", off + 24);
		put_address(p, " to ", off + 8);
		return 40;
	case PRINT_ND_NS:
		put_address(p, ", who has ", off + 8);
		return 24;
	}
	put_address(p, ", tgt is ", off + 8);
	if (p->o.verbose) {
		put_str(p, ", Flags [");
		put_bits(p, neighbor_flags, print_get32(p, off + 4), ", ", "none");
		put_char(p, ']');
	}
	return 24;
}

bool print_nd(struct print *p, __u8 type, __u32 off, __u32 len)
{
	__u32 fixed = put_fixed(p, type, off);

	if (!p->o.verbose || p->cut)
		return true;
	if (put_options(p, off + fixed, (__s64)len - fixed))
		return true;
	print_trunc(p);
	return false;
}
