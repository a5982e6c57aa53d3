// SPDX-License-Identifier: GPL-2.0
/* What differs between the VIPs that are there and those that are to be, made the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lbapply_int.h"
#include "lib/lb_int.h"

/* One interface's balancer, being changed. */
struct job {
	struct lb *lb;
	struct lbapply_result *r;
	struct fail *f;
	int goes_on; /* whatever fails: it is an undoing */
};

static int outcome(const struct job *j, int err)
{
	return j->goes_on ? 0 : err;
}

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

static const struct lb_vip_state *find_vip(const struct lb_state *s, const struct lb_service *vip)
{
	for (size_t i = 0; i < s->count; i++)
		if (!memcmp(&s->vips[i].service, vip, sizeof(*vip)))
			return &s->vips[i];
	return NULL;
}

static const struct lbconf_vip *wanted_vip(const struct lbapply_want *w,
					   const struct lb_service *vip)
{
	for (size_t i = 0; i < w->count; i++)
		if (!memcmp(&w->vips[i].service, vip, sizeof(*vip)))
			return &w->vips[i];
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

static int add_real(struct job *j, const struct lbconf_vip *v, const struct lbconf_real *r)
{
	int err = lb_real_add(j->lb, &v->service, &r->addr, r->weight, j->f);

	if (!err && r->mode != LB_REAL_UP)
		err = lb_real_mode(j->lb, &v->service, &r->addr, r->mode, j->f);
	j->r->reals_added += !err;
	return err;
}

static int apply_real(struct job *j, const struct lbconf_vip *v, const struct lbconf_real *r,
		      const struct lb_real_state *is)
{
	int err = 0, changed = 0, claims;

	if (!is) {
		err = add_real(j, v, r);
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

static int grow_vip(struct job *j, const struct lbconf_vip *v, const struct lb_vip_state *is)
{
	int err = 0;

	if (!is) {
		err = lb_vip_add(j->lb, &v->service, &v->options, j->f);
		j->r->vips_added += !err;
	} else if (memcmp(&is->options, &v->options, sizeof(v->options))) {
		err = lb_vip_set(j->lb, &v->service, &v->options, j->f);
		j->r->vips_changed += !err;
	}
	for (size_t i = 0; !err && i < v->real_count; i++) {
		const struct lbconf_real *r = &v->reals[i];

		err = outcome(j, apply_real(j, v, r, find_real(is, &r->addr)));
	}
	return err;
}

/* Is a real other than @a to have that? */
static int wants_id(const struct lbconf_vip *v, const struct lb_addr *a, __u64 id)
{
	for (size_t i = 0; i < v->real_count; i++)
		for (size_t j = 0; j < v->reals[i].id_count; j++)
			if (v->reals[i].ids[j] == id && memcmp(&v->reals[i].addr, a, sizeof(*a)))
				return 1;
	return 0;
}

static int wants_source(const struct lbconf_vip *v, const struct lb_addr *a,
			const struct prefix *source)
{
	for (size_t i = 0; i < v->real_count; i++)
		for (size_t j = 0; j < v->reals[i].source_count; j++)
			if (!prefix_cmp(&v->reals[i].sources[j], source) &&
			    memcmp(&v->reals[i].addr, a, sizeof(*a)))
				return 1;
	return 0;
}

/* What it keeps is put in front. */
static int release_ids(struct job *j, const struct lbconf_vip *v, struct lb_real_state *is)
{
	size_t kept = 0;

	for (size_t i = 0; i < is->count_ids; i++)
		if (!wants_id(v, &is->addr, is->ids[i]))
			is->ids[kept++] = is->ids[i];
	if (kept == is->count_ids)
		return 0;
	is->count_ids = kept;
	return lb_real_ids(j->lb, &v->service, &is->addr, is->ids, kept, j->f);
}

static int release_sources(struct job *j, const struct lbconf_vip *v, struct lb_real_state *is)
{
	size_t kept = 0;

	for (size_t i = 0; i < is->count_sources; i++)
		if (!wants_source(v, &is->addr, &is->sources[i]))
			is->sources[kept++] = is->sources[i];
	if (kept == is->count_sources)
		return 0;
	is->count_sources = kept;
	return lb_real_sources(j->lb, &v->service, &is->addr, is->sources, kept, j->f);
}

/* One that goes, or of which the file says something else. */
static int release_real(struct job *j, const struct lbconf_vip *v, struct lb_real_state *is)
{
	const struct lbconf_real *r = wanted_real(v, &is->addr);
	int err = 0;

	if (!r || (r->ids && !same_ids(r, is)))
		err = release_ids(j, v, is);
	if (!err && (!r || (r->sources && !same_sources(r, is))))
		err = release_sources(j, v, is);
	return err;
}

/* Let go of what others are to have. */
static int release_vip(struct job *j, const struct lbconf_vip *v, struct lb_vip_state *is)
{
	struct lb_vip_options *o = &is->options;
	int err = 0;

	if (o->flags & LB_VIP_FRAGMENTS && !(v && v->options.flags & LB_VIP_FRAGMENTS)) {
		o->flags &= ~LB_VIP_FRAGMENTS;
		err = lb_vip_set(j->lb, &is->service, o, j->f);
	}
	for (size_t i = 0; v && !err && i < is->count_reals; i++)
		err = outcome(j, release_real(j, v, &is->reals[i]));
	return err;
}

static int shrink_vip(struct job *j, const struct lbconf_vip *v, const struct lb_vip_state *is)
{
	int err = 0;

	if (!v) {
		err = lb_vip_del(j->lb, &is->service, j->f);
		j->r->vips_removed += !err;
		return err;
	}
	for (size_t i = 0; !err && i < is->count_reals; i++) {
		if (wanted_real(v, &is->reals[i].addr))
			continue;
		err = outcome(j, lb_real_del(j->lb, &v->service, &is->reals[i].addr, j->f));
		j->r->reals_removed += !err;
	}
	return err;
}

static int shrink(struct job *j, const struct lbapply_want *want)
{
	struct lb_state state = { 0 };
	int err = lb_list(j->lb, &state, j->f);

	for (size_t i = 0; !err && i < state.count; i++) {
		const struct lb_vip_state *is = &state.vips[i];

		err = outcome(j, shrink_vip(j, wanted_vip(want, &is->service), is));
	}
	lb_state_free(&state);
	return err;
}

/* Is there room for what is there and what comes? */
static int has_room(const struct lb_state *s, const struct lbapply_want *want)
{
	size_t vips = s->count, reals = 0;

	for (size_t i = 0; i < s->count; i++)
		reals += s->vips[i].count_reals;
	for (size_t i = 0; i < want->count; i++) {
		const struct lbconf_vip *v = &want->vips[i];
		const struct lb_vip_state *is = find_vip(s, &v->service);

		vips += !is;
		for (size_t k = 0; k < v->real_count; k++)
			reals += !find_real(is, &v->reals[k].addr);
	}
	return vips < LB_VIPS && reals < LB_REALS;
}

static int grow(struct job *j, const struct lbapply_want *want)
{
	struct lb_state state = { 0 };
	int err = lb_list(j->lb, &state, j->f);

	if (!err && !has_room(&state, want)) {
		lb_state_free(&state);
		err = shrink(j, want);
		err = err ? err : lb_list(j->lb, &state, j->f);
	}
	for (size_t i = 0; !err && i < state.count; i++) {
		const struct lbconf_vip *v = wanted_vip(want, &state.vips[i].service);

		err = outcome(j, release_vip(j, v, &state.vips[i]));
	}
	for (size_t i = 0; !err && i < want->count; i++) {
		const struct lbconf_vip *v = &want->vips[i];

		err = outcome(j, grow_vip(j, v, find_vip(&state, &v->service)));
	}
	lb_state_free(&state);
	return err;
}

int lbapply_grow(struct lb *lb, const struct lbapply_want *want, struct fail *f)
{
	struct job j = { .lb = lb, .r = want->r, .f = f };

	return grow(&j, want);
}

int lbapply_shrink(struct lb *lb, const struct lbapply_want *want, struct fail *f)
{
	struct job j = { .lb = lb, .r = want->r, .f = f };

	return shrink(&j, want);
}

/* The VIP as a configuration would say it, down to what its reals claim. 0 or -ENOMEM. */
static int wish(const struct lb_vip_state *is, struct lbconf_vip *out)
{
	*out = (struct lbconf_vip){ .service = is->service, .options = is->options };
	out->reals = calloc(is->count_reals + 1, sizeof(*out->reals));
	if (!out->reals)
		return -ENOMEM;
	for (size_t i = 0; i < is->count_reals; i++) {
		const struct lb_real_state *r = &is->reals[i];

		out->reals[i] = (struct lbconf_real){ .addr = r->addr,
						      .weight = r->weight,
						      .ids = r->ids,
						      .id_count = r->count_ids,
						      .sources = r->sources,
						      .source_count = r->count_sources,
						      .mode = r->mode };
	}
	out->real_count = is->count_reals;
	return 0;
}

void lbapply_undo(struct lb *lb, const struct lb_state *before)
{
	struct lbconf_vip *vips = calloc(before->count + 1, sizeof(*vips));
	struct lbapply_result r = { 0 };
	const struct lbapply_want want = { .vips = vips, .count = before->count, .r = &r };
	struct job j = { .lb = lb, .r = &r, .goes_on = 1 };
	int err = vips ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < before->count; i++)
		err = wish(&before->vips[i], &vips[i]);
	if (!err && !grow(&j, &want))
		shrink(&j, &want);
	for (size_t i = 0; vips && i < before->count; i++)
		free(vips[i].reals);
	free(vips);
}
