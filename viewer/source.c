// SPDX-License-Identifier: GPL-2.0
#include "viewer/source.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "xdpchain/pkt.h"

#define PREFIX4 24
#define PREFIX6 64

static void to_key(const __be32 addr[4], bool six, struct talkers_key *k)
{
	*k = (struct talkers_key){ .family = six ? AF_INET6 : AF_INET, .len = six ? 128 : 32 };
	memcpy(k->addr, addr, six ? 16 : 4);
}

/* Parse what is inside; false: nothing that is known. */
static bool step_inside(const unsigned char *data, size_t len, struct pkt *p, bool *six)
{
	struct pkt_cur c = { (void *)(data + p->payload), (void *)(data + len) };
	struct pkt in = { .len = len };

	if (!p->payload || p->payload >= len)
		return false;
	if (p->ipproto != PKT_IPIP && p->ipproto != PKT_IPV6)
		return false;
	*six = p->ipproto == PKT_IPV6;
	if (*six)
		pkt_ip6(&c, (void *)data, &in);
	else
		pkt_ip4(&c, (void *)data, &in);
	if (!in.l3)
		return false;
	*p = in;
	return true;
}

bool source_find(const void *data, size_t len, bool inner, struct source_of *out)
{
	struct pkt p = { .len = len };
	bool six, six_inside;

	pkt_parse((void *)data, (char *)data + len, &p);
	if (!p.l3)
		return false;
	six = p.proto == pkt_be16(PKT_ETH_IP6);
	if (inner && step_inside(data, len, &p, &six_inside))
		six = six_inside;
	to_key(p.saddr, six, &out->source);
	to_key(p.daddr, six, &out->dest);
	out->dport = pkt_h16(p.dport);
	out->ipproto = p.ipproto;
	return true;
}

size_t source_came(const void *data, size_t len, unsigned char *buf)
{
	struct pkt p = { .len = len };
	__be16 type;

	pkt_parse((void *)data, (char *)data + len, &p);
	if (!p.l3 || !p.payload || p.payload >= len ||
	    (p.ipproto != PKT_IPIP && p.ipproto != PKT_IPV6))
		return 0;
	memcpy(buf, data, p.l3);
	type = p.ipproto == PKT_IPIP ? pkt_be16(PKT_ETH_IP4) : pkt_be16(PKT_ETH_IP6);
	memcpy(buf + p.l3 - sizeof(type), &type, sizeof(type));
	memcpy(buf + p.l3, (const char *)data + p.payload, len - p.payload);
	return len - (p.payload - p.l3);
}

void source_prefix(const struct talkers_key *addr, struct talkers_key *prefix)
{
	__be32 mask[4];

	*prefix = *addr;
	prefix->len = addr->family == AF_INET6 ? PREFIX6 : PREFIX4;
	prefix_mask(prefix->len, mask);
	for (int i = 0; i < 4; i++)
		prefix->addr[i] &= mask[i];
}

void source_text(const struct talkers_key *k, char text[PREFIX_TEXT])
{
	char addr[INET6_ADDRSTRLEN] = "?";

	inet_ntop(k->family, k->addr, addr, sizeof(addr));
	if (k->len == (k->family == AF_INET6 ? 128 : 32))
		snprintf(text, PREFIX_TEXT, "%s", addr);
	else
		snprintf(text, PREFIX_TEXT, "%s/%u", addr, k->len);
}

void source_service(const struct source_of *s, char *text, size_t size)
{
	char addr[PREFIX_TEXT];
	bool six = s->dest.family == AF_INET6;

	text[0] = 0;
	if (!s->dport)
		return;
	source_text(&s->dest, addr);
	snprintf(text, size, "%s%s%s:%u/%s", six ? "[" : "", addr, six ? "]" : "", s->dport,
		 s->ipproto == PKT_TCP ? "tcp" : "udp");
}
