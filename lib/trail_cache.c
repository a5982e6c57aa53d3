// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "lib/trail_impl.h"

#define SETS   64 /* power of two */
#define WAYS   2
#define NS_MAX 10 /* digits of a __u32 */

/* A text without its times; the times go in at the cuts. */
struct entry {
	const struct trail_names *names;
	__u32 generation;
	__u16 len; /* of text; 0: the entry is free */
	__u8 form, cuts;
	__u8 verdict, point, steps, times;
	struct trail_cut cut[EVENT_STEPS];
	struct event_step key[EVENT_STEPS]; /* ns is not looked at */
	char text[512];			    /* longer ones are rare, and not kept */
};

struct trail_cache {
	struct entry sets[SETS][WAYS];
	__u8 oldest[SETS];
};

struct trail_cache *trail_cache_new(void)
{
	return calloc(1, sizeof(struct trail_cache));
}

void trail_cache_free(struct trail_cache *c)
{
	free(c);
}

static __u64 mix(__u64 h, __u64 v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15; /* golden ratio: Fibonacci hashing */
	return h ^ h >> 32;
}

static __u64 step_said(const struct event_step *s)
{
	return (__u64)s->reason << 16 | s->slot << 8 | s->verdict;
}

static unsigned int hash(const struct ev *ev, enum trail_form form)
{
	__u64 h = (__u64)ev->head->verdict << 8 | form;

	for (unsigned int i = 0; i < ev->head->steps; i++) {
		const struct event_step *s = &ev->steps[i];

		h = mix(h, (__u64)s->rule << 32 | s->instance);
		h = mix(h, step_said(s));
	}
	return h & (SETS - 1);
}

static bool match(const struct entry *e, const struct ev *ev, const struct trail_names *names,
		  enum trail_form form)
{
	const ev_head *h = ev->head;

	if (!e->len || e->names != names || (names && e->generation != names->generation) ||
	    e->form != form || e->verdict != h->verdict || e->point != h->point ||
	    e->steps != h->steps || e->times != (h->flags & EVENT_STEP_TIMES))
		return false;
	for (unsigned int i = 0; i < h->steps; i++) {
		const struct event_step *a = &e->key[i], *b = &ev->steps[i];

		if (a->rule != b->rule || a->instance != b->instance ||
		    step_said(a) != step_said(b))
			return false;
	}
	return true;
}

/* Make the entry anew, from the names. False if it is too long to keep. */
static bool fill(struct entry *e, const struct ev *ev, const struct trail_names *names,
		 enum trail_form form)
{
	struct trail_out o = { .b = textbuf_at(e->text, sizeof(e->text)), .cuts = e->cut };
	struct trail t;

	trail_make(ev, names, &t);
	trail_out(&o, &t, form);
	e->len = textbuf_done(&o.b);
	e->cuts = o.n_cuts;
	e->names = names;
	e->generation = names ? names->generation : 0;
	e->form = form;
	e->verdict = ev->head->verdict;
	e->point = ev->head->point;
	e->steps = ev->head->steps;
	e->times = ev->head->flags & EVENT_STEP_TIMES;
	memcpy(e->key, ev->steps, ev->head->steps * sizeof(*e->key));
	return e->len;
}

static size_t emit(const struct entry *e, const struct event_step *steps, char *buf, size_t size)
{
	struct textbuf b = textbuf_at(buf, size);
	unsigned int at = 0;

	if (size < e->len + e->cuts * (size_t)NS_MAX)
		return 0;
	for (unsigned int i = 0; i < e->cuts; i++) {
		textbuf_mem(&b, e->text + at, e->cut[i].at - at);
		textbuf_u64(&b, steps[e->cut[i].step].ns);
		at = e->cut[i].at;
	}
	textbuf_mem(&b, e->text + at, e->len - at);
	return textbuf_done(&b);
}

size_t trail_cached(struct trail_cache *c, const struct ev *ev, const struct trail_names *names,
		    enum trail_form form, char *buf, size_t size)
{
	unsigned int set = hash(ev, form);
	struct trail t;
	struct entry *e;

	for (int way = 0; way < WAYS; way++)
		if (match(&c->sets[set][way], ev, names, form))
			return emit(&c->sets[set][way], ev->steps, buf, size);
	e = &c->sets[set][c->oldest[set]++ % WAYS];
	if (fill(e, ev, names, form))
		return emit(e, ev->steps, buf, size);
	trail_make(ev, names, &t);
	return trail_format(&t, form, buf, size);
}
