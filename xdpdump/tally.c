// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/tally.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/session.h"
#include "lib/util.h"
#include "xdpdump/reasons.h"
#include "xdpdump/stages.h"

#define LOOK_UP_NS (500 * 1000000ULL)

/* The counters that a trigger adds up. */
struct counted {
	__u32 slots;
	__u64 reasons[CHAIN_SLOTS];
};

struct tally {
	const struct opts *o;
	struct session *session;
	struct names *names;
	struct counted counted[OPTS_TRIGGERS];
	__u64 looked_up_ns;
	__u64 lost;
	struct chain_totals before, now;
	struct tally_counts sum;
};

static const struct chain *chain_of(const struct tally *ty)
{
	return session_chain(ty->session);
}

static int no_reason(const struct tally *ty, const struct trigger *t, const char *there,
		     struct fail *f)
{
	return fail_set(f, ESRCH, "--trigger: %s: no stage of %s gives it, there are: %s", t->text,
			chain_of(ty)->ifname, there[0] ? there : "none");
}

static int no_stage(const struct tally *ty, const struct trigger *t, struct fail *f)
{
	char there[512];

	stages_list(chain_of(ty), there, sizeof(there));
	return fail_set(f, ESRCH, "--trigger: %s: no such stage on %s, there are: %s", t->text,
			chain_of(ty)->ifname, there);
}

static int look_up(struct tally *ty, unsigned int i, struct fail *f)
{
	const struct trigger *t = &ty->o->triggers[i];
	struct counted *c = &ty->counted[i];
	char there[1024];
	int slot;

	*c = (struct counted){ 0 };
	switch (t->kind) {
	case TRIGGER_REASON:
		if (!reasons_find(ty->names, t->name, strlen(t->name), c->reasons, there,
				  sizeof(there)))
			return no_reason(ty, t, there, f);
		return 0;
	case TRIGGER_DROPS:
	case TRIGGER_STAGE:
		slot = stages_find(chain_of(ty), t->name);
		if (slot < 0 || (slot == CHAIN_SLOT_END && t->kind == TRIGGER_DROPS))
			return no_stage(ty, t, f);
		c->slots = 1u << slot;
		return 0;
	default:
		return 0;
	}
}

/* Who is there now. Return: a bit for each trigger that counts nothing, since that is not. */
static __u32 look_up_all(struct tally *ty, struct fail *f)
{
	__u32 missing = 0;

	ty->looked_up_ns = now_ns();
	for (unsigned int i = 0; i < ty->o->trigger_count; i++)
		if (look_up(ty, i, missing ? NULL : f))
			missing |= 1u << i;
	return missing;
}

static int read_lost(struct tally *ty, __u64 *lost)
{
	struct session_count n = { 0 };
	int err = 0;

	*lost = 0;
	for (unsigned int i = 0; !err && i < ty->o->trigger_count; i++)
		if (ty->o->triggers[i].kind == TRIGGER_LOST) {
			err = session_counts(ty->session, &n);
			*lost = n.lost;
		}
	return err;
}

int tally_new(const struct opts *o, struct session *s, struct names *names, struct tally **out,
	      __u32 *missing, struct fail *f)
{
	struct tally *ty = calloc(1, sizeof(*ty));
	int err;

	if (!ty)
		return fail_set(f, ENOMEM, "no memory");
	ty->o = o;
	ty->session = s;
	ty->names = names;
	err = chain_totals(chain_of(ty), &ty->before);
	if (!err)
		err = read_lost(ty, &ty->lost);
	if (err) {
		tally_free(ty);
		return fail_set(f, -err, "counters: %s", strerror(-err));
	}
	*missing = look_up_all(ty, f);
	*out = ty;
	return 0;
}

void tally_free(struct tally *ty)
{
	free(ty);
}

static __u64 by_verdict(const struct tally *ty, __u32 slot, __u32 verdict)
{
	return ty->now.verdicts[slot][verdict].packets - ty->before.verdicts[slot][verdict].packets;
}

static __u64 by_reason(const struct tally *ty, __u32 slot, __u64 mask)
{
	__u64 sum = 0;

	for (__u32 r = 1; r < CHAIN_REASONS; r++)
		if (mask >> r & 1)
			sum += ty->now.reasons[slot][r].packets -
			       ty->before.reasons[slot][r].packets;
	return sum;
}

static __u64 by_stage(const struct tally *ty, __u32 slot)
{
	__u64 sum = by_reason(ty, slot, ~0ULL);

	for (__u32 v = 0; v < CHAIN_NEXT; v++)
		sum += by_verdict(ty, slot, v);
	return sum;
}

/* What came of it since the totals were read last. */
static __u64 grown(const struct tally *ty, unsigned int i)
{
	const struct trigger *t = &ty->o->triggers[i];
	const struct counted *c = &ty->counted[i];
	__u64 sum = 0;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_COUNTED; slot++) {
		if (t->kind == TRIGGER_VERDICT)
			sum += by_verdict(ty, slot, t->verdict);
		else if (t->kind == TRIGGER_REASON && slot < CHAIN_SLOTS)
			sum += by_reason(ty, slot, c->reasons[slot]);
		else if (t->kind == TRIGGER_DROPS && c->slots >> slot & 1)
			sum += by_verdict(ty, slot, CHAIN_DROP);
		else if (t->kind == TRIGGER_STAGE && c->slots >> slot & 1)
			sum += by_stage(ty, slot);
	}
	return sum;
}

static void add_asked(struct tally *ty)
{
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		__u64 more = ty->now.asked[slot] - ty->before.asked[slot];

		if (!more)
			continue;
		ty->sum.n[TALLY_ASKED] += more;
		if (stages_label(chain_of(ty), slot, ty->sum.asked))
			snprintf(ty->sum.asked, sizeof(ty->sum.asked), "slot%u", slot);
	}
}

int tally_read(struct tally *ty, struct tally_counts *out)
{
	__u64 lost;
	int err = chain_totals(chain_of(ty), &ty->now);

	if (!err)
		err = read_lost(ty, &lost);
	if (err)
		return err;
	for (unsigned int i = 0; i < ty->o->trigger_count; i++)
		ty->sum.n[i] +=
			ty->o->triggers[i].kind == TRIGGER_LOST ? lost - ty->lost : grown(ty, i);
	add_asked(ty);
	ty->before = ty->now;
	ty->lost = lost;
	if (now_ns() - ty->looked_up_ns >= LOOK_UP_NS)
		look_up_all(ty, NULL);
	*out = ty->sum;
	return 0;
}
