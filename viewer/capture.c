// SPDX-License-Identifier: GPL-2.0
#include "viewer/capture.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/names.h"
#include "lib/ring.h"

#define RING_BYTES (512 << 10) /* of each CPU and interface */
#define NO_SLOT	   31	       /* of session_spec.slots: no packet is that one's */

struct capture {
	struct rings *rings;
	__u32 n;
	struct session *sessions[MODEL_IFS]; /* by interface; NULL: none */
	struct names *names[MODEL_IFS];
	struct trail_names trail[MODEL_IFS];
	capture_fn *fn;
	void *arg;
};

static void make_spec(const struct capture *c, __u32 i, const struct model_if *mi,
		      const struct capture_spec *want, struct session_spec *spec)
{
	const struct query *q = want->query;

	*spec = (struct session_spec){
		.snaplen = want->snaplen,
		.flags = SESSION_STEP_TIMES | SESSION_RESTS,
		.verdicts = want->verdicts,
		.slots = want->slots,
		.rate = want->rate,
		.sample = want->sample,
		.ring_bytes = RING_BYTES,
		.rings = c->rings,
		.source = i,
		.text = q ? q->text : "",
	};
	if (!q)
		return;
	if (q->verdicts)
		spec->verdicts = q->verdicts;
	if (q->stages[0])
		spec->slots = query_slots(q, mi);
	if (q->reasons[0] && query_reasons(q, mi, spec->reasons))
		spec->flags |= SESSION_REASONS;
	else if (q->reasons[0])
		spec->slots = 1u << NO_SLOT;
	if (q->stages[0] && !spec->slots)
		spec->slots = 1u << NO_SLOT;
	spec->insns = q->filter.insns;
	spec->count = q->filter.count;
}

static int open_one(struct capture *c, __u32 i, const struct model_if *mi,
		    const struct capture_spec *want, struct fail *f)
{
	struct session_spec spec;
	int err;

	make_spec(c, i, mi, want, &spec);
	err = session_open(mi->name, &spec, &c->sessions[i], f);
	if (err)
		return err;
	c->names[i] = names_new(session_chain(c->sessions[i]));
	if (c->names[i]) {
		names_trail(c->names[i], &c->trail[i]);
		return 0;
	}
	session_close(c->sessions[i]);
	c->sessions[i] = NULL;
	return -ENOMEM;
}

int capture_open(struct live *l, const struct model *m, const struct capture_spec *spec,
		 struct capture **out, struct fail *f)
{
	struct capture *c = calloc(1, sizeof(*c));
	int err = -ENOENT, some = 0;

	if (!c)
		return -ENOMEM;
	c->n = m->n;
	c->rings = rings_new();
	for (__u32 i = 0; c->rings && i < m->n; i++) {
		if (!live_chain(l, i) || (spec->only >= 0 && (__u32)spec->only != i))
			continue;
		err = open_one(c, i, &m->ifs[i], spec, f);
		some += !err;
	}
	if (some) {
		*out = c;
		return 0;
	}
	capture_close(c);
	return err;
}

void capture_close(struct capture *c)
{
	if (!c)
		return;
	for (__u32 i = 0; i < c->n; i++) {
		names_free(c->names[i]);
		session_close(c->sessions[i]);
	}
	rings_close(c->rings);
	free(c);
}

static int on_sample(const void *sample, size_t len, __u32 source, void *arg)
{
	struct capture *c = arg;
	struct ev ev;

	if (!ev_decode(sample, len, &ev))
		c->fn(c->arg, source, &ev, &c->trail[source]);
	return 0;
}

long capture_read(struct capture *c, capture_fn *fn, void *arg)
{
	long n;

	c->fn = fn;
	c->arg = arg;
	n = rings_read(c->rings, 0, on_sample, c);
	for (__u32 i = 0; i < c->n; i++)
		if (c->sessions[i])
			session_rest(c->sessions[i]);
	return n;
}

int capture_check(struct capture *c, struct fail *f)
{
	int err = 0;

	for (__u32 i = 0; i < c->n; i++) {
		if (!c->sessions[i])
			continue;
		if (!err)
			err = session_check(c->sessions[i], f);
		c->trail[i].generation++;
	}
	return err;
}

void capture_counts(struct capture *c, struct session_count *n)
{
	memset(n, 0, sizeof(*n));
	for (__u32 i = 0; i < c->n; i++) {
		struct session_count one;

		if (!c->sessions[i] || session_counts(c->sessions[i], &one))
			continue;
		n->offered += one.offered;
		n->filtered += one.filtered;
		n->captured += one.captured;
		n->lost += one.lost;
		n->capped += one.capped;
		n->matched += one.matched;
	}
}
