// SPDX-License-Identifier: GPL-2.0
#include "viewer/query.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "viewer/source.h"

#define COMPILE_MS 400 /* the screen waits for it */

static bool word_is(const char *word, size_t len, const char *name)
{
	return *name && strlen(name) == len && !memcmp(word, name, len);
}

static bool stage_is(const char *word, size_t len, __u32 slot, const char *name)
{
	struct trail_step step = { .slot = slot };
	char label[TRAIL_LABEL], number[16];

	if (slot == CHAIN_SLOT_END)
		return word_is(word, len, "end");
	snprintf(number, sizeof(number), "%u", slot);
	snprintf(step.stage, sizeof(step.stage), "%s", name);
	trail_label(&step, label);
	return word_is(word, len, name) || word_is(word, len, label) || word_is(word, len, number);
}

static bool reason_is(const char *word, size_t len, const char *stage, const char *reason)
{
	const char *colon = memchr(word, ':', len);

	if (!colon)
		return word_is(word, len, reason);
	return word_is(word, colon - word, stage) &&
	       word_is(colon + 1, len - (colon + 1 - word), reason);
}

/* Add the words of @list, comma between, to @to, which has one behind each. */
static int add_list(char *to, const char *list, size_t len, struct fail *f)
{
	size_t at = strlen(to);

	if (!len || list[0] == ',' || list[len - 1] == ',')
		return fail_set(f, EINVAL, "a name is missing");
	if (at + len + 2 > QUERY_TEXT)
		return fail_set(f, EINVAL, "too long");
	memcpy(to + at, list, len);
	strcpy(to + at + len, ",");
	return 0;
}

static int add_verdicts(struct query *q, const char *list, size_t len, struct fail *f)
{
	for (size_t i = 0, n; i < len; i += n + 1) {
		int v;

		n = strcspn(list + i, ", ");
		v = trail_verdict_find(list + i, n);
		if (v < 0 || v == CHAIN_NEXT)
			return fail_set(f, EINVAL,
					"verdict=%.*s: a verdict is pass, drop, tx, redirect or "
					"aborted",
					(int)n, list + i);
		q->verdicts |= 1u << v;
	}
	return len ? 0 : fail_set(f, EINVAL, "verdict=: a verdict is missing");
}

/* 1: taken; 0: it is none of ours; -EINVAL. @after: the word before it, for `action drop`. */
static int take_word(struct query *q, const char *w, size_t len, const char *after, struct fail *f)
{
	static const struct {
		const char *key;
		size_t len;
	} keys[] = { { "verdict=", 8 }, { "stage=", 6 }, { "reason=", 7 } };
	int v = trail_verdict_find(w, len), err;

	for (int i = 0; i < 3; i++) {
		if (len < keys[i].len || memcmp(w, keys[i].key, keys[i].len))
			continue;
		w += keys[i].len;
		len -= keys[i].len;
		if (!i)
			err = add_verdicts(q, w, len, f);
		else
			err = add_list(i == 1 ? q->stages : q->reasons, w, len, f);
		return err ? err : 1;
	}
	if (v < 0 || v == CHAIN_NEXT || (after && !strncmp(after, "action", 6)))
		return 0;
	q->verdicts |= 1u << v;
	return 1;
}

int query_words(struct query *q, const char *text, struct fail *f)
{
	struct query made = { .generation = q->generation };
	const char *after = NULL;
	size_t at = 0, len;

	if (strlen(text) >= sizeof(made.text))
		return fail_set(f, EINVAL, "too long");
	strcpy(made.text, text);
	for (const char *w = text; *w; w += len) {
		int took;

		w += strspn(w, " ");
		len = strcspn(w, " ");
		took = len ? take_word(&made, w, len, after, f) : 1;
		if (took < 0)
			return took;
		if (!took)
			at += sprintf(made.expr + at, "%s%.*s", at ? " " : "", (int)len, w);
		after = w;
	}
	*q = made;
	return 0;
}

__u32 query_slots(const struct query *q, const struct model_if *mi)
{
	__u32 mask = 0;
	size_t len;

	for (const char *w = q->stages; *w; w += len + 1) {
		len = strcspn(w, ",");
		for (__u32 slot = 0; slot < CHAIN_COUNTED; slot++)
			if ((mi->stages[slot].here || slot == CHAIN_SLOT_END) &&
			    stage_is(w, len, slot, mi->stages[slot].name))
				mask |= 1u << slot;
	}
	return mask;
}

static unsigned int reasons_of(const char *w, size_t len, const struct model_if *mi, __u64 *masks)
{
	unsigned int n = 0;

	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		const struct model_stage *st = &mi->stages[slot];

		for (__u32 i = 1; st->here && i < CHAIN_REASONS; i++) {
			if (!reason_is(w, len, st->name, st->reasons[i].name))
				continue;
			masks[slot] |= 1ULL << i;
			n++;
		}
	}
	return n;
}

unsigned int query_reasons(const struct query *q, const struct model_if *mi,
			   __u64 masks[CHAIN_SLOTS])
{
	unsigned int n = 0;
	size_t len;

	for (const char *w = q->reasons; *w; w += len + 1) {
		len = strcspn(w, ",");
		n += reasons_of(w, len, mi, masks);
	}
	return n;
}

/* Is there a stage, or a reason, that each word means? */
static int check_names(const struct query *q, const struct model *m, struct fail *f)
{
	__u64 masks[CHAIN_SLOTS] = { 0 };
	unsigned int slots = 0, reasons = 0;

	if (!m->n)
		return 0; /* a file of which nothing was read yet */
	for (__u32 i = 0; i < m->n; i++) {
		slots |= query_slots(q, &m->ifs[i]);
		reasons += query_reasons(q, &m->ifs[i], masks);
	}
	if (q->stages[0] && !slots)
		return fail_set(f, EINVAL, "stage=%.*s: no such stage", (int)strlen(q->stages) - 1,
				q->stages);
	if (q->reasons[0] && !reasons)
		return fail_set(f, EINVAL, "reason=%.*s: no stage gives it",
				(int)strlen(q->reasons) - 1, q->reasons);
	return 0;
}

int query_set(struct query *q, const char *text, const struct model *m, struct fail *f)
{
	struct query made = { .generation = q->generation };
	struct filter_spec spec = { .text = made.expr,
				    .netmask = FILTER_NETMASK_UNKNOWN,
				    .optimize_ms = COMPILE_MS,
				    .plain_ms = COMPILE_MS };
	int err = query_words(&made, text, f);

	if (!err)
		err = check_names(&made, m, f);
	if (!err && made.expr[0])
		err = filter_compile(&spec, &made.filter, f);
	if (err)
		return err;
	filter_free(&q->filter);
	*q = made;
	q->generation++;
	return 0;
}

void query_clear(struct query *q)
{
	__u32 generation = q->generation;

	filter_free(&q->filter);
	*q = (struct query){ .generation = generation + 1 };
}

static bool stage_said(const struct query *q, const struct trail *t)
{
	size_t len;

	for (const char *w = q->stages; *w; w += len + 1) {
		len = strcspn(w, ",");
		if (word_is(w, len, "end") && trail_decider(t) < 0)
			return true;
		for (int i = 0; i < t->steps; i++) {
			const struct trail_step *s = &t->step[i];

			if ((s->verdict != CHAIN_NEXT || s->reason) &&
			    stage_is(w, len, s->slot, s->stage))
				return true;
		}
	}
	return false;
}

static bool reason_said(const struct query *q, const struct trail *t)
{
	size_t len;

	for (const char *w = q->reasons; *w; w += len + 1) {
		len = strcspn(w, ",");
		for (int i = 0; i < t->steps; i++)
			if (t->step[i].reason &&
			    reason_is(w, len, t->step[i].stage, t->step[i].reason_name))
				return true;
	}
	return false;
}

bool query_said(const struct query *q, const struct trail *t, bool known, __u32 verdict)
{
	if (q->verdicts && !(known && verdict < 32 && q->verdicts & 1u << verdict))
		return false;
	if (q->stages[0] && !(t && stage_said(q, t)))
		return false;
	return !q->reasons[0] || (t && reason_said(q, t));
}

/* As the kernel does it: on the packet as it came. What is kept of one that was sent is not that.
 */
static bool filter_wants(const struct query *q, const struct events_packet *p)
{
	unsigned char *buf = NULL;
	size_t came = 0;
	bool wants;

	if (!q->filter.count)
		return true;
	if (p->known && p->verdict == CHAIN_TX)
		buf = malloc(p->cap_len + 1);
	if (buf)
		came = source_came(events_data(p), p->cap_len, buf);
	wants = came ? filter_match(&q->filter, buf, came, p->len - (p->cap_len - came))
		     : filter_match(&q->filter, events_data(p), p->cap_len, p->len);
	free(buf);
	return wants;
}

bool query_wants(const struct query *q, struct events_packet *p)
{
	struct trail t;
	bool have;

	if (p->judged == q->generation + 1)
		return p->wanted;
	have = !events_trail(p, &t);
	p->judged = q->generation + 1;
	p->wanted = query_said(q, have ? &t : NULL, p->known, p->verdict) && filter_wants(q, p);
	return p->wanted;
}
