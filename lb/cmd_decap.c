// SPDX-License-Identifier: GPL-2.0
/* decap add, decap del */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "lb/args.h"
#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/decap.h"

const struct cli_opt decap_opts[] = {
	{ "slot", 's', "N", "where, 1 to 14: what follows sees the inner packet (the first free)" },
	{ "gue-port", 'p', "N", "UDP port that GUE comes to; 0: none (6080)" },
	{ "to", 't', "ADDR", "only what was sent to it; may be given more than once" },
	{ "mode", 'm', "native|generic", "how XDP is attached, when this makes the chain" },
	{ "json", 'j', NULL, "print as JSON what was done" },
	{ 0 },
};

struct args {
	struct decap_options options;
	enum chain_mode mode;
	__u32 slot;
	int json;
};

static int parse_to(struct args *a, const char *text, struct fail *f)
{
	struct decap_options *o = &a->options;

	if (o->count == LB_DECAP_TO)
		return fail_set(f, EINVAL, "%s: %d addresses are all", text, LB_DECAP_TO);
	return lb_addr_parse(text, &o->to[o->count++], f);
}

static int parse(int argc, char **argv, struct args *a, struct fail *f)
{
	__u32 port = LB_GUE_PORT;
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, decap_opts, 0)) != -1)
		if (key == 's')
			err = args_number(optarg, "the slot", CHAIN_SLOT_POLICER_MIN,
					  CHAIN_SLOT_POLICER_MAX, &a->slot, f);
		else if (key == 'p')
			err = args_number(optarg, "the port", 0, 65535, &port, f);
		else if (key == 't')
			err = parse_to(a, optarg, f);
		else if (key == 'm')
			err = xdplb_mode(optarg, &a->mode, f);
		else if (key == 'j')
			a->json = 1;
	a->options.gue_port = port;
	return err;
}

static void show(const struct chain *c, __u32 slot, int json)
{
	if (json)
		status_print(json_pack("{s:s, s:s, s:i}", "interface", c->ifname, "mode",
				       c->info.generic ? "generic" : "native", "slot", (int)slot));
	else
		printf("%s: decap in slot %u\n", c->ifname, slot);
}

static void show_removed(const struct chain *c, int chain_too, int json)
{
	if (json)
		status_print(json_pack("{s:s, s:b, s:b}", "interface", c->ifname, "removed", 1,
				       "chain_removed", chain_too));
	else
		printf("%s: decap removed%s\n", c->ifname,
		       chain_too ? ", and the chain with it: it was the last" : "");
}

int cmd_decap_add(int argc, char **argv)
{
	struct args a = { .mode = CHAIN_AUTO };
	struct fail f = { 0 };
	struct chain *c;
	int err = parse(argc, argv, &a, &f);

	if (err)
		return xdplb_usage(&f);
	err = chain_attach(argv[optind], a.mode, &c, &f);
	if (err)
		return xdplb_fail(&f);
	err = decap_load(c, a.slot, &a.options, &f);
	if (err)
		chain_release(c, NULL); /* what was just made for nothing */
	else
		show(c, decap_slot(c), a.json);
	chain_close(c);
	return err ? xdplb_fail(&f) : CLI_OK;
}

int cmd_decap_del(int argc, char **argv)
{
	struct fail f = { 0 };
	struct chain *c;
	int json = args_json(argc, argv), err, last = 0;

	err = chain_open(argv[optind], CHAIN_WRITE, &c, &f);
	if (err == -ENOENT)
		fail_set(&f, ENOENT, "%s: no decap here", argv[optind]);
	if (err)
		return xdplb_fail(&f);
	err = decap_unload(c, &f);
	if (!err)
		last = chain_release(c, &f);
	if (!err && last >= 0)
		show_removed(c, last, json);
	chain_close(c);
	return err || last < 0 ? xdplb_fail(&f) : CLI_OK;
}
