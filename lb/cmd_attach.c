// SPDX-License-Identifier: GPL-2.0
/* attach, detach */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/xdplb.h"
#include "lib/stage.h"

const struct cli_opt attach_opts[] = {
	{ "mode", 'm', "native|generic",
	  "how XDP is attached, when this makes the chain (native, else generic)" },
	{ "gateway", 'g', "MAC|auto",
	  "who gets what is sent; auto: the router that the packet came from" },
	{ "lru-size", 'l', "N", "connections to remember, IPv4 and IPv6 each (1048576)" },
	{ 0 },
};

struct attach {
	enum chain_mode mode;
	const char *gateway; /* NULL: as it is */
	__u8 mac[6];
	__u32 conns; /* 0: as it is */
};

static int parse_mode(const char *text, struct attach *a, struct fail *f)
{
	if (!strcmp(text, "native"))
		a->mode = CHAIN_NATIVE;
	else if (!strcmp(text, "generic"))
		a->mode = CHAIN_GENERIC;
	else
		return fail_set(f, EINVAL, "%s: the mode must be native or generic", text);
	return 0;
}

static int parse_gateway(const char *text, struct attach *a, struct fail *f)
{
	__u8 *m = a->mac;
	int end = 0;

	a->gateway = text;
	if (!strcmp(text, "auto"))
		return 0;
	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &m[0], &m[1], &m[2], &m[3], &m[4],
		   &m[5], &end) != 6 ||
	    strlen(text) != 17 || end != 17)
		return fail_set(f, EINVAL, "%s: not a MAC address such as 02:00:00:00:00:01", text);
	if (m[0] & 1 || !(m[0] | m[1] | m[2] | m[3] | m[4] | m[5]))
		return fail_set(f, EINVAL, "%s: not the MAC address of one host", text);
	return 0;
}

static int parse_conns(const char *text, struct attach *a, struct fail *f)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !n || n > LB_CONNS_MAX)
		return fail_set(f, EINVAL, "%s: the table's size must be 1 to %u", text,
				LB_CONNS_MAX);
	a->conns = n;
	return 0;
}

static int parse(int argc, char **argv, struct attach *a, struct fail *f)
{
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, attach_opts, 0)) != -1)
		switch (key) {
		case 'm':
			err = parse_mode(optarg, a, f);
			break;
		case 'g':
			err = parse_gateway(optarg, a, f);
			break;
		case 'l':
			err = parse_conns(optarg, a, f);
			break;
		}
	return err;
}

static int check_mode(const struct chain *c, enum chain_mode mode, struct fail *f)
{
	if (mode == CHAIN_AUTO || c->info.generic == (mode == CHAIN_GENERIC))
		return 0;
	return fail_set(f, EBUSY, "%s: the chain runs in %s mode, detach all of it to change that",
			c->ifname, c->info.generic ? "generic" : "native");
}

static int load(struct chain *c, const struct attach *a, struct fail *f)
{
	struct lb_options o;
	int err = lb_options(c, &o);

	if (err)
		return fail_set(f, -err, "%s: lb: %s", c->ifname, strerror(-err));
	if (a->conns)
		o.conns = a->conns;
	if (a->gateway) {
		o.has_gateway = strcmp(a->gateway, "auto") != 0;
		memcpy(o.gateway, a->mac, sizeof(o.gateway));
	}
	err = lb_load(c, &o, f);
	if (!err)
		printf("%s: lb attached, %s mode, 2 tables of %u connections, %.1f MiB\n",
		       c->ifname, c->info.generic ? "generic" : "native", o.conns,
		       lb_memory(c) / 1048576.0);
	return err;
}

int cmd_attach(int argc, char **argv)
{
	struct attach a = { .mode = CHAIN_AUTO };
	struct fail f = { 0 };
	struct chain *c;
	int err = parse(argc, argv, &a, &f);

	if (err)
		return xdplb_usage(&f);
	err = chain_attach(argv[optind], a.mode, &c, &f);
	if (err)
		return xdplb_fail(&f);
	err = check_mode(c, a.mode, &f);
	if (!err)
		err = load(c, &a, &f);
	if (err)
		chain_release(c, NULL); /* what was just made for nothing */
	chain_close(c);
	return err ? xdplb_fail(&f) : CLI_OK;
}

/* Pins of an interface that is gone, or of a command that was killed. @why: of chain_open() */
static int clean_up(const char *ifname, int why, struct fail *f)
{
	int err = chain_sweep(ifname, why, f);

	if (!err)
		printf("%s: no chain any more, removed what was left of it\n", ifname);
	return err;
}

static int detach(struct chain *c, struct fail *f)
{
	struct chain_stage st;
	int err;

	if (chain_stage(c, CHAIN_SLOT_LB, &st))
		return fail_set(f, ENOENT, "%s: no lb here", c->ifname);
	err = stage_unload(c, CHAIN_SLOT_LB, f);
	if (err)
		return err;
	err = chain_release(c, f);
	if (err < 0)
		return err;
	printf("%s: lb detached%s\n", c->ifname,
	       err ? ", and the chain with it: it was the last" : "");
	return 0;
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
	if (err == -ENOENT)
		fail_set(&f, ENOENT, "%s: no lb here", ifname);
	if (err == -ESTALE || err == -ENOENT || err == -ENODEV) {
		err = clean_up(ifname, err, &f);
	} else if (!err) {
		err = detach(c, &f);
		chain_close(c);
	}
	return err ? xdplb_fail(&f) : CLI_OK;
}
