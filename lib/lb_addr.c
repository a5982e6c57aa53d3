// SPDX-License-Identifier: GPL-2.0
/* Addresses, VIPs and their options as text. */
#include "lib/lb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

static int is_unicast4(__be32 addr)
{
	__u32 a = pkt_h32(addr);

	return a >> 24 != 0 && a >> 24 != 127 && a >> 28 < 14;
}

/* Not ::, ::1, multicast, nor an IPv4 address in disguise. */
static int is_unicast6(const __be32 word[4])
{
	if (!word[0] && !word[1] && (!word[2] || word[2] == pkt_be32(0xffff)))
		return 0;
	return pkt_h32(word[0]) >> 24 != 0xff;
}

/* Can a host have it? A prefix is judged by its first address. */
static int check_unicast(const char *text, const struct lb_addr *a, struct fail *f)
{
	if (a->family == AF_INET ? is_unicast4(a->word[0]) : is_unicast6(a->word))
		return 0;
	return fail_set(f, EINVAL, "%s: not an address that a host on a network can have", text);
}

int lb_addr_parse(const char *text, struct lb_addr *addr, struct fail *f)
{
	struct lb_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };
	int err;

	if (inet_pton(a.family, text, a.word) != 1)
		return fail_set(f, EINVAL, "%s: not an IPv4 or IPv6 address", text);
	err = check_unicast(text, &a, f);
	if (!err)
		*addr = a;
	return err;
}

void lb_addr_text(char text[LB_TEXT], const struct lb_addr *addr)
{
	if (!inet_ntop(addr->family, addr->word, text, LB_TEXT))
		snprintf(text, LB_TEXT, "?");
}

static int service_bad(const char *text, struct fail *f)
{
	return fail_set(f, EINVAL,
			"%s: not a VIP: write ADDR[/LEN]:PORT/tcp or ADDR[/LEN]:any/udp, "
			"an IPv6 address in brackets: [2001:db8::1]:80/tcp",
			text);
}

/* Cut @buf into address, port and protocol. -1 if it has not that form. */
static int service_split(char *buf, char **addr, char **port, char **proto)
{
	char *end;

	*proto = strrchr(buf, '/');
	if (!*proto)
		return -1;
	*(*proto)++ = 0;
	*port = strrchr(buf, ':');
	if (!*port)
		return -1;
	*(*port)++ = 0;
	*addr = buf;
	if (*buf != '[')
		return strchr(buf, ':') ? -1 : 0;
	end = buf + strlen(buf) - 1;
	if (*end != ']' || !strchr(buf, ':'))
		return -1;
	*end = 0;
	(*addr)++;
	return 0;
}

static int parse_proto(const char *text, __u8 *proto)
{
	if (!strcmp(text, "tcp"))
		*proto = PKT_TCP;
	else if (!strcmp(text, "udp"))
		*proto = PKT_UDP;
	else
		return -EINVAL;
	return 0;
}

/* 0; 1: it is no number; -EINVAL and @f set: it is none of a port. */
static int parse_port(const char *text, const char *port, __be16 *out, struct fail *f)
{
	char *end;
	unsigned long number = strtoul(port, &end, 10);

	if (!strcmp(port, "any")) {
		*out = 0;
		return 0;
	}
	if (*port < '0' || *port > '9' || *end)
		return 1;
	if (!number || number > 65535)
		return fail_set(f, EINVAL, "%s: the port must be 1 to 65535, or any", text);
	*out = pkt_be16((__u16)number);
	return 0;
}

static int parse_net(const char *text, struct lb_service *s, struct fail *f)
{
	struct prefix p;
	int err;

	if (!strchr(text, '/')) {
		err = lb_addr_parse(text, &s->addr, f);
		s->plen = s->addr.family == AF_INET ? 32 : 128;
		return err;
	}
	err = prefix_parse(text, &p, f);
	if (err)
		return err;
	s->addr.family = p.family;
	memcpy(s->addr.word, p.addr, sizeof(p.addr));
	s->plen = p.len;
	return check_unicast(text, &s->addr, f);
}

int lb_service_parse(const char *text, struct lb_service *s, struct fail *f)
{
	struct lb_service out = { 0 };
	char buf[LB_TEXT + 8], *addr, *port, *proto;
	int err;

	if ((size_t)snprintf(buf, sizeof(buf), "%s", text) >= sizeof(buf) ||
	    service_split(buf, &addr, &port, &proto) || parse_proto(proto, &out.proto))
		return service_bad(text, f);
	err = parse_port(text, port, &out.port, f);
	if (err > 0)
		return service_bad(text, f);
	if (!err)
		err = parse_net(addr, &out, f);
	if (!err)
		*s = out;
	return err;
}

void lb_service_text(char text[LB_TEXT], const struct lb_service *s)
{
	int six = s->addr.family == AF_INET6;
	char addr[LB_TEXT], len[8] = "", port[8] = "any";

	lb_addr_text(addr, &s->addr);
	if (s->plen != (six ? 128 : 32))
		snprintf(len, sizeof(len), "/%u", s->plen);
	if (s->port)
		snprintf(port, sizeof(port), "%u", pkt_h16(s->port));
	snprintf(text, LB_TEXT, six ? "[%.39s%.4s]:%.5s/%s" : "%.39s%.4s:%.5s/%s", addr, len, port,
		 s->proto == PKT_UDP ? "udp" : "tcp");
}

int lb_outer_parse(const char *text, int family, struct lb_outer *outer, struct fail *f)
{
	struct prefix p;
	struct lb_addr a = { 0 };
	int err = prefix_parse(text, &p, f);

	if (err)
		return err;
	if (p.family != family)
		return fail_set(f, EINVAL, "%s: not an IPv%c prefix", text,
				family == AF_INET ? '4' : '6');
	a.family = family;
	memcpy(a.word, p.addr, sizeof(p.addr));
	err = check_unicast(text, &a, f);
	if (err)
		return err;
	memcpy(outer->addr, p.addr, sizeof(p.addr));
	outer->len = p.len;
	return 0;
}

/* What an operator may set, by bit. */
static const char *const flag_names[] = {
	"hash-source", "hash-dport", "one-shot", "no-lru",  "quic",
	"stable",      "fragments",  "gue",	 "migrate", "fail-open",
};

const char *lb_flag_name(__u32 flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (flag == 1u << i)
			return flag_names[i];
	return NULL;
}

__u32 lb_flag_parse(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (!strcmp(name, flag_names[i]))
			return 1u << i;
	return 0;
}

const char *lb_mode_name(enum lb_real_mode mode)
{
	static const char *const names[] = { "up", "down", "drain" };

	return (size_t)mode < ARRAY_SIZE(names) ? names[mode] : "?";
}
