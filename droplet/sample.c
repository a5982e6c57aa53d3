// SPDX-License-Identifier: GPL-2.0
#include "droplet/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/chain.h"
#include "lib/event.h"
#include "lib/ring.h"
#include "lib/session.h"
#include "lib/util.h"

#define SNAPLEN	 128 /* bytes: Ethernet, two tags, IPv6 with some headers */
#define BEAT_NS	 (NSEC / 4)
#define ETH_IP	 0x0800
#define ETH_IPV6 0x86dd

static struct sample_item *add(struct sample *s, const struct prefix *p, __u64 seen)
{
	struct sample_item *items = s->items;

	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 1024;

		items = realloc(items, room * sizeof(*items));
		if (!items)
			return NULL;
		s->items = items;
		s->room = room;
	}
	items[s->count] = (struct sample_item){ *p, seen };
	return &items[s->count++];
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_cmp(&((const struct sample_item *)a)->prefix,
			  &((const struct sample_item *)b)->prefix);
}

static int by_seen(const void *a, const void *b)
{
	const struct sample_item *p = a, *q = b;

	if (p->seen != q->seen)
		return p->seen < q->seen ? 1 : -1;
	return by_prefix(a, b);
}

/* Each once, with the sum of those that were the same. */
static void merge(struct sample *s)
{
	size_t n = 0;

	qsort(s->items, s->count, sizeof(*s->items), by_prefix);
	for (size_t i = 0; i < s->count; i++) {
		if (n && !by_prefix(&s->items[i], &s->items[n - 1]))
			s->items[n - 1].seen += s->items[i].seen;
		else
			s->items[n++] = s->items[i];
	}
	s->count = n;
}

static int on_event(const void *buf, size_t len, __u32 source, void *arg)
{
	struct sample *s = arg;
	struct pkt pkt = { 0 };
	struct prefix p = { 0 };
	struct ev ev;

	(void)source;
	if (ev_decode(buf, len, &ev))
		return 0;
	pkt.len = ev.head->len;
	pkt_parse((void *)ev.data, (void *)(ev.data + ev.head->cap_len), &pkt);
	s->seen++;
	if (pkt.proto != pkt_be16(ETH_IP) && pkt.proto != pkt_be16(ETH_IPV6))
		return 0;
	p.family = pkt.proto == pkt_be16(ETH_IP) ? AF_INET : AF_INET6;
	p.len = prefix_bits(&p);
	memcpy(p.addr, pkt.saddr, sizeof(p.addr));
	if (s->count &&
	    s->count == s->room) /* before it grows: the same source often comes again */
		merge(s);
	return add(s, &p, 1) ? 0 : -ENOMEM;
}

static __u64 dropped(const struct chain *c)
{
	struct chain_totals *t = calloc(1, sizeof(*t));
	__u64 sum = 0;

	if (!t || chain_totals(c, t)) {
		free(t);
		return 0;
	}
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++)
		sum += t->verdicts[slot][CHAIN_DROP].packets;
	sum += t->gone[CHAIN_DROP].packets;
	free(t);
	return sum;
}

static int watch(struct session *session, __u64 ns, struct sample *s, struct fail *f)
{
	struct rings *rings = session_rings(session);
	__u64 start = now_ns(), beat = start, now = start;
	__u64 before = dropped(session_chain(session));
	long n = 0;

	while (n >= 0 && now - start < ns) {
		rings_wait(rings, 20);
		n = rings_read(rings, 0, on_event, s);
		now = now_ns();
		if (now - beat > BEAT_NS && session_check(session, f))
			return -ENODEV;
		beat = now - beat > BEAT_NS ? now : beat;
	}
	s->total = dropped(session_chain(session)) - before;
	session_stop(session);
	if (n >= 0)
		n = rings_read(rings, 1, on_event, s);
	s->took_ns = now - start;
	return n < 0 ? fail_errno(f, -n, "sample") : 0;
}

int sample_take(const char *ifname, __u64 ns, struct sample *s, struct fail *f)
{
	const struct session_spec spec = {
		.snaplen = SNAPLEN,
		.verdicts = 1u << CHAIN_DROP,
		.rate = SAMPLE_RATE,
		.text = "droplet top",
	};
	struct session *session;
	int err = session_open(ifname, &spec, &session, f);

	if (err)
		return err;
	*s = (struct sample){ 0 };
	err = watch(session, ns, s, f);
	session_close(session);
	if (err) {
		sample_free(s);
		return err;
	}
	merge(s);
	return 0;
}

int sample_widen(const struct sample *s, struct sample *out)
{
	struct sample wide = { .seen = s->seen, .total = s->total, .took_ns = s->took_ns };

	for (size_t i = 0; i < s->count; i++) {
		struct prefix p = s->items[i].prefix;
		__be32 mask[4];

		p.len = p.family == AF_INET ? 24 : 48;
		prefix_mask(p.len, mask);
		for (int k = 0; k < 4; k++)
			p.addr[k] &= mask[k];
		if (!add(&wide, &p, s->items[i].seen)) {
			sample_free(&wide);
			return -ENOMEM;
		}
	}
	merge(&wide);
	*out = wide;
	return 0;
}

void sample_sort(struct sample *s)
{
	qsort(s->items, s->count, sizeof(*s->items), by_seen);
}

void sample_free(struct sample *s)
{
	free(s->items);
	*s = (struct sample){ 0 };
}
