// SPDX-License-Identifier: GPL-2.0
#include "lib/lb_where.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include <bpf/bpf.h>

#include "lib/lb_int.h"
#include "lib/stage.h"
#include "lib/util.h"

int lb_flow_parse(const char *client, const char *dst, struct lb_flow *flow, struct fail *f)
{
	struct lb_service from, to;
	char text[LB_TEXT + 16];

	/* a client is written as a VIP is, but for the protocol */
	if ((size_t)snprintf(text, sizeof(text), "%s/tcp", client) >= sizeof(text) ||
	    lb_service_parse(text, &from, NULL) || !from.port)
		return fail_set(f, EINVAL,
				"%.80s: not a client: write ADDR:PORT, an IPv6 address in brackets",
				client);
	if (lb_service_parse(dst, &to, f))
		return -EINVAL;
	if (!to.port || to.plen != (to.addr.family == AF_INET ? 32 : 128) ||
	    from.plen != (from.addr.family == AF_INET ? 32 : 128))
		return fail_set(f, EINVAL, "%s: a flow is to one address and port", dst);
	if (from.addr.family != to.addr.family)
		return fail_set(f, EINVAL, "%s: of another family than %s", client, dst);
	*flow = (struct lb_flow){ .client = from.addr,
				  .dst = to.addr,
				  .sport = from.port,
				  .dport = to.port,
				  .proto = to.proto };
	return 0;
}

const char *lb_by_name(enum lb_by by)
{
	static const char *const names[] = { "nobody", "server id", "table", "source", "ring" };

	return names[by];
}

static struct pkt pkt_of(const struct lb_flow *flow)
{
	int is4 = flow->client.family == AF_INET;
	struct pkt p = { .proto = pkt_be16(is4 ? PKT_ETH_IP4 : PKT_ETH_IP6),
			 .ipproto = flow->proto,
			 .sport = flow->sport,
			 .dport = flow->dport };

	memcpy(p.saddr, flow->client.word, sizeof(p.saddr));
	memcpy(p.daddr, flow->dst.word, sizeof(p.daddr));
	return p;
}

static int is_in(const struct lb_vip *v, const struct lb_addr *dst)
{
	__be32 mask[4];

	prefix_mask(v->plen, mask);
	for (int i = 0; i < 4; i++)
		if ((dst->word[i] & mask[i]) != v->addr[i])
			return 0;
	return 1;
}

/* The VIP of @what with the longest prefix around @dst, of @from bits at least; 0: none. */
static __u32 longest(const struct lb *lb, const struct lb_addr *dst, union lb_what what, __u8 from)
{
	__u32 best = 0;

	for (__u32 i = 1; i < LB_VIPS; i++) {
		const struct lb_vip *v = &lb->vips[i];

		if (v->what.word == what.word && v->plen >= from && is_in(v, dst) &&
		    (!best || v->plen > lb->vips[best].plen))
			best = i;
	}
	return best;
}

/* As bpf/lb_vip.h: an address before a prefix, a port before any. */
static __u32 vip_of(const struct lb *lb, const struct lb_flow *flow)
{
	union lb_what what = { .port = flow->dport, .proto = flow->proto }, any = what;
	__u8 all = flow->dst.family == AF_INET ? 32 : 128;
	__u32 n;

	what.version = any.version = flow->dst.family == AF_INET ? 4 : 6;
	any.port = 0;
	n = longest(lb, &flow->dst, what, all);
	if (!n)
		n = longest(lb, &flow->dst, any, all);
	if (!n)
		n = longest(lb, &flow->dst, what, 0);
	return n ? n : longest(lb, &flow->dst, any, 0);
}

/* The real that @data names, or 0: as lb_valid() in bpf/lb_table.h. */
static __u32 valid(const struct lb *lb, __u64 data, __u32 vip)
{
	__u32 number = lb_data_real(data);
	const struct lb_real *r = &lb->reals[number < LB_REALS ? number : 0];

	if (!number || number >= LB_REALS || !r->gen || r->gen != lb_data_gen(data) ||
	    r->vip != vip)
		return 0;
	return lb->vips[vip].flags & LB_VIP_MIGRATE && r->mode == LB_REAL_DOWN ? 0 : number;
}

static __u32 by_id(const struct lb *lb, __u32 vip, __u64 id)
{
	struct lb_id key = { .id = id, .vip = vip };
	__u64 data;

	if (!id || !(lb->vips[vip].flags & (LB_VIP_QUIC | LB_VIP_STABLE)) ||
	    bpf_map_lookup_elem(lb->ids, &key, &data))
		return 0;
	return valid(lb, data, vip);
}

static __u32 by_source(const struct lb *lb, __u32 vip, const struct lb_flow *flow)
{
	struct lb_source key = { .plen = LB_PREFIX_WHAT, .vip = vip };
	__u64 data;

	key.plen += flow->client.family == AF_INET ? 32 : 128;
	memcpy(key.addr, flow->client.word, sizeof(key.addr));
	if (!(lb->vips[vip].flags & LB_VIP_SOURCES) ||
	    bpf_map_lookup_elem(lb->sources, &key, &data))
		return 0;
	return valid(lb, data, vip);
}

/* A table of the stage, and how it is asked. */
struct table {
	__u64 key[3], seed;
	int words, fd;
	__u32 mask, udp_idle;
};

static int table_open(const struct lb *lb, __u32 vip, const struct pkt *p, struct table *t)
{
	const struct chain *c = lb->chain;
	const struct lb_vip *v = &lb->vips[vip];
	int is_prefix = v->plen != (v->what.version == 4 ? 32 : 128), err;

	*t = (struct table){ .words = 3, .fd = -1 };
	if (v->what.version == 4 && !lb_is_wide(v)) {
		t->words = 1;
		t->key[0] = lb_key4(p, vip);
	} else {
		lb_key6(p, vip, is_prefix, t->key);
	}
	err = stage_rodata_get(c, CHAIN_SLOT_LB, "lb_seed", &t->seed, sizeof(t->seed));
	if (!err)
		err = stage_rodata_get(c, CHAIN_SLOT_LB, "lb_set_mask", &t->mask, sizeof(t->mask));
	if (!err)
		err = stage_rodata_get(c, CHAIN_SLOT_LB, "lb_udp_idle", &t->udp_idle,
				       sizeof(t->udp_idle));
	if (err)
		return err;
	t->fd = stage_map(c, CHAIN_SLOT_LB, t->words == 1 ? "conns4" : "conns6");
	return t->fd < 0 ? t->fd : 0;
}

/* What the table says of the flow, or 0. */
static __u64 table_ask(const struct table *t)
{
	__u64 set[LB_WAYS * 4];
	__u32 i = lb_set(t->seed, t->key, t->words) & t->mask;

	if (bpf_map_lookup_elem(t->fd, &i, set))
		return 0;
	for (int way = 0; way < LB_WAYS; way++) {
		const __u64 *entry = set + way * (t->words + 1);
		__u64 data = entry[t->words], differ = 0;

		for (int w = 0; w < t->words; w++)
			differ |= entry[w] ^ lb_data_fixed(data) ^ t->key[w];
		if (data && !differ)
			return data;
	}
	return 0;
}

static int by_table(const struct lb *lb, __u32 vip, const struct lb_flow *flow, __u32 *real)
{
	struct pkt p = pkt_of(flow);
	struct table t;
	int err;
	__u64 data;

	*real = 0;
	if (flow->is_syn || lb->vips[vip].flags & LB_VIP_ONE_SHOT)
		return 0;
	err = table_open(lb, vip, &p, &t);
	if (err)
		return err;
	data = table_ask(&t);
	if (flow->proto != PKT_UDP || lb_data_age(data, lb_stamp()) <= t.udp_idle)
		*real = valid(lb, data, vip);
	close(t.fd);
	return 0;
}

static void addr_of(const struct lb *lb, __u32 real, struct lb_addr *out)
{
	const struct lb_real *r = &lb->reals[real];

	*out = (struct lb_addr){ .family = r->version == 6 ? AF_INET6 : AF_INET };
	memcpy(out->word, r->addr, sizeof(r->addr));
}

static int by_ring(const struct lb *lb, __u32 vip, const struct lb_flow *flow, struct lb_where *out,
		   __u32 *real)
{
	struct lb_ring *ring = lb_ring_map(lb, vip, 0);
	struct pkt p = pkt_of(flow);

	if (!ring)
		return -errno;
	out->index = lb_index(lb_hash(&p, lb->vips[vip].flags));
	*real = ring->real[out->index];
	lb_ring_unmap(ring);
	if (*real >= LB_REALS)
		*real = 0;
	if (*real)
		addr_of(lb, *real, &out->ring);
	return 0;
}

/* The first way that has a real. */
static int decide(const struct lb *lb, __u32 vip, const struct lb_flow *flow, struct lb_where *out)
{
	__u32 ways[] = { [LB_BY_ID] = by_id(lb, vip, flow->id),
			 [LB_BY_TABLE] = 0,
			 [LB_BY_SOURCE] = by_source(lb, vip, flow),
			 [LB_BY_RING] = 0 };
	int err = by_table(lb, vip, flow, &ways[LB_BY_TABLE]);

	if (!err)
		err = by_ring(lb, vip, flow, out, &ways[LB_BY_RING]);
	for (int by = LB_BY_ID; !err && by <= LB_BY_RING; by++)
		if (ways[by]) {
			out->by = by;
			addr_of(lb, ways[by], &out->real);
			out->mode = lb->reals[ways[by]].mode;
			break;
		}
	return err;
}

int lb_where(struct lb *lb, const struct lb_flow *flow, struct lb_where *out, struct fail *f)
{
	__u32 vip = vip_of(lb, flow);
	char text[LB_TEXT];
	int err;

	*out = (struct lb_where){ .guards = lb->heads->guards };
	lb_addr_text(text, &flow->dst);
	if (!vip || lb_vip_service(lb, vip, &out->vip))
		return fail_set(f, ENOENT, "%s: port %u is of no VIP on %s: see xdplb vip list",
				text, pkt_h16(flow->dport), lb->chain->ifname);
	err = decide(lb, vip, flow, out);
	return err ? fail_set(f, -err, "%s: cannot read the balancer: %s", lb->chain->ifname,
			      strerror(-err))
		   : 0;
}
