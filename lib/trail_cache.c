// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "lib/trail_impl.h"

#define SETS 2048 /* power of two */
#define WAYS 2
#define KEPT 208 /* bytes of words; longer ones are rare, and made anew each time */

/* Of whole trails; what has more steps or is longer is put together step by step. */
#define WHOLE_SETS  2048 /* power of two */
#define WHOLE_STEPS 4
#define WHOLE_KEPT  160

#define GOLDEN 0x9e3779b97f4a7c15 /* ratio */

/* What a step said, and in which form it is wanted. */
struct key {
	const struct trail_names *names;
	__u64 who;  /* rule and instance */
	__u32 said; /* reason, slot, verdict */
	__u32 generation;
	__u32 comment; /* 1: the form TRAIL_COMMENT */
};

struct entry {
	struct key key;
	__u32 len; /* of text; 0: the entry is free */
	char text[KEPT];
};

/* What a trail has besides its steps. */
struct whole_key {
	const struct trail_names *names;
	__u32 generation;
	__u32 head; /* form, verdict, point, number of steps */
};

/* A trail without times: then the same steps have the same text. */
struct whole {
	struct whole_key key;
	struct event_step step[WHOLE_STEPS];
	__u32 len; /* of text; 0: the entry is free */
	char text[WHOLE_KEPT];
};

struct trail_cache {
	struct entry sets[SETS][WAYS];
	__u8 oldest[SETS];
	struct whole whole[WHOLE_SETS][WAYS];
	const struct whole *last; /* that was asked for: often it is again */
	__u8 whole_oldest[WHOLE_SETS];
	char text[TRAIL_MAX]; /* the trail that was asked for last, where it is not kept */
};

struct query {
	struct trail_cache *cache;
	const struct trail_names *names;
};

struct trail_cache *trail_cache_new(void)
{
	struct trail_cache *c = calloc(1, sizeof(*c));

	if (c)
		c->last = c->whole[0];
	return c;
}

void trail_cache_free(struct trail_cache *c)
{
	free(c);
}

size_t trail_cache_most(void)
{
	return sizeof(struct trail_cache);
}

static unsigned int hash(__u64 who, __u32 said)
{
	__u64 h = (who ^ (__u64)said << 20) * GOLDEN;

	return (h ^ h >> 32) % SETS;
}

static bool same(const struct key *a, const struct key *b)
{
	return a->who == b->who && a->said == b->said && a->names == b->names &&
	       a->generation == b->generation && a->comment == b->comment;
}

/* Make the words of @step. The entry stays free if they are too long to keep. */
static struct trail_words fill(struct entry *e, const struct key *key,
			       const struct event_step *step, char scratch[TRAIL_WORDS])
{
	struct trail_words w = { .text = scratch };
	struct trail_step s;

	trail_make_step(step, key->names, &s);
	w.len = trail_say(&s, key->comment ? TRAIL_COMMENT : TRAIL_TEXT, scratch);
	e->key = *key;
	e->len = 0;
	if (w.len > sizeof(e->text))
		return w;
	memcpy(e->text, w.text, w.len);
	e->len = w.len;
	return w;
}

static struct trail_words words_cached(const struct trail_source *src, unsigned int i,
				       enum trail_form form, char scratch[TRAIL_WORDS])
{
	const struct query *q = src->arg;
	const struct event_step *step = &src->step[i];
	const struct key key = {
		.names = q->names,
		.who = (__u64)step->rule << 32 | step->instance,
		.said = (__u32)step->reason << 16 | step->slot << 8 | step->verdict,
		.generation = q->names ? q->names->generation : 0,
		.comment = form == TRAIL_COMMENT,
	};
	unsigned int set = hash(key.who, key.said);
	struct entry *e = q->cache->sets[set];

	for (int way = 0; way < WAYS; way++, e++)
		if (e->len && same(&e->key, &key))
			return (struct trail_words){ e->text, e->len };
	e = &q->cache->sets[set][q->cache->oldest[set]++ % WAYS];
	return fill(e, &key, step, scratch);
}

static size_t by_steps(struct trail_cache *c, const struct ev *ev, const struct trail_names *names,
		       enum trail_form form, char *text)
{
	const struct query q = { c, names };
	const struct trail_source src = {
		.verdict = ev->head->verdict,
		.point = ev->head->point,
		.steps = ev->head->steps,
		.times = ev->head->flags & EVENT_STEP_TIMES,
		.step = ev->steps,
		.words = words_cached,
		.arg = &q,
	};

	return trail_write(&src, form, text, TRAIL_MAX);
}

/* The two halves of a step; the time, which is none, is part of the first. */
static inline void halves(const struct event_step *s, __u64 half[2])
{
	memcpy(half, s, sizeof(*s));
}

static inline unsigned int whole_set(const struct ev *ev, __u32 head)
{
	__u64 h = head, half[2];

	for (unsigned int i = 0; i < ev->head->steps; i++) {
		halves(&ev->steps[i], half);
		h += (half[1] ^ half[0] << 24) * (GOLDEN + 2 * i);
	}
	h *= GOLDEN;
	return h >> 32 & (WHOLE_SETS - 1);
}

static inline bool whole_is(const struct whole *w, const struct whole_key *key, const struct ev *ev)
{
	__u64 diff = w->key.head ^ key->head, a[2], b[2];

	if (!w->len || w->key.names != key->names || w->key.generation != key->generation)
		return false;
	for (unsigned int i = 0; i < ev->head->steps; i++) {
		halves(&w->step[i], a);
		halves(&ev->steps[i], b);
		diff |= (a[0] ^ b[0]) | (a[1] ^ b[1]);
	}
	return !diff;
}

/* Keep a trail of @n bytes that was just made, if it is not too long. */
static void whole_keep(struct whole *w, const struct whole_key *key, const struct ev *ev,
		       const char *text, size_t n)
{
	if (n > sizeof(w->text))
		return;
	w->key = *key;
	w->len = n;
	memcpy(w->step, ev->steps, ev->head->steps * sizeof(*w->step));
	memcpy(w->text, text, n);
}

size_t trail_cached(struct trail_cache *c, const struct ev *ev, const struct trail_names *names,
		    enum trail_form form, const char **text)
{
	const ev_head *h = ev->head;
	const struct whole_key key = {
		.names = names,
		.generation = names ? names->generation : 0,
		.head = form | h->verdict << 8 | h->point << 16 | (__u32)h->steps << 24,
	};
	unsigned int set;
	struct whole *w;
	size_t n;

	*text = c->text;
	if (h->flags & EVENT_NO_VERDICT)
		return 0;
	if (h->steps > WHOLE_STEPS || (h->flags & EVENT_STEP_TIMES))
		return by_steps(c, ev, names, form, c->text);
	if (whole_is(c->last, &key, ev)) {
		*text = c->last->text;
		return c->last->len;
	}
	set = whole_set(ev, key.head);
	for (w = c->whole[set]; w < c->whole[set] + WAYS; w++) {
		if (!whole_is(w, &key, ev))
			continue;
		c->last = w;
		*text = w->text;
		return w->len;
	}
	n = by_steps(c, ev, names, form, c->text);
	whole_keep(&c->whole[set][c->whole_oldest[set]++ % WAYS], &key, ev, c->text, n);
	return n;
}
