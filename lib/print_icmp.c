// SPDX-License-Identifier: GPL-2.0
/* lib/print_icmp.c - ICMP (RFC 792, 950, 1256). */
#include <netinet/in.h>

#include "lib/print_int.h"
#include "lib/util.h"

#define HDR 8

enum {
	ECHO_REPLY = 0,
	UNREACH = 3,
	QUENCH = 4,
	REDIRECT = 5,
	ECHO = 8,
	ROUTER_ADVERT = 9,
	TIME_EXCEEDED = 11,
	PARAM_PROBLEM = 12,
	TSTAMP = 13,
	TSTAMP_REPLY = 14,
	MASK_REPLY = 18
};
enum { UNREACH_PROTO = 2, UNREACH_PORT = 3, UNREACH_FRAG = 4 };

static const struct print_tok types[] = {
	{ QUENCH, "source quench" }, { 10, "router solicitation" },  { 15, "information request" },
	{ 16, "information reply" }, { 17, "address mask request" }, { 0, NULL },
};

/* What stands before and after the address that cannot be reached. */
static const struct {
	const char *before, *after;
} unreach[] = {
	{ "net ", " unreachable" },
	{ "host ", " unreachable" },
	{ "", "" },
	{ "", "" },
	{ "", " unreachable - need to frag" },
	{ "", " unreachable - source route failed" },
	{ "net ", " unreachable - unknown" },
	{ "host ", " unreachable - unknown" },
	{ "", " unreachable - source host isolated" },
	{ "net ", " unreachable - admin prohibited" },
	{ "host ", " unreachable - admin prohibited" },
	{ "net ", " unreachable - tos prohibited" },
	{ "host ", " unreachable - tos prohibited" },
	{ "host ", " unreachable - admin prohibited filter" },
	{ "host ", " unreachable - host precedence violation" },
	{ "host ", " unreachable - precedence cutoff" },
};

/*
 * Each of the following first makes sure of all it will need, since nothing of a message that
 * is cut short gets printed, and then starts with "ICMP ". Which of them return cut_short(), and
 * which print_get() cuts off, shows in a dump: after print_cut() it has the link-level header.
 */
static void start(struct print *p)
{
	put_str(p, "ICMP ");
}

static bool cut_short(struct print *p)
{
	print_trunc(p);
	return false;
}

static void put_echo(struct print *p, __u32 off, __u8 type)
{
	if (!print_get(p, off, HDR))
		return;
	start(p);
	put_str(p, type == ECHO ? "echo request, id " : "echo reply, id ");
	put_u32(p, print_get16(p, off + 4));
	put_num(p, ", seq ", print_get16(p, off + 6), "");
}

/* RFC 792: a quoted packet has at least 8 bytes behind its header, so the ports are there. */
static bool put_port_unreach(struct print *p, __u32 ip)
{
	__u32 hlen;
	__u16 dport;
	__u8 proto;

	if (!print_has(p, ip + 9, 1))
		return cut_short(p);
	hlen = (print_get8(p, ip) & 15) * 4U;
	dport = print_get16(p, ip + hlen + 2);
	proto = print_get8(p, ip + 9);
	if (!print_get(p, ip + 16, 4) || p->cut)
		return true;
	start(p);
	put_ip4_at(p, ip + 16);
	if (proto == IPPROTO_TCP)
		put_num(p, " tcp port ", dport, "");
	else if (proto == IPPROTO_UDP)
		put_num(p, " udp port ", dport, "");
	else {
		put_num(p, " protocol ", proto, "");
		put_num(p, " port ", dport, "");
	}
	put_str(p, " unreachable");
	return true;
}

static bool put_unreach(struct print *p, __u32 off, __u8 code)
{
	__u32 ip = off + HDR;
	__u16 mtu;

	if (code == UNREACH_PORT)
		return put_port_unreach(p, ip);
	mtu = print_get16(p, off + 6);
	if (!print_get(p, ip + 16, 4))
		return true;
	start(p);
	if (code < ARRAY_SIZE(unreach))
		put_str(p, unreach[code].before);
	put_ip4_at(p, ip + 16);
	if (code == UNREACH_PROTO)
		put_num(p, " protocol ", print_get8(p, ip + 9), " unreachable");
	else if (code < ARRAY_SIZE(unreach))
		put_str(p, unreach[code].after);
	else
		put_num(p, " unreachable - #", code, "");
	if (code == UNREACH_FRAG && mtu)
		put_num(p, " (mtu ", mtu, ")");
	return true;
}

static void put_redirect(struct print *p, __u32 off, __u8 code)
{
	static const char *const to[] = { " to net ", " to host ", " to net ", " to host " };

	if (!print_get(p, off + HDR + 16, 4))
		return;
	start(p);
	if (code > 3)
		put_num(p, "redirect-#", code, " ");
	else
		put_str(p, code > 1 ? "redirect-tos " : "redirect ");
	put_ip4_at(p, off + HDR + 16);
	put_str(p, code > 3 ? " to " : to[code]);
	put_ip4_at(p, off + 4);
}

/* Seconds, in as few of h:mm:ss as it takes. */
static void put_lifetime(struct print *p, __u16 s)
{
	if (s >= 3600) {
		put_num(p, "", s / 3600, ":");
		put_u32_pad(p, s % 3600 / 60, 2);
		put_char(p, ':');
		put_u32_pad(p, s % 60, 2);
	} else if (s >= 60) {
		put_num(p, "", s / 60, ":");
		put_u32_pad(p, s % 60, 2);
	} else {
		put_u32(p, s);
	}
}

/* RFC 1256: addresses with a preference each, in entries of two words. */
static bool put_router_advert(struct print *p, __u32 off)
{
	__u8 num, words;

	if (!print_has(p, off, HDR))
		return cut_short(p);
	num = print_get8(p, off + 4);
	words = print_get8(p, off + 5);
	if (words == 2 && !print_has(p, off + HDR, num * 8U))
		return cut_short(p);
	start(p);
	put_str(p, "router advertisement lifetime ");
	put_lifetime(p, print_get16(p, off + 6));
	put_num(p, " ", num, ":");
	if (words != 2) {
		put_num(p, " [size ", words, "]");
		return true;
	}
	for (__u32 at = off + HDR; num; num--, at += 8) {
		put_str(p, " {");
		put_ip4_at(p, at);
		put_num(p, " ", print_get32(p, at + 4), "}");
	}
	return true;
}

/* Milliseconds since midnight. */
static void put_stamp(struct print *p, const char *before, __u32 ms)
{
	put_str(p, before);
	put_u32_pad(p, ms / 3600000, 2);
	put_char(p, ':');
	put_u32_pad(p, ms / 60000 % 60, 2);
	put_char(p, ':');
	put_u32_pad(p, ms / 1000 % 60, 2);
	put_char(p, '.');
	put_u32_pad(p, ms % 1000, 3);
}

static void put_tstamp(struct print *p, __u32 off)
{
	if (!print_get(p, off, HDR))
		return;
	start(p);
	put_num(p, "time stamp query id ", print_get16(p, off + 4), " seq ");
	put_u32(p, print_get16(p, off + 6));
}

static bool put_tstamp_reply(struct print *p, __u32 off)
{
	if (!print_has(p, off, HDR + 12))
		return cut_short(p);
	start(p);
	put_num(p, "time stamp reply id ", print_get16(p, off + 4), " seq ");
	put_u32(p, print_get16(p, off + 6));
	put_stamp(p, ": org ", print_get32(p, off + 8));
	put_stamp(p, ", recv ", print_get32(p, off + 12));
	put_stamp(p, ", xmit ", print_get32(p, off + 16));
	return true;
}

static bool put_time_exceeded(struct print *p, __u32 off, __u8 code)
{
	if (!print_has(p, off + HDR + 16, 4))
		return cut_short(p);
	start(p);
	if (code > 1)
		put_num(p, "time exceeded-#", code, "");
	else
		put_str(p, code ? "ip reassembly time exceeded" : "time exceeded in-transit");
	return true;
}

static void put_param_problem(struct print *p, __u32 off, __u8 code)
{
	__u8 octet = code ? 0 : print_get8(p, off + 4);

	start(p);
	if (code)
		put_num(p, "parameter problem - code ", code, "");
	else
		put_num(p, "parameter problem - octet ", octet, "");
}

/* RFC 950, appendix I. */
static void put_mask(struct print *p, __u32 off)
{
	__u32 mask = print_get32(p, off + HDR);

	start(p);
	put_str(p, "address mask is 0x");
	put_hex_pad(p, mask, 8);
}

static void put_other(struct print *p, __u8 type)
{
	const char *name = print_tok(types, type);

	start(p);
	if (name)
		put_str(p, name);
	else
		put_num(p, "type-#", type, "");
}

/* False if the message is cut short and nothing more can be said. */
static bool put_message(struct print *p, __u32 off, __u8 type, __u8 code)
{
	switch (type) {
	case ECHO:
	case ECHO_REPLY:
		put_echo(p, off, type);
		break;
	case UNREACH:
		return put_unreach(p, off, code);
	case REDIRECT:
		put_redirect(p, off, code);
		break;
	case ROUTER_ADVERT:
		return put_router_advert(p, off);
	case TIME_EXCEEDED:
		return put_time_exceeded(p, off, code);
	case PARAM_PROBLEM:
		put_param_problem(p, off, code);
		break;
	case TSTAMP:
		put_tstamp(p, off);
		break;
	case TSTAMP_REPLY:
		return put_tstamp_reply(p, off);
	case MASK_REPLY:
		put_mask(p, off);
		break;
	default:
		put_other(p, type);
	}
	return true;
}

/* A right checksum goes without saying, other than with UDP and TCP. */
static void put_sum(struct print *p, __u32 off, __u32 len)
{
	__u16 sum = print_sum(p, off, len), field;

	if (!sum)
		return;
	field = print_get16(p, off + 2);
	put_str(p, " (wrong icmp cksum ");
	put_hex(p, field);
	put_str(p, " (->");
	put_hex(p, print_sum_should_be(field, sum));
	put_str(p, ")!)");
}

/* The packet that an error is about; what stands behind it is not part of it. */
static void put_quoted(struct print *p, __u32 ip)
{
	__u16 len;
	__u32 was;

	put_str(p, "\n\t");
	len = print_get16(p, ip + 2);
	was = print_limit(p, ip + len);
	if (len < 4) /* tcpdump reads the length again, from within the limit that it set */
		print_cut(p);
	print_ip4(p, ip, len);
	p->end_off = was;
}

void print_icmp(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	__u8 type, code;

	p->proto = "icmp";
	type = print_get8(p, off);
	code = print_get8(p, off + 1);
	if (p->cut)
		return;
	if (!put_message(p, off, type, code))
		return;
	put_num(p, ", length ", len, "");
	if (!p->o.verbose || p->cut)
		return;
	if (!ip->frag)
		put_sum(p, off, len);
	if (type == UNREACH || type == QUENCH || type == REDIRECT || type == TIME_EXCEEDED ||
	    type == PARAM_PROBLEM)
		put_quoted(p, off + HDR);
	p->proto = "icmp";
	if (type == UNREACH || type == TIME_EXCEEDED || type == PARAM_PROBLEM)
		print_icmp_ext(p, off, len);
}
