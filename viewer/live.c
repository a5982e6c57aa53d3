// SPDX-License-Identifier: GPL-2.0
#include "viewer/live.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/lb.h"
#include "lib/names.h"
#include "lib/util.h"
#include "lib/veth.h"

struct one {
	char ifname[IF_NAMESIZE];
	struct chain *chain; /* NULL: none now */
	struct names *names;
};

struct live {
	bool all; /* none were named */
	__u32 n;
	struct one of[MODEL_IFS];
};

static void let_go(struct one *o)
{
	names_free(o->names);
	chain_close(o->chain);
	o->names = NULL;
	o->chain = NULL;
}

/* Its directory of pins has gone: what we hold is what is left of a chain that was taken down. */
static bool taken_down(const struct chain *c)
{
	struct stat st;

	return fstat(c->dir, &st) || !st.st_nlink;
}

static int take_hold(struct one *o, struct fail *f)
{
	int err;

	if (o->chain && taken_down(o->chain))
		let_go(o);
	if (o->chain)
		return 0;
	err = chain_open(o->ifname, CHAIN_READ, &o->chain, f);
	if (err)
		return err;
	o->names = names_new(o->chain);
	if (o->names)
		return 0;
	let_go(o);
	return -ENOMEM;
}

static int add(const char *ifname, void *arg)
{
	struct live *l = arg;

	if (l->n < MODEL_IFS)
		snprintf(l->of[l->n++].ifname, IF_NAMESIZE, "%s", ifname);
	return 0;
}

/* Of all chains those that can be opened here: others are of other namespaces. */
static int take_all(struct live *l, struct fail *f)
{
	int err = chain_each(add, l, f);
	__u32 n = 0;

	for (__u32 i = 0; !err && i < l->n; i++) {
		int no = take_hold(&l->of[i], f);

		if (no == -EPERM)
			return no;
		if (!no)
			l->of[n++] = l->of[i];
	}
	l->n = n;
	if (err || n)
		return err;
	return fail_set(f, ENOENT,
			"no chain in this network namespace, make one: droplet attach IFACE");
}

static int take_named(struct live *l, const char *const *ifnames, __u32 n, struct fail *f)
{
	int err = 0, first = 0;
	bool some = false;

	for (__u32 i = 0; i < n; i++) {
		struct fail why = { 0 };

		add(ifnames[i], l);
		err = take_hold(&l->of[i], &why);
		some |= !err;
		if (err && !first) {
			first = err;
			*f = why;
		}
	}
	if (some)
		fail_clear(f);
	return some ? 0 : first;
}

int live_open(const char *const *ifnames, __u32 n, struct live **out, struct fail *f)
{
	struct live *l = calloc(1, sizeof(*l));
	int err;

	if (!l)
		return -ENOMEM;
	l->all = !n;
	err = n ? take_named(l, ifnames, n, f) : take_all(l, f);
	if (err)
		live_close(l);
	else
		*out = l;
	return err;
}

void live_close(struct live *l)
{
	if (!l)
		return;
	for (__u32 i = 0; i < l->n; i++)
		let_go(&l->of[i]);
	free(l);
}

static int add_new(const char *ifname, void *arg)
{
	struct live *l = arg;

	for (__u32 i = 0; i < l->n; i++)
		if (!strcmp(l->of[i].ifname, ifname))
			return 0;
	if (l->n == MODEL_IFS)
		return 0;
	add(ifname, l);
	l->n -= take_hold(&l->of[l->n - 1], NULL) != 0; /* of another namespace, or half made */
	return 0;
}

__u32 live_count(struct live *l)
{
	if (l->all)
		chain_each(add_new, l, NULL);
	return l->n;
}

/* For model_sample: by the program that is there in this sample. */
struct by_names {
	struct names *names;
	const struct model_sample *s;
};

static const char *reason_name(void *arg, __u32 slot, __u32 reason)
{
	const struct by_names *b = arg;

	if (slot >= CHAIN_SLOTS || !b->s->who[slot].here)
		return NULL;
	return names_reason(b->names, slot, b->s->who[slot].instance, reason);
}

static void read_who(const struct chain *c, struct model_sample *s)
{
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++) {
		struct model_who *w = &s->who[slot];
		struct chain_stage st;

		if (chain_stage(c, slot, &st))
			continue;
		w->here = true;
		w->since_ns = st.since_ns;
		w->prog_id = st.prog_id;
		w->instance = st.instance;
		w->flags = st.flags;
		snprintf(w->name, sizeof(w->name), "%s", st.name);
	}
}

static void read_loss(const struct chain *c, const struct chain_totals *t, struct model_if *mi)
{
	struct veth_loss loss;

	mi->loss[0] = 0;
	if (veth_loss(c, t, &loss))
		snprintf(mi->loss, sizeof(mi->loss),
			 "sent, but refused by %s: %llu (it runs no XDP program)", loss.peer,
			 loss.refused);
}

static void read_guard(const struct chain *c, struct model_if *mi)
{
	struct lb_guard_state g = { 0 };
	struct lb *lb;

	mi->guard_cpus = 0;
	if (!mi->stages[CHAIN_SLOT_LB].here || lb_open(c, &lb, NULL))
		return;
	if (!lb_guard(lb, &g))
		mi->guard_cpus = g.cpus_on;
	lb_close(lb);
}

/* Who is there, and then the counters: a program that is new has counted little meanwhile. */
static int sample(struct one *o, struct model_if *mi)
{
	struct model_sample *s = calloc(1, sizeof(*s));
	struct by_names by = { o->names, s };
	int err;

	if (!s)
		return -ENOMEM;
	read_who(o->chain, s);
	err = chain_totals(o->chain, &s->totals);
	if (!err) {
		s->now_ns = now_ns();
		s->created_ns = o->chain->info.created_ns;
		s->reason = reason_name;
		s->arg = &by;
		mi->generic = o->chain->info.generic;
		mi->ifindex = o->chain->info.ifindex;
		read_loss(o->chain, &s->totals, mi);
		model_update(mi, s);
		read_guard(o->chain, mi);
	}
	free(s);
	return err;
}

/* Nothing comes where there is nothing. */
static void no_rates(struct model_if *mi)
{
	for (int slot = 0; slot < CHAIN_COUNTED; slot++) {
		struct model_stage *st = &mi->stages[slot];

		memset(st->pps, 0, sizeof(st->pps));
		st->bps = 0;
		st->here = false;
		for (int i = 0; i < CHAIN_REASONS; i++)
			st->reasons[i].pps = 0;
	}
}

int live_poll(struct live *l, __u32 i, struct model_if *mi)
{
	struct fail f = { 0 };
	int err = take_hold(&l->of[i], &f);

	snprintf(mi->name, sizeof(mi->name), "%s", l->of[i].ifname);
	if (!err)
		err = sample(&l->of[i], mi);
	if (!err)
		return 0;
	snprintf(mi->gone, sizeof(mi->gone), "%.*s", (int)sizeof(mi->gone) - 1,
		 f.text[0] ? f.text : strerror(-err));
	no_rates(mi);
	return err;
}

struct chain *live_chain(struct live *l, __u32 i)
{
	return l->of[i].chain;
}

struct names *live_names(struct live *l, __u32 i)
{
	return l->of[i].names;
}
