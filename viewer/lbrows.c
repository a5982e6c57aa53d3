// SPDX-License-Identifier: GPL-2.0
#include "viewer/lbrows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lb.h"
#include "lib/util.h"

#define SHARE	    20	/* of the time at most one in so many is spent on reading */
#define CONNS_SHARE 200 /* and on counting connections */
#define CONNS_MOST  (1 << 22)
#define NEW	    0.2 /* weight of the last reading in a mean */
#define COUNT_NS    (5 * NSEC)

void lbrows_free(struct lbrows *l)
{
	free(l->row);
	*l = (struct lbrows){ 0 };
}

static const struct lbrow *find(const struct lbrows *l, const struct lbrow *like)
{
	for (size_t i = 0; l && i < l->n; i++) {
		const struct lbrow *r = &l->row[i];

		if (r->is_vip == like->is_vip && r->number == like->number &&
		    r->iface == like->iface && !strcmp(r->name, like->name))
			return r;
	}
	return NULL;
}

static struct lbrow *add(struct lbrows *l)
{
	if (l->n == LBROWS)
		return NULL;
	l->row[l->n] = (struct lbrow){
		.pps = -1, .mean = -1, .share = -1, .weight = -1, .mode = -1, .conns = -1
	};
	return &l->row[l->n++];
}

static double since(__u64 now, __u64 then, double seconds)
{
	return (now >= then ? now - then : now) / seconds;
}

static void rates(struct lbrow *r, const struct lbrows *before, __u64 now)
{
	const struct lbrow *was = find(before, r);
	double seconds = before ? (now - before->read_ns) / (double)NSEC : 0;

	if (!was || seconds <= 0)
		return;
	r->pps = since(r->packets, was->packets, seconds);
	r->bps = 8 * since(r->bytes, was->bytes, seconds);
	r->drops = since(r->dropped, was->dropped, seconds);
	r->mean = was->mean < 0 ? r->pps : was->mean + NEW * (r->pps - was->mean);
	if (r->conns < 0)
		r->conns = was->conns;
}

static void add_real(struct lbrows *l, const struct lb_real_state *s, size_t vip, __u32 iface)
{
	struct lbrow *r = add(l);
	char text[LB_TEXT];

	if (!r)
		return;
	lb_addr_text(text, &s->addr);
	snprintf(r->name, sizeof(r->name), "%s", text);
	r->iface = iface;
	r->number = s->number;
	r->vip = vip;
	r->packets = s->sent.packets;
	r->bytes = s->sent.bytes;
	r->weight = s->entries / (double)LB_RING;
	r->mode = s->mode;
}

static void add_vip(struct lbrows *l, const struct lb_vip_state *s, __u32 iface)
{
	size_t at = l->n;
	struct lbrow *v = add(l);
	char text[LB_TEXT];

	if (!v)
		return;
	lb_service_text(text, &s->service);
	snprintf(v->name, sizeof(v->name), "%s", text);
	v->is_vip = true;
	v->iface = iface;
	v->number = s->number;
	v->vip = at;
	v->packets = s->count.sent.packets + s->count.dropped.packets;
	v->bytes = s->count.sent.bytes + s->count.dropped.bytes;
	v->dropped = s->count.dropped.packets;
	v->reals = s->count_reals;
	for (size_t i = 0; i < s->count_reals; i++)
		add_real(l, &s->reals[i], at, iface);
}

/* The tables are read for that, all of them: seldom, and not when they are huge. */
static void count_conns(struct lbrows *l, struct lb *lb, size_t first)
{
	__u32 *counts = calloc(LB_REALS, sizeof(*counts));
	__u64 start = now_ns(), due;

	if (counts && !lb_conns_count(lb, counts, NULL))
		for (size_t i = first; i < l->n; i++) {
			struct lbrow *r = &l->row[i];

			if (r->is_vip || r->number >= LB_REALS)
				continue;
			r->conns = counts[r->number];
			l->used += r->conns;
			l->row[r->vip].conns += r->conns + (l->row[r->vip].conns < 0);
		}
	free(counts);
	due = start + CONNS_SHARE * (now_ns() - start);
	if (due > l->count_ns)
		l->count_ns = due;
}

static void read_guard(struct lbrows *l, struct lb *lb)
{
	struct lb_guard_state g;

	if (lb_guard(lb, &g))
		return;
	l->guard_cpus += g.cpus_on;
	l->guard_packets += g.packets;
	l->guard_times += g.times;
}

static void read_chain(struct lbrows *l, struct chain *c, __u32 iface, bool count)
{
	size_t first = l->n;
	struct lb_options o = { 0 };
	struct lb_state state;
	struct lb *lb;

	if (!c || lb_open(c, &lb, NULL))
		return;
	if (!lb_options(c, &o))
		l->conns += 2ULL * o.conns;
	if (!lb_list(lb, &state, NULL)) {
		for (size_t i = 0; i < state.count; i++)
			add_vip(l, &state.vips[i], iface);
		lb_state_free(&state);
	}
	read_guard(l, lb);
	if (count && o.conns <= CONNS_MOST)
		count_conns(l, lb, first);
	lb_close(lb);
}

/* A real's part of what its VIP sent: by rates, or where there are none yet in all. */
static void shares(struct lbrows *l)
{
	double *sent = calloc(l->n + 1, sizeof(*sent));

	for (size_t i = 0; sent && i < l->n; i++)
		if (!l->row[i].is_vip && l->row[i].mean > 0)
			sent[l->row[i].vip] += l->row[i].mean;
	for (size_t i = 0; sent && i < l->n; i++) {
		struct lbrow *r = &l->row[i];
		const struct lbrow *v = &l->row[r->vip];

		if (r->is_vip)
			continue;
		if (r->mean >= 0 && sent[r->vip] > 0)
			r->share = r->mean / sent[r->vip];
		else if (v->packets > v->dropped)
			r->share = r->packets / (double)(v->packets - v->dropped);
		if (r->share > 1)
			r->share = 1;
	}
	free(sent);
}

static size_t seen_vip(struct lbrows *l, const struct seen_rule *s)
{
	struct lbrow *v;

	for (size_t i = 0; i < l->n; i++)
		if (l->row[i].is_vip && l->row[i].iface == s->iface &&
		    !strcmp(l->row[i].name, s->service))
			return i;
	v = add(l);
	if (!v)
		return LBROWS;
	v->is_vip = true;
	v->iface = s->iface;
	v->vip = l->n - 1;
	snprintf(v->name, sizeof(v->name), "%s", s->service);
	return v->vip;
}

/* Out of a file: by VIP, which its packets name, what the rules of slot 15 say. */
static void read_seen(struct lbrows *l, const struct seen *seen, double seconds)
{
	for (int real = 0; real < 2; real++)
		for (size_t i = 0; i < SEEN; i++) {
			const struct seen_rule *s = seen_at(seen, i);
			struct lbrow *r;
			size_t vip;

			if (!s->rule || s->slot != CHAIN_SLOT_LB || !s->service[0])
				continue;
			vip = seen_vip(l, s);
			if (vip == LBROWS)
				return;
			if (!real) {
				l->row[vip].packets += s->packets;
				l->row[vip].bytes += s->bytes;
				l->row[vip].dropped += s->drops;
				l->row[vip].reals += s->rule <= LB_RULE_VIP;
			} else if (s->rule <= LB_RULE_VIP && (r = add(l))) {
				snprintf(r->name, sizeof(r->name), "%s", s->text);
				r->vip = vip;
				r->iface = s->iface;
				r->number = s->rule;
				r->packets = s->packets;
				r->bytes = s->bytes;
			}
		}
	for (size_t i = 0; seconds > 0 && i < l->n; i++) {
		l->row[i].pps = l->row[i].packets / seconds;
		l->row[i].bps = 8 * l->row[i].bytes / seconds;
		l->row[i].drops = l->row[i].dropped / seconds;
	}
}

static int by_vip(const void *a, const void *b)
{
	const struct lbrow *x = a, *y = b;

	if (x->vip != y->vip)
		return x->vip < y->vip ? -1 : 1;
	if (x->is_vip != y->is_vip)
		return x->is_vip ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Reals behind their VIP; the numbers of rows are those after it. */
static void sort(struct lbrows *l)
{
	size_t vip = 0;

	qsort(l->row, l->n, sizeof(*l->row), by_vip);
	for (size_t i = 0; i < l->n; i++) {
		if (l->row[i].is_vip)
			vip = i;
		l->row[i].vip = vip;
	}
}

void lbrows_read(struct lbrows *l, struct live *live, __u32 ifs, const struct seen *seen,
		 double seconds, __u64 every_ns)
{
	struct lbrows made = { .row = malloc(LBROWS * sizeof(*made.row)) };
	__u64 start = now_ns(), took;
	bool count = start >= l->count_ns;

	made.used = count ? 0 : l->used;
	made.count_ns = count ? start + COUNT_NS : l->count_ns;
	if (!made.row || start < l->due_ns) {
		free(made.row);
		return;
	}
	for (__u32 i = 0; live && i < ifs; i++)
		read_chain(&made, live_chain(live, i), i, count);
	if (!live) {
		read_seen(&made, seen, seconds);
		sort(&made);
	}
	for (size_t i = 0; live && i < made.n; i++)
		rates(&made.row[i], l->read_ns ? l : NULL, start);
	shares(&made);
	took = now_ns() - start;
	made.read_ns = start;
	made.due_ns = start + (SHARE * took > every_ns ? SHARE * took : every_ns) - NSEC / 20;
	free(l->row);
	*l = made;
}
