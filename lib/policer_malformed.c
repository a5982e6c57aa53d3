// SPDX-License-Identifier: GPL-2.0
/* policer_malformed - the kind `malformed`; xdpchain/malformed.h says what each check is. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/guard.h"
#include "lib/util.h"
#include "xdpchain/malformed.h"
#include "xdpchain/pkt.h"

#define URG 0x20

struct params {
	__u32 on[MALFORMED_REASONS];
	const char *martians;
	const struct policer_pair *add, *allow;
};

struct state {
	struct malformed_conf conf;
	struct guard_list sources;
};

#define CHECK(key, reason, def, help)                                                              \
	{                                                                                          \
		key, POLICER_FLAG, offsetof(struct params, on[reason]), def, 0, 0, help            \
	}

static const struct policer_param params[] = {
	CHECK("truncated", MALFORMED_TRUNCATED, "true", "ends inside a header"),
	CHECK("ip_header", MALFORMED_IP_HEADER, "true", "IP version or header length"),
	CHECK("ip_length", MALFORMED_IP_LENGTH, "true", "IP length against the frame"),
	CHECK("ip_checksum", MALFORMED_IP_CHECKSUM, "true", "IPv4 header checksum"),
	CHECK("ttl_zero", MALFORMED_TTL_ZERO, "true", "IPv4 TTL 0"),
	CHECK("hop_limit_zero", MALFORMED_HOP_LIMIT_ZERO, "false", "IPv6 hop limit 0"),
	CHECK("land", MALFORMED_LAND, "true", "source is destination"),
	CHECK("source", MALFORMED_SOURCE, "true", "sources by martians, add and allow"),
	CHECK("tcp_offset", MALFORMED_TCP_OFFSET, "true", "TCP data offset"),
	CHECK("tcp_null", MALFORMED_TCP_NULL, "true", "no TCP flag"),
	CHECK("tcp_xmas", MALFORMED_TCP_XMAS, "true", "FIN PSH URG without ACK, or all"),
	CHECK("tcp_syn_fin", MALFORMED_TCP_SYN_FIN, "true", "SYN and FIN"),
	CHECK("tcp_syn_rst", MALFORMED_TCP_SYN_RST, "true", "SYN and RST"),
	CHECK("tcp_no_ack", MALFORMED_TCP_NO_ACK, "true", "no SYN, RST or ACK"),
	CHECK("tcp_rst_fin", MALFORMED_TCP_RST_FIN, "true", "RST and FIN"),
	CHECK("udp_length", MALFORMED_UDP_LENGTH, "true", "UDP length against the datagram"),
	CHECK("zero_port", MALFORMED_ZERO_PORT, "true", "port 0, but not a UDP source"),
	CHECK("udp_source_zero", MALFORMED_UDP_SOURCE_ZERO, "false", "UDP source port 0"),
	{ "martians", POLICER_TEXT, offsetof(struct params, martians), "host", 0, 0,
	  "sources that are refused: none, host, internet" },
	{ "add", POLICER_LIST, offsetof(struct params, add), NULL, 0, 0,
	  "prefixes that are refused too" },
	{ "allow", POLICER_LIST, offsetof(struct params, allow), NULL, 0, 0,
	  "prefixes that are not refused" },
	{ 0 },
};

/* No host sends from these, wherever it is: RFC 1122 3.2.1.3, RFC 4291 2.5.3, 2.5.5, 2.7. */
static const char *const host_martians[] = {
	"0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4",   "240.0.0.0/4", "::/128",
	"::1/128",   "::/96",	    "::ffff:0:0/96", "ff00::/8",    NULL,
};

/*
 * Nor over the Internet from these: IANA's special-purpose registries, where they say "globally
 * reachable: false" (RFC 6890). Link-local IPv6 stays: it is the neighbours'.
 */
static const char *const internet_martians[] = {
	"10.0.0.0/8",
	"100.64.0.0/10",
	"169.254.0.0/16",
	"172.16.0.0/12",
	"192.0.0.0/24",
	"192.0.2.0/24",
	"192.168.0.0/16",
	"198.18.0.0/15",
	"198.51.100.0/24",
	"203.0.113.0/24",
	"64:ff9b:1::/48",
	"100::/64",
	"2001:2::/48",
	"2001:db8::/32",
	"3fff::/20",
	"5f00::/16",
	"fc00::/7",
	"fec0::/10",
	NULL,
};

static int add_all(struct guard_list *l, const char *const *texts, struct fail *f)
{
	int err = 0;

	for (; !err && *texts; texts++)
		err = guard_list_text(l, *texts, MALFORMED_SOURCE_BAD, f);
	return err;
}

static int sources(const struct policer_conf *conf, const struct params *p, struct guard_list *l,
		   struct fail *f)
{
	int internet = !strcmp(p->martians, "internet"), err = 0;

	if (internet || !strcmp(p->martians, "host"))
		err = add_all(l, host_martians, f);
	else if (strcmp(p->martians, "none"))
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "martians: %s: none, host or internet is wanted", p->martians);
	if (!err && internet)
		err = add_all(l, internet_martians, f);
	if (!err)
		err = guard_list_pair(l, conf, p->add, MALFORMED_SOURCE_BAD, f);
	return err ? err : guard_list_pair(l, conf, p->allow, MALFORMED_SOURCE_FINE, f);
}

/* What is wrong with flags; as nf_conntrack's table has it, ECE, CWR and PSH left out. */
static __u32 tcp_reason(__u32 flags)
{
	const __u32 xmas = PKT_FIN | PKT_PSH | URG;

	if (!flags)
		return MALFORMED_TCP_NULL;
	if (flags == 63 || (flags & (xmas | PKT_ACK | PKT_SYN | PKT_RST)) == xmas)
		return MALFORMED_TCP_XMAS;
	if ((flags & (PKT_SYN | PKT_FIN)) == (PKT_SYN | PKT_FIN))
		return MALFORMED_TCP_SYN_FIN;
	if ((flags & (PKT_SYN | PKT_RST)) == (PKT_SYN | PKT_RST))
		return MALFORMED_TCP_SYN_RST;
	if ((flags & (PKT_RST | PKT_FIN)) == (PKT_RST | PKT_FIN))
		return MALFORMED_TCP_RST_FIN;
	return flags & (PKT_SYN | PKT_RST | PKT_ACK) ? 0 : MALFORMED_TCP_NO_ACK;
}

/* One bit for each first byte that an address of the prefix can have. */
static void cover(struct malformed_conf *conf, const struct prefix *p)
{
	__u64 *bits = p->family == AF_INET ? conf->cover4 : conf->cover6;
	unsigned int first = *(const unsigned char *)p->addr;
	unsigned int count = p->len < 8 ? 1u << (8 - p->len) : 1;

	for (unsigned int i = first; i < first + count; i++)
		bits[i / 64] |= 1ULL << i % 64;
}

static void fill_conf(struct state *s, const struct params *p)
{
	struct malformed_conf *conf = &s->conf;

	for (__u32 i = 1; i < MALFORMED_REASONS; i++)
		if (p->on[i])
			conf->drops |= 1u << i;
	for (__u32 i = 0; i < ARRAY_SIZE(conf->tcp); i++) {
		__u32 reason = tcp_reason(i);

		conf->tcp[i] = p->on[reason] ? reason : 0;
	}
	for (size_t i = 0; i < s->sources.count; i++)
		if (s->sources.entries[i].value == MALFORMED_SOURCE_BAD)
			cover(conf, &s->sources.entries[i].prefix);
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;

	return guard_conf(obj, "malformed_conf", &s->conf, sizeof(s->conf), f);
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;

	return guard_list_fill(&s->sources, obj, "sources", f);
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	static const char *const fresh[] = { "sources4", "sources6", NULL };
	struct params want = { 0 };
	struct state *s = guard_begin(p, sizeof(*s), setup, fill, f);
	int err;

	if (!s)
		return -ENOMEM;
	p->spec.fresh = fresh;
	err = policer_params(conf, params, &want, f);
	if (!err)
		err = sources(conf, &want, &s->sources, f);
	if (err)
		return err;
	fill_conf(s, &want);
	p->spec.digest = policer_digest(p->spec.digest, &s->conf, sizeof(s->conf));
	p->spec.digest = guard_list_digest(p->spec.digest, &s->sources);
	return 0;
}

static void drop(struct policer *p)
{
	struct state *s = p->state;

	guard_list_free(&s->sources);
	free(s);
}

const struct policer_kind policer_malformed = {
	.name = "malformed",
	.help = "drop impossible lengths, flags, addresses and ports",
	.params = params,
	.make = make,
	.drop = drop,
};
