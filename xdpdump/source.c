// SPDX-License-Identifier: GPL-2.0
/* source - the chain as a source, and what all have in common. */
#include "xdpdump/source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/names.h"
#include "lib/ring.h"
#include "lib/session.h"
#include "xdpdump/reasons.h"
#include "xdpdump/stages.h"

#define NO_SLOT 31 /* of session_spec.slots: no packet is that one's */

struct by_chain {
	struct session *session;
	struct names *names;
	struct tally *tally; /* NULL: no flight recorder */
};

int source_tally(struct source *s, struct tally_counts *n)
{
	*n = (struct tally_counts){ 0 };
	return s->ops->tally ? s->ops->tally(s, n) : 0;
}

void source_point_count(const struct source *s, __u32 point, const struct session_count *all,
			struct session_count *n)
{
	__u32 points = source_points(s);

	*n = *all;
	if (points < 2)
		return;
	n->offered /= points;
	n->filtered /= points;
	n->capped /= points;
	n->captured = all->entry_captured;
	n->lost = all->entry_lost;
	if (point == EVENT_ENTRY)
		return;
	n->captured = all->captured - all->entry_captured;
	n->lost = all->lost - all->entry_lost;
}

static __u32 flags(const struct source *s)
{
	return (s->opts->step_times ? SESSION_STEP_TIMES : 0) |
	       (s->opts->reason ? SESSION_REASONS : 0) |
	       (s->points & 1u << EVENT_ENTRY ? SESSION_ENTRY : 0) |
	       (s->points & 1u << EVENT_EXIT ? 0 : SESSION_NO_EXIT);
}

void source_spec(const struct source *s, struct rings *rings, struct session_spec *spec)
{
	const struct opts *o = s->opts;

	*spec = (struct session_spec){
		.snaplen = o->snaplen,
		.flags = flags(s),
		.verdicts = o->verdicts,
		.rule_count = o->rule_count,
		.sample = o->sample,
		.rate = o->rate,
		.ring_bytes = o->ring_bytes,
		.rings = rings,
		.source = s->number,
		.text = o->filter,
		.insns = s->filter->insns,
		.count = s->filter->count,
	};
	memcpy(spec->rules, o->rules, sizeof(spec->rules));
}

static int make_spec(struct source *s, struct rings *rings, struct session_spec *spec,
		     struct fail *f)
{
	const struct opts *o = s->opts;
	int err;

	source_spec(s, rings, spec);
	err = stages_mask(s->ifname, o->stage, &spec->slots, f);
	if (!err && o->reason)
		err = reasons_masks(s->ifname, o->reason, spec->reasons, f);
	if (err != -ESRCH)
		return err;
	s->nothing = true;
	spec->slots = 1u << NO_SLOT;
	return 0;
}

static int chain_start(struct source *s, struct rings *rings, struct fail *f)
{
	struct by_chain *b = s->priv;
	struct session_spec spec;
	const struct chain *c;
	int n, err = make_spec(s, rings, &spec, f);

	if (!err)
		err = session_open(s->ifname, &spec, &b->session, f);
	if (err)
		return err;
	c = session_chain(b->session);
	b->names = names_new(c);
	if (!b->names)
		return -ENOMEM;
	names_trail(b->names, &s->names);
	s->cut = session_cut(b->session);
	n = snprintf(s->what, sizeof(s->what), "%s XDP: ", c->info.generic ? "generic" : "native");
	stages_list(c, s->what + n, sizeof(s->what) - n);
	if (s->opts->recorder)
		err = tally_new(s->opts, b->session, b->names, &b->tally, &s->no_trigger, f);
	return err;
}

static int open_chain(struct source *s, struct rings *rings, struct fail *f)
{
	s->priv = calloc(1, sizeof(struct by_chain));
	return s->priv ? chain_start(s, rings, f) : -ENOMEM;
}

static void beat(struct source *s)
{
	struct by_chain *b = s->priv;

	session_beat(b->session);
}

static void leave(struct source *s)
{
	struct by_chain *b = s->priv;

	session_leave(b->session);
}

static int check(struct source *s, struct fail *f)
{
	struct by_chain *b = s->priv;

	return session_check(b->session, f);
}

static int counts(struct source *s, struct session_count *n)
{
	struct by_chain *b = s->priv;

	return session_counts(b->session, n);
}

static int tally(struct source *s, struct tally_counts *n)
{
	struct by_chain *b = s->priv;

	return tally_read(b->tally, n);
}

static void stop(struct source *s)
{
	struct by_chain *b = s->priv;

	session_stop(b->session);
}

static void close_chain(struct source *s)
{
	struct by_chain *b = s->priv;

	if (!b)
		return;
	tally_free(b->tally);
	session_close(b->session);
	names_free(b->names);
	free(b);
}

const struct source_ops source_chain = {
	.open = open_chain,
	.beat = beat,
	.leave = leave,
	.check = check,
	.counts = counts,
	.tally = tally,
	.stop = stop,
	.close = close_chain,
	.points = { [EVENT_EXIT] = "XDP chain, as packets leave it",
		    [EVENT_ENTRY] = "XDP chain, as packets come" },
};
