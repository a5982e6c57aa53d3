// SPDX-License-Identifier: GPL-2.0
/* lib/print_icmp6.c - ICMPv6 (RFC 4443): errors, echo, and which file has the rest. */
#include <netinet/in.h>

#include "lib/print_int.h"
#include "lib/util.h"

#define PROTO 58
#define HDR   8

enum {
	UNREACH = 1,
	TOO_BIG = 2,
	TIME_EXCEEDED = 3,
	PARAM_PROBLEM = 4,
	ECHO = 128,
	ECHO_REPLY = 129,
	HOME_REQUEST = 144,
	HOME_REPLY = 145,
	MOBILE_SOLICIT = 146,
	MOBILE_ADVERT = 147
};
enum {
	UNREACH_ROUTE = 0,
	UNREACH_ADMIN = 1,
	UNREACH_SCOPE = 2,
	UNREACH_ADDR = 3,
	UNREACH_PORT = 4
};

static const struct print_tok types[] = {
	{ UNREACH, "destination unreachable" },
	{ TOO_BIG, "packet too big" },
	{ TIME_EXCEEDED, "time exceeded in-transit" },
	{ PARAM_PROBLEM, "parameter problem" },
	{ ECHO, "echo request" },
	{ ECHO_REPLY, "echo reply" },
	{ PRINT_MLD_QUERY, "multicast listener query" },
	{ PRINT_MLD_REPORT, "multicast listener report" },
	{ PRINT_MLD_DONE, "multicast listener done" },
	{ PRINT_ND_RS, "router solicitation" },
	{ PRINT_ND_RA, "router advertisement" },
	{ PRINT_ND_NS, "neighbor solicitation" },
	{ PRINT_ND_NA, "neighbor advertisement" },
	{ PRINT_ND_REDIRECT, "redirect" },
	{ 138, "router renumbering" },
	{ 139, "who-are-you request" },
	{ 140, "who-are-you reply" },
	{ 141, "inverse neighbor solicitation" },
	{ 142, "inverse neighbor advertisement" },
	{ PRINT_MLD2_REPORT, "multicast listener report v2" },
	{ HOME_REQUEST, "ha discovery request" },
	{ HOME_REPLY, "ha discovery reply" },
	{ MOBILE_SOLICIT, "mobile router solicitation" },
	{ MOBILE_ADVERT, "mobile router advertisement" },
	{ 155, "RPL" },
	{ 200, "mtrace response" },
	{ 201, "mtrace message" },
	{ 0, NULL },
};

static const struct print_tok unreach_codes[] = {
	{ UNREACH_ROUTE, "unreachable route" }, { UNREACH_ADMIN, " unreachable prohibited" },
	{ UNREACH_SCOPE, "beyond scope" },	{ UNREACH_ADDR, "unreachable address" },
	{ UNREACH_PORT, "unreachable port" },	{ 0, NULL },
};

static const char *const problems[] = {
	", erroneous - octet ",
	", next header - octet ",
	", option - octet ",
	", incomplete header chain - octet ",
};

/*
 * The TCP or UDP header in the packet at @ip; its offset and protocol, or 0 if the way there is
 * cut short, leads through a later fragment, or to another protocol.
 */
static __u32 find_ports(const struct print *p, __u32 ip, __u8 *proto)
{
	__u32 at = ip + 40;
	__u8 nh;

	if (!print_has(p, ip, 7))
		return 0;
	nh = p->data[ip + 6];
	while (nh != IPPROTO_TCP && nh != IPPROTO_UDP) {
		if (!print_has(p, at, 4))
			return 0;
		switch (nh) {
		case IPPROTO_HOPOPTS:
		case IPPROTO_DSTOPTS:
		case IPPROTO_ROUTING:
			nh = p->data[at];
			at += (p->data[at + 1] + 1U) * 8;
			break;
		case IPPROTO_FRAGMENT:
			if (p->data[at + 2] || p->data[at + 3] & 0xf8)
				return 0;
			nh = p->data[at];
			at += 8;
			break;
		case IPPROTO_AH:
			nh = p->data[at];
			at += (p->data[at + 1] + 2U) * 4;
			break;
		default:
			return 0;
		}
	}
	*proto = nh;
	return print_has(p, at, 4) ? at : 0;
}

static bool put_port(struct print *p, __u32 ip)
{
	__u8 proto = 0;
	__u32 at = find_ports(p, ip, &proto);

	if (!at) {
		print_trunc(p);
		return false;
	}
	put_str(p, ", ");
	put_ip6_at(p, ip + 24);
	put_num(p, proto == IPPROTO_TCP ? " tcp port " : " udp port ", print_get16(p, at + 2), "");
	return true;
}

/* False if nothing follows: cut short, or an unknown code was dumped. */
static bool put_unreach(struct print *p, __u32 off, __u32 len, __u8 code)
{
	const char *name = print_tok(unreach_codes, code);
	__u32 ip = off + HDR;

	put_str(p, ", ");
	if (name)
		put_str(p, name);
	else
		put_num(p, "unknown unreach code (", code, ")");
	switch (code) {
	case UNREACH_PORT:
		return put_port(p, ip);
	case UNREACH_SCOPE:
	case UNREACH_ROUTE:
	case UNREACH_ADMIN:
	case UNREACH_ADDR:
		if (!print_get(p, ip + 24, 16))
			return true;
		put_char(p, ' ');
		put_ip6_at(p, ip + 24);
		if (code == UNREACH_SCOPE) {
			put_str(p, ", source address ");
			put_ip6_at(p, ip + 8);
		}
		return true;
	}
	if (p->o.verbose > 1)
		return true;
	print_unknown(p, "\n\t", off, len);
	return false;
}

static void put_time_exceeded(struct print *p, __u32 off, __u8 code)
{
	if (code == 1) {
		put_str(p, " (reassembly)");
	} else if (code) {
		put_num(p, ", unknown code (", code, ")");
	} else if (print_get(p, off + HDR + 24, 16)) {
		put_str(p, " for ");
		put_ip6_at(p, off + HDR + 24);
	}
}

static void put_param_problem(struct print *p, __u32 off, __u8 code)
{
	if (code < ARRAY_SIZE(problems))
		put_num(p, problems[code], print_get32(p, off + 4), "");
	else
		put_num(p, ", code-#", code, "");
}

static void put_echo(struct print *p, __u32 off)
{
	if (!print_get(p, off + 4, 4))
		return;
	put_num(p, ", id ", print_get16(p, off + 4), ", seq ");
	put_u32(p, print_get16(p, off + 6));
}

static void put_id(struct print *p, __u32 off)
{
	__u16 id = print_get16(p, off + 4);

	put_str(p, ", id 0x");
	put_hex_pad(p, id, 4);
}

/* False if the line ends here, without the length. */
static bool put_body(struct print *p, __u8 type, __u8 code, __u32 off, __u32 len)
{
	switch (type) {
	case UNREACH:
		return put_unreach(p, off, len, code);
	case TOO_BIG:
		if (print_get(p, off + 4, 4))
			put_num(p, ", mtu ", print_get32(p, off + 4), "");
		return true;
	case TIME_EXCEEDED:
		put_time_exceeded(p, off, code);
		return true;
	case PARAM_PROBLEM:
		if (print_has(p, off + HDR + 24, 16)) {
			put_param_problem(p, off, code);
			return true;
		}
		print_trunc(p);
		return false;
	case ECHO:
	case ECHO_REPLY:
		put_echo(p, off);
		return true;
	case PRINT_MLD_QUERY:
	case PRINT_MLD_REPORT:
	case PRINT_MLD_DONE:
	case PRINT_MLD2_REPORT:
		print_mld(p, type, off, len);
		return true;
	case PRINT_ND_RS:
	case PRINT_ND_RA:
	case PRINT_ND_NS:
	case PRINT_ND_NA:
	case PRINT_ND_REDIRECT:
		return print_nd(p, type, off, len);
	case MOBILE_SOLICIT:
	case HOME_REQUEST:
		put_id(p, off);
		return true;
	case 141:
	case 142:
		return true;
	}
	print_upper(p);
	if (print_tok(types, type) && type < 200)
		return true;
	put_num(p, ", length ", len, "");
	if (p->o.verbose <= 1)
		print_unknown(p, "\n\t", off, len);
	return false;
}

static void put_sum(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	__u16 sum, field;

	if (!p->o.verbose || ip->frag || !print_has(p, off, len))
		return;
	field = print_get16(p, off + 2);
	sum = print_sum_ip(p, ip, PROTO, off, len);
	if (!sum) {
		put_str(p, "[icmp6 sum ok] ");
		return;
	}
	put_str(p, "[bad icmp6 cksum 0x");
	put_hex_pad(p, field, 4);
	put_str(p, " -> 0x");
	put_hex_pad(p, print_sum_should_be(field, sum), 4);
	put_str(p, "!] ");
}

void print_icmp6(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	const char *name;
	__u8 type, code;

	p->proto = "icmp6";
	if (!len) {
		put_str(p, "ICMP6, length 0");
		print_invalid(p);
		return;
	}
	put_sum(p, ip, off, len);
	type = print_get8(p, off);
	put_str(p, "ICMP6, ");
	name = print_tok(types, type);
	if (name)
		put_str(p, name);
	else
		put_num(p, "unknown icmp6 type (", type, ")");
	if (p->o.verbose && ((type >= PRINT_ND_RS && type <= PRINT_ND_REDIRECT) ||
			     type == HOME_REPLY || type == MOBILE_ADVERT))
		put_num(p, ", length ", len, "");
	code = print_get8(p, off + 1);
	if (put_body(p, type, code, off, len) && !p->o.verbose)
		put_num(p, ", length ", len, "");
}
