// SPDX-License-Identifier: GPL-2.0
/* targets - which chains a command is for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "droplet/droplet.h"
#include "lib/control.h"

#define CHAINS_MAX 1024 /* interfaces with a chain that one command looks at */

struct names {
	char v[CHAINS_MAX][IF_NAMESIZE];
	size_t count;
};

static int name_add(const char *ifname, void *arg)
{
	struct names *names = arg;

	if (names->count < CHAINS_MAX)
		snprintf(names->v[names->count++], IF_NAMESIZE, "%s", ifname);
	return 0;
}

/* By its name, else the first of that kind. */
static int find(const struct chain *c, const char *stage)
{
	int slot = chain_find(c, stage);
	struct chain_stage st;

	for (__u32 i = CHAIN_SLOT_POLICER_MIN; slot < 0 && i <= CHAIN_SLOT_POLICER_MAX; i++)
		if (!chain_stage(c, i, &st) && !strcmp(st.kind, stage))
			slot = i;
	return slot;
}

/* 1: the chain has not the stage. */
static int visit(struct targets *t, const char *ifname, struct fail *f)
{
	struct chain *c;
	int slot, err = chain_open(ifname, t->access, &c, f);

	if (err)
		return err;
	slot = t->stage ? find(c, t->stage) : 0;
	if (slot < 0) {
		err = 1;
	} else {
		t->visited++;
		err = t->fn(c, slot, t->arg, f);
	}
	chain_close(c);
	return err;
}

static void keep(struct targets *t, const struct fail *f)
{
	json_t *o = control_refuse(f);

	json_object_del(o, "ok");
	if (!t->errors)
		t->errors = json_array();
	json_array_append_new(t->errors, o);
}

static int each_one(struct targets *t)
{
	struct fail f = { 0 };
	int err = visit(t, t->ifname, &f);

	if (err == 1)
		fail_set(&f, ENOENT,
			 "%s: its chain has no %s, add it: droplet attach %s, or a policer of that "
			 "kind in droplet.yaml",
			 t->ifname, t->stage, t->ifname);
	if (err)
		keep(t, &f);
	return !!err;
}

/*
 * A chain that cannot be opened is none of ours when it is on an interface of another network
 * namespace, or when its attach or detach is under way.
 */
static int each_all(struct targets *t, const struct names *names)
{
	int failed = 0;

	for (size_t i = 0; i < names->count; i++) {
		struct fail f = { 0 };
		int err = visit(t, names->v[i], &f);

		if (err >= 0 || err == -EXDEV || err == -ENOENT || err == -ENODEV)
			continue;
		keep(t, &f);
		failed |= err != -ESTALE;
	}
	return failed;
}

int targets_each(struct targets *t)
{
	struct names names = { .count = 0 };
	struct fail f = { 0 };
	int failed;

	if (t->ifname)
		return each_one(t);
	failed = !!chain_each(name_add, &names, &f);
	if (failed) {
		keep(t, &f);
		return failed;
	}
	failed = each_all(t, &names);
	if (t->visited || failed)
		return failed;
	fail_set(&f, ENOENT,
		 "no chain%s%s in this network namespace, make one: droplet attach IFACE%s",
		 t->stage ? " with a " : "", t->stage ? t->stage : "",
		 t->stage ? ", or a policer of that kind in droplet.yaml" : "");
	keep(t, &f);
	return 1;
}

int targets_run(struct targets *t)
{
	int failed = targets_each(t);

	say_errors(t->errors);
	json_decref(t->errors);
	t->errors = NULL;
	return failed ? CLI_FAILED : CLI_OK;
}
