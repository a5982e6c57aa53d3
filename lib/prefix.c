// SPDX-License-Identifier: GPL-2.0
#include "lib/prefix.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__u32 prefix_bits(const struct prefix *p)
{
	return p->family == AF_INET ? 32 : 128;
}

void prefix_mask(__u32 len, __be32 mask[4])
{
	for (__u32 i = 0; i < 4; i++) {
		__u32 bits = len > 32 * i ? len - 32 * i : 0;

		mask[i] = bits >= 32 ? 0xffffffff : htonl(~(0xffffffffULL >> bits));
	}
}

int prefix_cmp(const void *a, const void *b)
{
	const struct prefix *x = a, *y = b;
	int cmp = (int)prefix_bits(x) - (int)prefix_bits(y);

	if (!cmp)
		cmp = memcmp(x->addr, y->addr, sizeof(x->addr));
	return cmp ? cmp : (int)x->len - (int)y->len;
}

char *prefix_text(const struct prefix *p, char buf[PREFIX_TEXT])
{
	char addr[INET6_ADDRSTRLEN] = "";

	inet_ntop(p->family, p->addr, addr, sizeof(addr));
	snprintf(buf, PREFIX_TEXT, "%s/%u", addr, p->len);
	return buf;
}

/* Digits only: strtoul() would take a sign and spaces too. */
static int parse_len(const char *text, __u32 max, __u32 *len)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	n = strtoul(text, &end, 10);
	if (*end || end - text > 3 || n > max)
		return -EINVAL;
	*len = n;
	return 0;
}

int prefix_parse(const char *text, struct prefix *p, struct fail *f)
{
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct prefix in = { 0 }, net;
	char addr[INET6_ADDRSTRLEN], meant[PREFIX_TEXT];
	__be32 mask[4];

	if (n >= sizeof(addr))
		return fail_set(f, EINVAL, "%.60s: not an address or prefix", text);
	memcpy(addr, text, n);
	addr[n] = 0;
	in.family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(in.family, addr, in.addr) != 1)
		return fail_set(f, EINVAL, "%.60s: not an address or prefix", text);
	in.len = prefix_bits(&in);
	if (slash && parse_len(slash + 1, in.len, &in.len))
		return fail_set(f, EINVAL, "%.60s: the prefix length is not a number from 0 to %u",
				text, in.len);
	net = in;
	prefix_mask(in.len, mask);
	for (int i = 0; i < 4; i++)
		net.addr[i] &= mask[i];
	if (memcmp(net.addr, in.addr, sizeof(net.addr)))
		return fail_set(f, EINVAL,
				"%.60s: bits beyond the length are set, the network is %s", text,
				prefix_text(&net, meant));
	*p = in;
	return 0;
}
