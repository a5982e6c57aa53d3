// SPDX-License-Identifier: GPL-2.0
#include "lib/lbapply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/stage.h"

/* One interface's balancer, being changed. */
struct job {
	struct lb *lb;
	struct lbapply_result *r;
	struct fail *f;
};

static const struct lb_real_state *find_real(const struct lb_vip_state *v, const struct lb_addr *a)
{
	for (size_t i = 0; v && i < v->count_reals; i++)
		if (!memcmp(&v->reals[i].addr, a, sizeof(*a)))
			return &v->reals[i];
	return NULL;
}

static const struct lbconf_real *wanted_real(const struct lbconf_vip *v, const struct lb_addr *a)
{
	for (size_t i = 0; i < v->real_count; i++)
		if (!memcmp(&v->reals[i].addr, a, sizeof(*a)))
			return &v->reals[i];
	return NULL;
}

static int same_ids(const struct lbconf_real *r, const struct lb_real_state *is)
{
	size_t found = 0;

	for (size_t i = 0; i < r->id_count; i++)
		for (size_t j = 0; j < is->count_ids; j++)
			found += r->ids[i] == is->ids[j];
	return found == r->id_count && found == is->count_ids;
}

static int same_sources(const struct lbconf_real *r, const struct lb_real_state *is)
{
	size_t found = 0;

	for (size_t i = 0; i < r->source_count; i++)
		for (size_t j = 0; j < is->count_sources; j++)
			found += !prefix_cmp(&r->sources[i], &is->sources[j]);
	return found == r->source_count && found == is->count_sources;
}

/* What a real claims, where the file says so. 1: changed. */
static int apply_claims(struct job *j, const struct lbconf_vip *v, const struct lbconf_real *r,
			const struct lb_real_state *is)
{
	static const struct lb_real_state nobody;
	int err = 0, changed = 0;

	is = is ? is : &nobody;
	if (r->ids && !same_ids(r, is)) {
		err = lb_real_ids(j->lb, &v->service, &r->addr, r->ids, r->id_count, j->f);
		changed = 1;
	}
	if (!err && r->sources && !same_sources(r, is)) {
		err = lb_real_sources(j->lb, &v->service, &r->addr, r->sources, r->source_count,
				      j->f);
		changed = 1;
	}
	return err ? err : changed;
}

static int apply_real(struct job *j, const struct lbconf_vip *v, const struct lbconf_real *r,
		      const struct lb_real_state *is)
{
	int err = 0, changed = 0, claims;

	if (!is) {
		err = lb_real_add(j->lb, &v->service, &r->addr, r->weight, j->f);
		j->r->reals_added += !err;
	} else if (is->weight != r->weight) {
		err = lb_real_weight(j->lb, &v->service, &r->addr, r->weight, j->f);
		changed = 1;
	}
	if (err)
		return err;
	claims = apply_claims(j, v, r, is);
	if (claims < 0)
		return claims;
	if (is && (changed || claims))
		j->r->reals_changed++;
	else if (is)
		j->r->kept++;
	return 0;
}

/* First the claims and reals that stay and come, then those that go. */
static int apply_reals(struct job *j, const struct lbconf_vip *v, const struct lb_vip_state *is)
{
	int err = 0;

	for (size_t i = 0; !err && i < v->real_count; i++)
		err = apply_real(j, v, &v->reals[i], find_real(is, &v->reals[i].addr));
	for (size_t i = 0; !err && is && i < is->count_reals; i++) {
		if (wanted_real(v, &is->reals[i].addr))
			continue;
		err = lb_real_del(j->lb, &v->service, &is->reals[i].addr, j->f);
		j->r->reals_removed += !err;
	}
	return err;
}

static int apply_vip(struct job *j, const struct lbconf_vip *v, const struct lb_vip_state *is)
{
	int err = 0;

	if (!is) {
		err = lb_vip_add(j->lb, &v->service, &v->options, j->f);
		j->r->vips_added += !err;
	} else if (memcmp(&is->options, &v->options, sizeof(v->options))) {
		err = lb_vip_set(j->lb, &v->service, &v->options, j->f);
		j->r->vips_changed += !err;
	}
	return err ? err : apply_reals(j, v, is);
}

static const struct lb_vip_state *find_vip(const struct lb_state *s, const struct lb_service *vip)
{
	for (size_t i = 0; i < s->count; i++)
		if (!memcmp(&s->vips[i].service, vip, sizeof(*vip)))
			return &s->vips[i];
	return NULL;
}

static int is_wanted(const struct lbconf *conf, const struct lb_service *vip)
{
	for (size_t i = 0; i < conf->vip_count; i++)
		if (!memcmp(&conf->vips[i].service, vip, sizeof(*vip)))
			return 1;
	return 0;
}

static int apply_vips(struct job *j, const struct lbconf *conf)
{
	struct lb_state state = { 0 };
	int err = lb_list(j->lb, &state, j->f);

	/* those that go make room, and let go of fragments */
	for (size_t i = 0; !err && i < state.count; i++) {
		if (is_wanted(conf, &state.vips[i].service))
			continue;
		err = lb_vip_del(j->lb, &state.vips[i].service, j->f);
		j->r->vips_removed += !err;
	}
	for (size_t i = 0; !err && i < conf->vip_count; i++)
		err = apply_vip(j, &conf->vips[i], find_vip(&state, &conf->vips[i].service));
	lb_state_free(&state);
	return err;
}

static __u32 round_up(__u32 n)
{
	__u32 size = LB_WAYS;

	while (size < n)
		size *= 2;
	return size;
}

/* Put the stage there, unless it is there as it should be. */
static int apply_stage(struct chain *c, const struct lbconf_interface *i, struct lbapply_result *r,
		       struct fail *f)
{
	struct lb_options is, want = i->options;
	struct chain_stage st;
	int err, there = !chain_stage(c, CHAIN_SLOT_LB, &st);

	if (i->mode != CHAIN_AUTO && c->info.generic != (i->mode == CHAIN_GENERIC))
		return fail_set(f, EBUSY,
				"%s: the chain runs in %s mode, detach all of it to change that",
				i->name, c->info.generic ? "generic" : "native");
	err = lb_options(c, &is);
	if (err)
		return fail_set(f, -err, "%s: lb: %s", i->name, strerror(-err));
	want.conns = round_up(want.conns);
	if (there && !memcmp(&is, &want, sizeof(is)))
		return 0;
	err = lb_load(c, &want, f);
	r->attached += !err;
	return err;
}

static int apply_interface(const struct lbconf *conf, const struct lbconf_interface *i,
			   struct lbapply_result *r, struct fail *f)
{
	struct job j = { .r = r, .f = f };
	struct chain *c;
	int err = chain_attach(i->name, i->mode, &c, f);

	if (err)
		return err;
	err = apply_stage(c, i, r, f);
	if (!err)
		err = lb_open(c, &j.lb, f);
	if (!err)
		err = apply_vips(&j, conf);
	lb_close(j.lb);
	if (err)
		chain_release(c, NULL); /* what was just made for nothing */
	chain_close(c);
	return err;
}

static int remove_interface(const char *name, struct lbapply_result *r, struct fail *f)
{
	struct chain_stage st;
	struct chain *c;
	int err = chain_open(name, CHAIN_WRITE, &c, f);

	if (err == -ENOENT || err == -ENODEV || err == -ESTALE)
		return 0; /* it has gone by itself */
	if (err)
		return err;
	if (!chain_stage(c, CHAIN_SLOT_LB, &st)) {
		err = stage_unload(c, CHAIN_SLOT_LB, f);
		r->detached += !err;
	}
	if (!err && chain_release(c, f) < 0)
		err = -EIO;
	chain_close(c);
	return err;
}

static int has_interface(const struct lbconf *conf, const char *name)
{
	for (size_t i = 0; i < conf->interface_count; i++)
		if (!strcmp(conf->interfaces[i].name, name))
			return 1;
	return 0;
}

/* All of them are there? Asked before anything is changed. */
static int check_interfaces(const struct lbconf *conf, struct fail *f)
{
	for (size_t i = 0; i < conf->interface_count; i++)
		if (!if_nametoindex(conf->interfaces[i].name))
			return fail_set(f, ENODEV, "%s:%u: interfaces: %s: no such interface",
					conf->path, conf->interfaces[i].line,
					conf->interfaces[i].name);
	return 0;
}

int lbapply(const struct lbconf *conf, const struct lbconf *old, struct lbapply_result *r,
	    struct fail *f)
{
	int err = check_interfaces(conf, f);

	*r = (struct lbapply_result){ 0 };
	for (size_t i = 0; !err && i < conf->interface_count; i++)
		err = apply_interface(conf, &conf->interfaces[i], r, f);
	for (size_t i = 0; !err && old && i < old->interface_count; i++)
		if (!has_interface(conf, old->interfaces[i].name))
			err = remove_interface(old->interfaces[i].name, r, f);
	return err;
}
