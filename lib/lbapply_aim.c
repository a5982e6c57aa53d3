// SPDX-License-Identifier: GPL-2.0
/* One interface on the way to its configuration: its chain, what was there, what was made for it.
 */
#include <errno.h>
#include <string.h>

#include "lib/lbapply_int.h"
#include "lib/lb_int.h"

void lbaim_init(struct lbaim *aim)
{
	memset(aim, 0, sizeof(*aim));
	for (int slot = 0; slot < CHAIN_SLOTS; slot++)
		aim->before.progs[slot] = aim->after.progs[slot] = -1;
}

static int look(struct lbaim *aim, struct fail *f)
{
	int err = chain_layout(aim->chain, &aim->before, f);

	return err ? err : chain_layout(aim->chain, &aim->after, f);
}

/* What is there stays if it is as it should be, but it is the configuration's from now on. */
static int plan_stage(struct lbaim *aim, const struct lbconf_interface *conf, struct fail *f)
{
	int there = aim->before.progs[CHAIN_SLOT_LB] >= 0, err;
	struct chain_stage *st = &aim->after.stages[CHAIN_SLOT_LB];
	struct lb_options is, want = conf->options;

	err = lb_options(aim->chain, &is);
	if (err)
		return fail_set(f, -err, "%s: lb: %s", conf->is.name, strerror(-err));
	lb_options_round(&want);
	if (there && !memcmp(&is, &want, sizeof(is))) {
		aim->changed = st->digest != LB_CONFIGURED;
		st->digest = LB_CONFIGURED;
		return 0;
	}
	aim->changed = 1;
	err = lb_prepare(aim->chain, &want, &aim->stage, f);
	if (!err)
		err = stage_put(aim->stage, &aim->after, there ? CHAIN_SLOT_LB : -1);
	return err;
}

static int open_lb(struct lbaim *aim, struct fail *f)
{
	lb_close(aim->lb);
	aim->lb = NULL;
	return lb_open(aim->chain, &aim->lb, f);
}

int lbaim_open(struct lbaim *aim, const struct chain *holder, const struct lbconf_interface *conf,
	       struct fail *f)
{
	int err = chain_attach_under(holder, conf->is.name, conf->is.mode, &aim->chain, f);

	if (err)
		return err;
	aim->made = !chain_has_stages(aim->chain);
	if (conf->is.mode != CHAIN_AUTO &&
	    aim->chain->info.generic != (conf->is.mode == CHAIN_GENERIC))
		return fail_set(f, EBUSY,
				"%s: the chain runs in %s mode, detach all of it to change that",
				conf->is.name, aim->chain->info.generic ? "generic" : "native");
	err = look(aim, f);
	if (!err && aim->before.progs[CHAIN_SLOT_LB] >= 0) {
		err = open_lb(aim, f);
		err = err ? err : lb_list(aim->lb, &aim->state, f);
	}
	return err ? err : plan_stage(aim, conf, f);
}

int lbaim_leave(struct lbaim *aim, const struct chain *holder, const char *ifname)
{
	int err;

	if (holder)
		err = chain_open_under(holder, ifname, &aim->chain, NULL);
	else
		err = chain_open(ifname, CHAIN_WRITE, &aim->chain, NULL);
	if (!err)
		err = look(aim, NULL);
	if (!err && (aim->before.progs[CHAIN_SLOT_LB] < 0 ||
		     aim->before.stages[CHAIN_SLOT_LB].digest != LB_CONFIGURED))
		err = -ENOENT;
	if (err) {
		lbaim_close(aim);
		return err;
	}
	aim->leave = aim->changed = 1;
	return chain_layout_put(&aim->after, CHAIN_SLOT_LB, -1, NULL);
}

static int switch_over(struct lbaim *aim, struct fail *f)
{
	int err = aim->changed ? chain_switch(aim->chain, &aim->after, f) : 0;

	aim->switched = aim->changed && !err;
	return err;
}

int lbaim_grow(struct lbaim *aim, const struct lbapply_want *want, struct fail *f)
{
	int err;

	if (aim->leave)
		return 0;
	err = switch_over(aim, f);
	if (!err && aim->stage) {
		err = open_lb(aim, f);
		want->r->attached++;
	}
	if (err)
		return err;
	aim->touched = 1;
	return lbapply_grow(aim->lb, want, f);
}

int lbaim_shrink(struct lbaim *aim, const struct lbapply_want *want, struct fail *f)
{
	if (!aim->leave)
		return lbapply_shrink(aim->lb, want, f);
	want->r->detached++;
	return switch_over(aim, f);
}

void lbaim_back(struct lbaim *aim)
{
	if (aim->touched && aim->before.progs[CHAIN_SLOT_LB] >= 0)
		lbapply_undo(aim->lb, &aim->state);
	aim->touched = 0;
	if (!aim->switched)
		return;
	aim->before.back = 1;
	chain_switch(aim->chain, &aim->before, NULL);
	aim->switched = 0;
}

void lbaim_keep(struct lbaim *aim)
{
	stage_close(aim->stage);
	aim->stage = NULL;
	if (aim->switched)
		stage_sweep(aim->chain);
	aim->made = 0;
	if (aim->leave)
		chain_release(aim->chain, NULL);
}

void lbaim_close(struct lbaim *aim)
{
	lb_close(aim->lb);
	lb_state_free(&aim->state);
	stage_discard(aim->chain, aim->stage);
	chain_layout_close(&aim->before);
	chain_layout_close(&aim->after);
	if (aim->made)
		chain_release(aim->chain, NULL);
	chain_close(aim->chain);
	lbaim_init(aim);
}
