// SPDX-License-Identifier: GPL-2.0
#include "lib/apply_aim.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/apply_place.h"
#include "lib/stage.h"

void aim_init(struct aim *aim)
{
	memset(aim, 0, sizeof(*aim));
	for (int slot = 0; slot < CHAIN_SLOTS; slot++)
		aim->before.progs[slot] = aim->after.progs[slot] = -1;
}

int aim_look(struct aim *aim, struct fail *f)
{
	int err = chain_layout(aim->chain, &aim->before, f);

	return err ? err : chain_layout(aim->chain, &aim->after, f);
}

int aim_open(struct aim *aim, const struct chain *holder, const struct iflist_entry *conf,
	     struct fail *f)
{
	int err = chain_attach_under(holder, conf->name, conf->mode, &aim->chain, f);

	if (err)
		return err;
	aim->made = !chain_has_stages(aim->chain);
	if (conf->mode != CHAIN_AUTO && aim->chain->info.generic != (conf->mode == CHAIN_GENERIC))
		return fail_set(f, EEXIST,
				"%s: its chain is in %s mode, take it down to change that: "
				"droplet detach %s",
				conf->name, aim->chain->info.generic ? "generic" : "native",
				conf->name);
	return aim_look(aim, f);
}

static int is_configured(const struct chain_layout *l, __u32 slot)
{
	return l->progs[slot] >= 0 && l->stages[slot].digest;
}

int aim_leave(struct aim *aim, const struct chain *holder, const char *ifname)
{
	int found = 0, err;

	if (holder)
		err = chain_open_under(holder, ifname, &aim->chain, NULL);
	else
		err = chain_open(ifname, CHAIN_WRITE, &aim->chain, NULL);
	if (!err)
		err = aim_look(aim, NULL);
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; !err && slot <= CHAIN_SLOT_POLICER_MAX; slot++)
		found |= is_configured(&aim->before, slot);
	if (!err && !found)
		err = -ENOENT;
	if (err) {
		aim_close(aim);
		return err;
	}
	aim->leave = 1;
	return 0;
}

static void say(struct aim *aim, enum apply_did did, const char *name, __u32 slot,
		unsigned int lost)
{
	struct apply_line *line = &aim->lines[aim->line_count++];

	memcpy(line->ifname, aim->chain->ifname, sizeof(line->ifname));
	strncpy(line->name, name, sizeof(line->name) - 1); /* zeroed before */
	line->did = did;
	line->slot = slot;
	line->lost = lost;
}

/* The slot that the policer called @name is in now; 0: it is in none. */
static __u32 find(const struct aim *aim, const char *name)
{
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot <= CHAIN_SLOT_POLICER_MAX; slot++)
		if (aim->before.progs[slot] >= 0 && !strcmp(aim->before.stages[slot].name, name))
			return slot;
	return 0;
}

static int is_same(const struct chain_stage *st, const struct stage_spec *spec)
{
	return st->digest && st->digest == spec->digest && st->flags == spec->flags;
}

/* What a command has made of a policer has no digest, and stays unless the file is read anew. */
static int stays(const struct aim *aim, __u32 slot, const struct stage_spec *spec)
{
	const struct chain_stage *st = &aim->before.stages[slot];

	return is_same(st, spec) || (aim->again && slot && !st->digest &&
				     st->flags == spec->flags && !strcmp(st->kind, spec->kind));
}

/* Take policers out of the layout; in the chain they stay until it is switched. */
static void clear(struct aim *aim, const struct policer *policers)
{
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot <= CHAIN_SLOT_POLICER_MAX; slot++) {
		const char *name = aim->before.stages[slot].name;
		int kept = aim->leave && !is_configured(&aim->before, slot);

		if (aim->before.progs[slot] < 0 || kept)
			continue;
		for (size_t i = 0; !kept && i < aim->policer_count; i++)
			kept = !strcmp(policers[i].spec.name, name);
		if (!kept)
			say(aim, APPLY_REMOVED, name, slot, 0);
		chain_layout_put(&aim->after, slot, -1, NULL);
	}
}

/* Load @p for its new slot; @old: where it is now, or 0. */
static int load(struct aim *aim, struct policer *p, __u32 old, __u32 slot, struct fail *f)
{
	const struct chain_stage *was = &aim->before.stages[old];
	struct stage_spec spec = p->spec;
	struct stage *s;
	int from = -1, err;
	unsigned int lost;

	if (old && !strcmp(was->kind, spec.kind))
		from = old;
	spec.slot = slot;
	err = stage_prepare(aim->chain, &spec, from, &s, f);
	if (err)
		return err;
	aim->stages[slot] = s;
	lost = old && from < 0 ? 1 : stage_lost(s);
	if (!old)
		say(aim, APPLY_ADDED, spec.name, slot, 0);
	else
		say(aim, is_same(was, &spec) ? APPLY_MOVED : APPLY_REPLACED, spec.name, slot, lost);
	err = stage_put(s, &aim->after, old ? (int)old : -1);
	return err ? fail_errno(f, -err, spec.name) : 0;
}

static int keep(struct aim *aim, __u32 slot, struct fail *f)
{
	const struct chain_stage *st = &aim->before.stages[slot];
	int err = chain_layout_put(&aim->after, slot, aim->before.progs[slot], st);

	aim->after.from[slot] = slot;
	say(aim, APPLY_KEPT, st->name, slot, 0);
	return err ? fail_errno(f, -err, st->name) : 0;
}

int aim_prepare(struct aim *aim, struct policer *policers, size_t count, struct fail *f)
{
	__u32 old[CHAIN_SLOT_POLICER_MAX], at[CHAIN_SLOT_POLICER_MAX];
	int err = 0;

	aim->policer_count = count;
	for (size_t i = 0; i < count; i++) {
		old[i] = find(aim, policers[i].spec.name);
		at[i] = stays(aim, old[i], &policers[i].spec) ? old[i] : 0;
	}
	apply_place(at, count, aim->slots);
	clear(aim, policers);
	for (size_t i = 0; !err && i < count; i++)
		err = at[i] && at[i] == aim->slots[i]
			      ? keep(aim, at[i], f)
			      : load(aim, &policers[i], old[i], aim->slots[i], f);
	return err;
}

/* Nothing to do: then the chain is not touched at all. */
static int is_change(const struct aim *aim)
{
	for (size_t i = 0; i < aim->line_count; i++)
		if (aim->lines[i].did != APPLY_KEPT)
			return 1;
	return 0;
}

int aim_switch(struct aim *aim, struct fail *f)
{
	int err = is_change(aim) ? chain_switch(aim->chain, &aim->after, f) : 0;

	aim->switched = !err;
	return err;
}

int aim_settle(struct aim *aim, struct policer *policers, struct fail *f)
{
	int err = 0;

	for (size_t i = 0; !err && i < aim->policer_count; i++)
		if (policers[i].kind->settle)
			err = policers[i].kind->settle(&policers[i], aim->chain, aim->slots[i],
						       &aim->changes[i], f);
	return err;
}

int aim_finish(struct aim *aim, const struct policer *policers, struct fail *f)
{
	int failed = 0;

	for (size_t i = 0; i < aim->policer_count; i++) {
		int err = 0;

		if (aim->changes[i])
			err = policers[i].kind->finish(aim->chain, aim->slots[i], aim->changes[i],
						       f);
		aim->changes[i] = NULL;
		failed = err ? err : failed;
	}
	return failed;
}

void aim_back(struct aim *aim, const struct policer *policers)
{
	if (!aim->switched)
		return;
	for (size_t i = aim->policer_count; i-- > 0;) {
		if (aim->changes[i])
			policers[i].kind->undo(aim->chain, aim->slots[i], aim->changes[i]);
		aim->changes[i] = NULL;
	}
	aim->before.back = 1;
	if (is_change(aim))
		chain_switch(aim->chain, &aim->before, NULL);
	aim->switched = 0;
}

void aim_keep(struct aim *aim)
{
	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		stage_close(aim->stages[slot]);
		aim->stages[slot] = NULL;
	}
	stage_sweep(aim->chain);
	aim->made = 0;
	if (aim->leave)
		chain_release(aim->chain, NULL);
}

void aim_close(struct aim *aim)
{
	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++)
		stage_discard(aim->chain, aim->stages[slot]);
	chain_layout_close(&aim->before);
	chain_layout_close(&aim->after);
	if (aim->made)
		chain_release(aim->chain, NULL);
	chain_close(aim->chain);
	aim_init(aim);
}
