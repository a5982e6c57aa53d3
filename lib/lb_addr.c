// SPDX-License-Identifier: GPL-2.0
/* Addresses and VIPs as text. */
#include "lib/lb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

int lb_addr_parse(const char *text, struct lb_addr *addr, struct fail *f)
{
	struct lb_addr a = { .family = strchr(text, ':') ? AF_INET6 : AF_INET };

	if (inet_pton(a.family, text, a.word) != 1)
		return fail_set(f, EINVAL, "%s: not an IPv4 or IPv6 address", text);
	if (a.family == AF_INET ? !is_unicast4(a.word[0]) : !is_unicast6(a.word))
		return fail_set(f, EINVAL, "%s: not an address that a host on a network can have",
				text);
	*addr = a;
	return 0;
}

void lb_addr_text(char text[LB_TEXT], const struct lb_addr *addr)
{
	if (!inet_ntop(addr->family, addr->word, text, LB_TEXT))
		snprintf(text, LB_TEXT, "?");
}

static int service_bad(const char *text, struct fail *f)
{
	return fail_set(f, EINVAL,
			"%s: not a VIP: write ADDR:PORT/tcp or ADDR:PORT/udp, "
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

int lb_service_parse(const char *text, struct lb_service *s, struct fail *f)
{
	struct lb_service out = { 0 };
	char buf[LB_TEXT + 8], *addr, *port, *proto, *end;
	unsigned long number;
	int err;

	if ((size_t)snprintf(buf, sizeof(buf), "%s", text) >= sizeof(buf) ||
	    service_split(buf, &addr, &port, &proto))
		return service_bad(text, f);
	if (!strcmp(proto, "tcp"))
		out.proto = PKT_TCP;
	else if (!strcmp(proto, "udp"))
		out.proto = PKT_UDP;
	else
		return service_bad(text, f);
	number = strtoul(port, &end, 10);
	if (*port < '0' || *port > '9' || *end)
		return service_bad(text, f);
	if (!number || number > 65535)
		return fail_set(f, EINVAL, "%s: the port must be 1 to 65535", text);
	out.port = pkt_be16((__u16)number);
	err = lb_addr_parse(addr, &out.addr, f);
	if (!err)
		*s = out;
	return err;
}

void lb_service_text(char text[LB_TEXT], const struct lb_service *s)
{
	char addr[LB_TEXT];

	lb_addr_text(addr, &s->addr);
	snprintf(text, LB_TEXT, s->addr.family == AF_INET6 ? "[%.39s]:%u/%s" : "%.39s:%u/%s", addr,
		 pkt_h16(s->port), s->proto == PKT_UDP ? "udp" : "tcp");
}
