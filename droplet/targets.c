// SPDX-License-Identifier: GPL-2.0
/* targets - which chains a command is for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "droplet/droplet.h"

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

/* 1: the chain has not the stage. */
static int visit(struct targets *t, const char *ifname, struct fail *f)
{
	struct chain *c;
	int slot, err = chain_open(ifname, t->access, &c, f);

	if (err)
		return err;
	slot = t->stage ? chain_find(c, t->stage) : 0;
	if (slot < 0) {
		err = 1;
	} else {
		t->visited++;
		err = t->fn(c, slot, t->arg, f);
	}
	chain_close(c);
	return err;
}

static int run_one(struct targets *t)
{
	struct fail f = { 0 };
	int err = visit(t, t->ifname, &f);

	if (err == 1)
		fail_set(&f, ENOENT, "%s: its chain has no %s, add it: droplet attach %s",
			 t->ifname, t->stage, t->ifname);
	return err ? say_fail(&f) : CLI_OK;
}

/*
 * A chain that cannot be opened is none of ours when it is on an interface of another network
 * namespace, or when its attach or detach is under way.
 */
static int run_all(struct targets *t, const struct names *names)
{
	int rc = CLI_OK;

	for (size_t i = 0; i < names->count; i++) {
		struct fail f = { 0 };
		int err = visit(t, names->v[i], &f);

		if (err >= 0 || err == -EXDEV || err == -ENOENT || err == -ENODEV)
			continue;
		say_fail(&f);
		if (err != -ESTALE)
			rc = CLI_FAILED;
	}
	return rc;
}

int targets_run(struct targets *t)
{
	struct names names = { .count = 0 };
	struct fail f = { 0 };
	int rc;

	if (t->ifname)
		return run_one(t);
	if (chain_each(name_add, &names, &f))
		return say_fail(&f);
	rc = run_all(t, &names);
	if (t->visited || rc)
		return rc;
	fail_set(&f, ENOENT,
		 "no chain%s%s in this network namespace, make one: droplet attach IFACE",
		 t->stage ? " with a " : "", t->stage ? t->stage : "");
	return say_fail(&f);
}
