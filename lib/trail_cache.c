// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>

#include "lib/trail_impl.h"

#define SETS 2048 /* power of two */
#define WAYS 2
#define KEPT 208 /* bytes of words; longer ones are rare, and made anew each time */

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

struct trail_cache {
	struct entry sets[SETS][WAYS];
	__u8 oldest[SETS];
};

struct query {
	struct trail_cache *cache;
	const struct trail_names *names;
};

struct trail_cache *trail_cache_new(void)
{
	return calloc(1, sizeof(struct trail_cache));
}

void trail_cache_free(struct trail_cache *c)
{
	free(c);
}

static unsigned int hash(__u64 who, __u32 said)
{
	__u64 h = (who ^ (__u64)said << 20) * 0x9e3779b97f4a7c15; /* golden ratio */

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

size_t trail_cached(struct trail_cache *c, const struct ev *ev, const struct trail_names *names,
		    enum trail_form form, char *buf, size_t size)
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

	return ev->head->flags & EVENT_NO_VERDICT ? 0 : trail_write(&src, form, buf, size);
}
