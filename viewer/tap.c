// SPDX-License-Identifier: GPL-2.0
#include "viewer/tap.h"

#include <stdio.h>
#include <string.h>

#include "lib/epoch.h"
#include "lib/util.h"

#define CHECK_NS	(NSEC / 2)
#define SPREAD_NS	(2 * NSEC)
#define TRACED		20000	   /* packets a second, so that some are taken */
#define RETRY_NS	(3 * NSEC) /* after one could not be had */
#define TIMES_EVERY_NS	(30 * NSEC)
#define TIMES_FOR_NS	(NSEC / 4)
#define TIMES_PACKETS	200
#define SAMPLE_EVERY_NS (2 * NSEC)
#define SAMPLE_FOR_NS	(NSEC / 2)
#define SAMPLE_PACKETS	8
#define SHORT_SNAPLEN	256

static void on_event(void *arg, __u32 iface, const struct ev *ev, const struct trail_names *names)
{
	struct tap *t = arg;
	struct trail trail;
	struct record r;

	trail_make(ev, names, &trail);
	record_event(&r, ev, iface, t->epoch_ns, 0);
	r.trail = &trail;
	intake_packet(t->in, &r);
	t->taken++;
}

void tap_close(struct tap *t)
{
	capture_close(t->capture);
	t->capture = NULL;
	t->what = TAP_NONE;
}

/*
 * The kernel takes the first of each second until there are enough. So that they are not all of one
 * moment, one in so many is taken of what matches, as far as its traces cost little.
 */
static __u32 spread(const struct tap *t, const struct tap_want *w)
{
	const struct session_count *n = &t->count;
	double most = 0, sample;

	if (t->what != TAP_VIEW || !n->offered)
		return 1;
	for (__u32 i = 0; i < w->in->model->n; i++) {
		struct model_sum sum;

		model_sum(&w->in->model->ifs[i], &sum);
		most = sum.pps > most ? sum.pps : most;
	}
	sample = most * n->matched / n->offered / w->rate;
	if (sample > TRACED / (double)w->rate)
		sample = TRACED / (double)w->rate;
	return sample < 1 ? 1 : sample;
}

/* It is worth another session. */
static bool spread_wrong(const struct tap *t, const struct tap_want *w, __u64 now)
{
	__u32 is = t->sample, ought = spread(t, w);

	return now - t->since_ns > SPREAD_NS && (ought >= 2 * is || is >= 2 * ought);
}

/* An incident that goes on and has no packet yet; NULL: none. */
static const struct incident *without_sample(const struct incidents *in)
{
	for (size_t i = 0; i < incidents_count(in); i++) {
		const struct incident *one = incidents_at(in, i);

		if (!one->end_ns && !one->event)
			return one;
	}
	return NULL;
}

static enum tap_what wanted(const struct tap *t, const struct tap_want *w, __u64 now)
{
	if (w->packets)
		return TAP_VIEW;
	if (t->what != TAP_NONE)
		return t->what;
	if (now >= t->sample_ns && without_sample(w->in->incidents))
		return TAP_SAMPLE;
	if (w->times && now >= t->times_ns)
		return TAP_TIMES;
	return TAP_NONE;
}

static void open_one(struct tap *t, const struct tap_want *w, enum tap_what what, __u64 now)
{
	const struct incident *i = without_sample(w->in->incidents);
	struct capture_spec spec = { .rate = TIMES_PACKETS, .snaplen = SHORT_SNAPLEN, .only = -1 };
	struct fail f = { 0 };

	t->times_ns = what == TAP_TIMES ? now + TIMES_EVERY_NS : t->times_ns;
	t->sample_ns = what == TAP_SAMPLE ? now + SAMPLE_EVERY_NS : t->sample_ns;
	if (what != TAP_VIEW || t->sample < 1)
		t->sample = 1;
	if (what == TAP_VIEW)
		spec = (struct capture_spec){ .query = &w->in->query,
					      .rate = w->rate,
					      .sample = t->sample,
					      .snaplen = w->snaplen,
					      .only = -1 };
	if (what == TAP_SAMPLE && i) {
		spec.only = i->iface;
		spec.slots = 1u << i->slot;
		spec.verdicts = 1u << CHAIN_DROP | 1u << CHAIN_ABORTED;
		spec.rate = SAMPLE_PACKETS;
	}
	if (capture_open(w->live, w->in->model, &spec, &t->capture, &f)) {
		snprintf(t->why, sizeof(t->why), "%.255s", f.text);
		t->retry_ns = now + RETRY_NS;
		return;
	}
	t->why[0] = 0;
	t->what = what;
	t->taken = 0;
	t->since_ns = t->checked_ns = now;
	memset(&t->count, 0, sizeof(t->count));
	t->generation = w->in->query.generation;
	t->ifs = w->in->model->n;
	t->epoch_ns = epoch_ns(8);
}

/* Has it what it was for, or is it one for another filter? */
static bool over(const struct tap *t, const struct tap_want *w, __u64 now)
{
	switch (t->what) {
	case TAP_VIEW:
		return !w->packets || t->generation != w->in->query.generation ||
		       t->ifs != w->in->model->n || spread_wrong(t, w, now);
	case TAP_TIMES:
		return w->packets || t->taken >= TIMES_PACKETS || now - t->since_ns > TIMES_FOR_NS;
	case TAP_SAMPLE:
		return w->packets || !without_sample(w->in->incidents) ||
		       now - t->since_ns > SAMPLE_FOR_NS;
	case TAP_NONE:
		break;
	}
	return false;
}

static void check(struct tap *t, __u64 now)
{
	struct fail f = { 0 };

	if (now - t->checked_ns < CHECK_NS)
		return;
	t->checked_ns = now;
	capture_counts(t->capture, &t->count);
	if (!capture_check(t->capture, &f))
		return;
	tap_close(t);
	t->retry_ns = now + CHECK_NS;
}

long tap_tick(struct tap *t, const struct tap_want *w)
{
	__u64 now = now_ns();
	enum tap_what what;
	long n = 0;

	t->in = w->in;
	if (t->capture)
		n = capture_read(t->capture, on_event, t);
	if (t->capture && over(t, w, now)) {
		t->sample = t->generation == w->in->query.generation ? spread(t, w) : 1;
		tap_close(t);
	}
	if (t->capture)
		check(t, now);
	what = wanted(t, w, now);
	if (!t->capture && what != TAP_NONE && now >= t->retry_ns)
		open_one(t, w, what, now);
	return n;
}
