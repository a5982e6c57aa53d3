// SPDX-License-Identifier: GPL-2.0
#include "viewer/model.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define STEP_WEIGHT 0.05 /* of a new packet in the mean time of a stage */

struct model *model_new(__u32 n, __u64 width_ns)
{
	struct model *m = calloc(1, sizeof(*m));

	if (m)
		m->ifs = calloc(n, sizeof(*m->ifs));
	if (!m || !m->ifs) {
		model_free(m);
		errno = ENOMEM;
		return NULL;
	}
	m->n = n;
	for (__u32 i = 0; i < n; i++)
		for (int slot = 0; slot < CHAIN_COUNTED; slot++) {
			history_init(&m->ifs[i].stages[slot].history, width_ns);
			m->ifs[i].stages[slot].step_ns = -1;
		}
	return m;
}

struct model *model_copy(const struct model *m)
{
	struct model *copy = model_new(m->n, NSEC);

	if (!copy)
		return NULL;
	copy->epoch_ns = m->epoch_ns;
	memcpy(copy->ifs, m->ifs, m->n * sizeof(*m->ifs));
	return copy;
}

void model_free(struct model *m)
{
	if (!m)
		return;
	free(m->ifs);
	free(m);
}

/* What came since: a counter that is lower began at 0 again. */
static struct chain_count since(const struct chain_count *now, const struct chain_count *then)
{
	if (now->packets < then->packets)
		return *now;
	return (struct chain_count){ now->packets - then->packets, now->bytes - then->bytes };
}

/* The time that rates are by, in seconds. */
static double seconds(const struct model_if *mi, __u64 now)
{
	__u64 from = mi->mean ? mi->start_ns : mi->now_ns;

	return now > from ? (now - from) / (double)NSEC : 0;
}

static double per_second(const struct model_if *mi, __u64 total, __u64 delta, double s)
{
	return s > 0 ? (mi->mean ? total : delta) / s : 0;
}

/* Another program: its reasons are its own, and begin now. */
static void replaced(struct model_stage *st, const struct model_who *w, __u32 slot,
		     const struct chain_totals *last)
{
	if (strcmp(st->name, w->name))
		history_init(&st->history, st->history.width_ns);
	memset(st->reasons, 0, sizeof(st->reasons));
	for (__u32 i = 0; i < CHAIN_REASONS; i++)
		st->reasons[i].base = last->reasons[slot][i];
	st->step_ns = -1;
}

static void take_who(struct model_stage *st, const struct model_who *w, __u32 slot,
		     const struct model_if *mi)
{
	bool known = mi->start_ns && st->here && !mi->mean;

	if (known && w->here && (st->instance != w->instance || strcmp(st->name, w->name)))
		replaced(st, w, slot, &mi->last);
	st->here = w->here;
	if (!w->here)
		return;
	snprintf(st->name, sizeof(st->name), "%s", w->name);
	st->since_ns = w->since_ns;
	st->prog_id = w->prog_id;
	st->instance = w->instance;
	st->flags = w->flags;
}

static void take_verdicts(struct model_if *mi, __u32 slot, const struct model_sample *s,
			  double secs)
{
	struct model_stage *st = &mi->stages[slot];
	double sum[HISTORY_KINDS] = { 0 }, bytes = 0;

	for (int v = 0; v < CHAIN_VERDICTS; v++) {
		const struct chain_count *now = &s->totals.verdicts[slot][v];
		struct chain_count d = since(now, &mi->last.verdicts[slot][v]);

		st->total[v] = *now;
		st->pps[v] = per_second(mi, now->packets, d.packets, secs);
		bytes += mi->mean ? now->bytes : d.bytes;
		sum[HISTORY_PACKETS] += d.packets;
		if (v == CHAIN_DROP || v == CHAIN_ABORTED)
			sum[HISTORY_DROPS] += d.packets;
	}
	st->bps = secs > 0 ? 8 * bytes / secs : 0;
	st->last_drops = 0;
	if (mi->now_ns && s->now_ns > mi->now_ns)
		st->last_drops = sum[HISTORY_DROPS] * NSEC / (s->now_ns - mi->now_ns);
	if (mi->now_ns)
		history_add(&st->history, mi->now_ns, s->now_ns, sum);
}

static void take_reason(struct model_if *mi, __u32 slot, __u32 i, const struct model_sample *s,
			double secs)
{
	struct model_reason *r = &mi->stages[slot].reasons[i];
	const struct chain_count *now = &s->totals.reasons[slot][i];
	struct chain_count d = since(now, &mi->last.reasons[slot][i]);
	const char *name = s->reason ? s->reason(s->arg, slot, i) : NULL;

	if (name)
		snprintf(r->name, sizeof(r->name), "%s", name);
	if (now->packets < r->base.packets)
		r->base = (struct chain_count){ 0 };
	r->total.packets = now->packets - r->base.packets;
	r->total.bytes = now->bytes - r->base.bytes;
	r->pps = per_second(mi, r->total.packets, d.packets, secs);
	r->last_pps = 0;
	if (mi->now_ns && s->now_ns > mi->now_ns)
		r->last_pps = (double)d.packets * NSEC / (s->now_ns - mi->now_ns);
	if (!r->total.packets)
		return;
	if (!mi->start_ns && !mi->mean)
		r->before = true;
	else if (d.packets) {
		r->last_ns = s->now_ns;
		if (!r->first_ns)
			r->first_ns = s->now_ns;
	}
}

/* The chain is another one: what its counters say came since it was made. */
static void anew(struct model_if *mi, const struct model_sample *s)
{
	if (mi->created_ns == s->created_ns)
		return;
	if (mi->start_ns) {
		memset(&mi->last, 0, sizeof(mi->last));
		for (int slot = 0; slot < CHAIN_COUNTED; slot++)
			memset(mi->stages[slot].reasons, 0, sizeof(mi->stages[slot].reasons));
	}
	mi->created_ns = s->created_ns;
}

void model_update(struct model_if *mi, const struct model_sample *s)
{
	double secs;

	anew(mi, s);
	if (!mi->start_ns && !mi->mean)
		mi->last = s->totals; /* what came before anybody looked has no time */
	secs = mi->start_ns ? seconds(mi, s->now_ns) : 0;
	for (__u32 slot = 0; slot < CHAIN_COUNTED; slot++) {
		if (slot < CHAIN_SLOTS)
			take_who(&mi->stages[slot], &s->who[slot], slot, mi);
		take_verdicts(mi, slot, s, secs);
		for (__u32 i = 1; i < CHAIN_REASONS; i++)
			take_reason(mi, slot, i, s, secs);
	}
	mi->last = s->totals;
	mi->now_ns = s->now_ns;
	if (!mi->start_ns)
		mi->start_ns = s->now_ns;
	mi->gone[0] = 0;
}

void model_step(struct model_if *mi, __u32 slot, __u32 ns)
{
	struct model_stage *st = &mi->stages[slot];

	if (st->step_ns < 0)
		st->step_ns = ns;
	else
		st->step_ns += STEP_WEIGHT * (ns - st->step_ns);
}

double model_pps(const struct model_stage *st)
{
	double sum = 0;

	for (int v = 0; v < CHAIN_VERDICTS; v++)
		sum += st->pps[v];
	return sum;
}

__u64 model_packets(const struct model_stage *st)
{
	__u64 sum = 0;

	for (int v = 0; v < CHAIN_VERDICTS; v++)
		sum += st->total[v].packets;
	return sum;
}

double model_drops(const struct model_stage *st)
{
	return st->pps[CHAIN_DROP] + st->pps[CHAIN_ABORTED];
}

__u64 model_dropped(const struct model_stage *st)
{
	return st->total[CHAIN_DROP].packets + st->total[CHAIN_ABORTED].packets;
}

void model_sum(const struct model_if *mi, struct model_sum *sum)
{
	double bytes = 0, packets = 0, share;

	memset(sum, 0, sizeof(*sum));
	for (int slot = 0; slot < CHAIN_COUNTED; slot++) {
		const struct model_stage *st = &mi->stages[slot];
		double here = model_pps(st);

		share = here > 0 ? (here - st->pps[CHAIN_NEXT]) / here : 0;
		bytes += st->bps * share;
		packets += here * share;
		for (int v = 0; v < CHAIN_VERDICTS; v++) {
			if (v == CHAIN_NEXT)
				continue;
			sum->final[v] += st->pps[v];
			sum->packets[v] += st->total[v].packets;
		}
	}
	sum->pps = packets;
	sum->bps = bytes;
}

const char *model_verdict(__u32 verdict)
{
	static const char *const names[] = { "aborted", "drop", "pass", "tx", "redirect", "next" };

	return verdict < ARRAY_SIZE(names) ? names[verdict] : "other";
}
