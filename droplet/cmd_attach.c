// SPDX-License-Identifier: GPL-2.0
/* cmd_attach - attach and detach. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "droplet/ask.h"
#include "droplet/droplet.h"
#include "lib/blocklist.h"
#include "lib/ratelimit.h"
#include "lib/stage.h"

#define SLOT_BLOCKLIST 1
#define SLOT_RATELIMIT 2

const struct cli_opt attach_opts[] = {
	{ "mode", 'm', "native|generic", "XDP mode; unless told native, or generic if refused" },
	{ "max-prefixes", 'M', "N", "room in the blocklist, for each family (1000000)" },
	{ 0 },
};

struct attach {
	enum chain_mode mode;
	__u32 max;
};

static const char *mode_name(const struct chain *c)
{
	return c->info.generic ? "generic" : "native";
}

/* A policer slot that nobody is in: the wanted one if it can be. */
static int free_slot(const struct chain *c, __u32 wanted, struct fail *f)
{
	struct chain_stage st;

	if (chain_stage(c, wanted, &st))
		return wanted;
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot <= CHAIN_SLOT_POLICER_MAX; slot++)
		if (chain_stage(c, slot, &st))
			return slot;
	return fail_set(f, ENOSPC, "%s: all policer slots are taken", c->ifname);
}

/* Load what is missing: a command that was killed may have left one of the two. */
static int load(struct chain *c, const struct attach *a, struct fail *f)
{
	const struct ratelimit none = { .len4 = 32, .len6 = 64 };
	int blocklist = chain_find(c, BLOCKLIST_NAME), ratelimit = chain_find(c, RATELIMIT_NAME);
	int slot, err;

	if (blocklist >= 0 && ratelimit >= 0)
		return fail_set(f, EEXIST, "%s: attached already, in %s mode", c->ifname,
				mode_name(c));
	if (blocklist < 0) {
		slot = free_slot(c, SLOT_BLOCKLIST, f);
		err = slot < 0 ? slot : blocklist_load(c, slot, a->max, f);
		if (err)
			return err;
	}
	if (ratelimit >= 0)
		return 0;
	slot = free_slot(c, SLOT_RATELIMIT, f);
	err = slot < 0 ? slot : ratelimit_load(c, slot, &none, f);
	if (err && blocklist < 0)
		stage_unload(c, chain_find(c, BLOCKLIST_NAME), NULL);
	return err;
}

static int attach(const char *ifname, const struct attach *a, struct fail *f)
{
	struct chain *c;
	int err = chain_attach(ifname, a->mode, &c, f);

	if (err)
		return err;
	if (a->mode != CHAIN_AUTO && c->info.generic != (a->mode == CHAIN_GENERIC))
		err = fail_set(f, EEXIST,
			       "%s: its chain is in %s mode, take it down to change that", ifname,
			       mode_name(c));
	if (!err)
		err = load(c, a, f);
	if (err) {
		chain_release(c, NULL);
	} else {
		if (a->mode == CHAIN_AUTO && c->info.generic)
			fprintf(stderr,
				"droplet: %s: native XDP is refused, running in generic mode, "
				"which is slower\n",
				ifname);
		printf("%s: attached in %s mode, blocklist in slot %d, ratelimit in slot %d\n",
		       ifname, mode_name(c), chain_find(c, BLOCKLIST_NAME),
		       chain_find(c, RATELIMIT_NAME));
	}
	chain_close(c);
	return err;
}

/* A daemon has the last word on its interfaces. */
static void mind_daemon(const char *ifname)
{
	const json_t *name;
	json_t *o;
	size_t i;

	if (ask(NULL, json_pack("{s:s}", "cmd", "hello"), &o, NULL))
		return;
	json_array_foreach(json_object_get(o, "interfaces"), i, name)
		if (!strcmp(json_string_value(name), ifname))
			fprintf(stderr,
				"droplet: %s: a daemon keeps its chain as %s says, and undoes this "
				"with its next reload\n",
				ifname, json_string_value(json_object_get(o, "configuration")));
	json_decref(o);
}

int cmd_attach(int argc, char **argv)
{
	struct attach a = { CHAIN_AUTO, BLOCKLIST_MAX_DEFAULT };
	struct fail f = { 0 };
	int key;

	while ((key = cli_next(argc, argv, attach_opts, 0)) != -1) {
		if (key == 'M' &&
		    arg_number("--max-prefixes", optarg, 1, BLOCKLIST_MAX_LIMIT, &a.max, &f))
			return say_usage("%s", f.text);
		if (key == 'm' && !strcmp(optarg, "native"))
			a.mode = CHAIN_NATIVE;
		else if (key == 'm' && !strcmp(optarg, "generic"))
			a.mode = CHAIN_GENERIC;
		else if (key == 'm')
			return say_usage("--mode: %s: neither native nor generic", optarg);
	}
	if (attach(argv[optind], &a, &f))
		return say_fail(&f);
	mind_daemon(argv[optind]);
	return CLI_OK;
}

/* Policers out, then the chain if nobody else is in it. */
static int detach(struct chain *c, struct fail *f)
{
	struct chain_stage st;
	int err, found = 0;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot <= CHAIN_SLOT_POLICER_MAX; slot++) {
		if (chain_stage(c, slot, &st))
			continue;
		found = 1;
		err = stage_unload(c, slot, f);
		if (err)
			return err;
	}
	err = chain_release(c, f);
	if (err == 1)
		printf("%s: detached\n", c->ifname);
	if (err)
		return err < 0 ? err : 0;
	if (!found)
		return fail_set(f, ENOENT, "%s: no policer in its chain", c->ifname);
	printf("%s: policers removed, the chain stays with its load balancer\n", c->ifname);
	return 0;
}

/* Pins of an interface that is gone, or of a command that was killed. @why: of chain_open() */
static int clean_up(const char *ifname, int why, struct fail *f)
{
	int err = chain_sweep(ifname, why, f);

	if (!err)
		printf("%s: no chain any more, removed what was left of it\n", ifname);
	return err;
}

int cmd_detach(int argc, char **argv)
{
	struct fail f = { 0 };
	struct chain *c;
	char *ifname;
	int err;

	while (cli_next(argc, argv, NULL, 0) != -1)
		;
	ifname = argv[optind];
	err = chain_open(ifname, CHAIN_WRITE, &c, &f);
	if (err == -ESTALE || err == -ENOENT || err == -ENODEV) {
		err = clean_up(ifname, err, &f);
	} else if (!err) {
		err = detach(c, &f);
		chain_close(c);
	}
	if (err)
		return say_fail(&f);
	mind_daemon(ifname);
	return CLI_OK;
}
