// SPDX-License-Identifier: GPL-2.0
/* attach, detach */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lb/args.h"
#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/stage.h"
#include "lib/util.h"

const struct cli_opt attach_opts[] = {
	{ "mode", 'm', "native|generic",
	  "how XDP is attached, when this makes the chain (native, else generic)" },
	{ "gateway", 'g', "MAC|auto",
	  "who gets what is sent; auto: the router that the packet came from" },
	{ "lru-size", 'l', "N", "connections to remember, IPv4 and IPv6 each (1048576)" },
	{ "guard-rate", 'r', "N",
	  "new connections a CPU and second, above which the table rests; 0: never (125000)" },
	{ "udp-idle", 'u', "SECONDS", "a UDP flow that is idle for longer is a new one (60)" },
	{ "icmp-rate", 'e', "N",
	  "ICMP errors a CPU and second, that say what fits; 0: none (100)" },
	{ "gue-port", 'p', "N", "UDP port that GUE is sent to (6080)" },
	{ "source4", '4', "NET",
	  "outer IPv4 source; what is not of the prefix is the flow's "
	  "(172.16.0.0/16)" },
	{ "source6", '6', "NET", "outer IPv6 source (100::/64)" },
	{ "json", 'j', NULL, "print as JSON what was done" },
	{ 0 },
};

struct attach {
	enum chain_mode mode;
	const char *gateway; /* NULL: as it is */
	__u8 mac[6];
	/* NULL: as it is */
	const char *conns, *guard_rate, *udp_idle, *icmp_rate, *gue_port, *source4, *source6;
	int json;
};

int xdplb_mode(const char *text, enum chain_mode *mode, struct fail *f)
{
	if (!strcmp(text, "native"))
		*mode = CHAIN_NATIVE;
	else if (!strcmp(text, "generic"))
		*mode = CHAIN_GENERIC;
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

/* What was given, over what is in @o. */
static int apply(const struct attach *a, struct lb_options *o, struct fail *f)
{
	__u32 port = o->gue_port;
	const struct {
		const char *text, *what;
		__u32 min, max, *out;
	} numbers[] = {
		{ a->conns, "the table's size", 1, LB_CONNS_MAX, &o->conns },
		{ a->guard_rate, "the guard's rate", 0, 1000000000, &o->guard_rate },
		{ a->udp_idle, "the idle time", 1, 7200, &o->udp_idle_s },
		{ a->icmp_rate, "the rate of errors", 0, 1000000, &o->icmp_rate },
		{ a->gue_port, "the port", 1, 65535, &port },
	};
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(numbers); i++)
		if (numbers[i].text)
			err = args_number(numbers[i].text, numbers[i].what, numbers[i].min,
					  numbers[i].max, numbers[i].out, f);
	o->gue_port = port;
	if (!err && a->source4)
		err = lb_outer_parse(a->source4, AF_INET, &o->source4, f);
	if (!err && a->source6)
		err = lb_outer_parse(a->source6, AF_INET6, &o->source6, f);
	if (a->gateway) {
		o->has_gateway = strcmp(a->gateway, "auto") != 0;
		memcpy(o->gateway, a->mac, sizeof(o->gateway));
	}
	return err;
}

static const char **where(struct attach *a, int key)
{
	switch (key) {
	case 'l':
		return &a->conns;
	case 'r':
		return &a->guard_rate;
	case 'u':
		return &a->udp_idle;
	case 'e':
		return &a->icmp_rate;
	case 'p':
		return &a->gue_port;
	case '4':
		return &a->source4;
	case '6':
		return &a->source6;
	}
	return NULL;
}

static int parse(int argc, char **argv, struct attach *a, struct fail *f)
{
	struct lb_options try;
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, attach_opts, 0)) != -1) {
		const char **at = where(a, key);

		if (key == 'm')
			err = xdplb_mode(optarg, &a->mode, f);
		else if (key == 'g')
			err = parse_gateway(optarg, a, f);
		else if (key == 'j')
			a->json = 1;
		else if (at)
			*at = optarg;
	}
	lb_options_defaults(&try);
	return err ? err : apply(a, &try, f);
}

static int check_mode(const struct chain *c, enum chain_mode mode, struct fail *f)
{
	if (mode == CHAIN_AUTO || c->info.generic == (mode == CHAIN_GENERIC))
		return 0;
	return fail_set(f, EBUSY, "%s: the chain runs in %s mode, detach all of it to change that",
			c->ifname, c->info.generic ? "generic" : "native");
}

static void show(const struct chain *c, const struct lb_options *o, int json)
{
	const char *mode = c->info.generic ? "generic" : "native";
	long long memory = lb_memory(c);

	if (json)
		status_print(json_pack("{s:s, s:s, s:I, s:I}", "interface", c->ifname, "mode", mode,
				       "connections", (json_int_t)o->conns, "memory_bytes",
				       (json_int_t)memory));
	else
		printf("%s: lb attached, %s mode, 2 tables of %u connections, %.1f MiB\n",
		       c->ifname, mode, o->conns, memory / 1048576.0);
}

static int load(struct chain *c, const struct attach *a, struct fail *f)
{
	struct lb_options o;
	int err = lb_options(c, &o);

	if (err)
		return fail_set(f, -err, "%s: lb: %s", c->ifname, strerror(-err));
	err = apply(a, &o, f);
	if (!err)
		err = lb_load(c, &o, f);
	if (!err)
		show(c, &o, a->json);
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

static void show_detached(const char *ifname, int chain_too)
{
	status_print(json_pack("{s:s, s:b, s:b}", "interface", ifname, "detached", 1,
			       "chain_removed", chain_too));
}

/* Pins of an interface that is gone, or of a command that was killed. @why: of chain_open() */
static int clean_up(const char *ifname, int why, int json, struct fail *f)
{
	int err = chain_sweep(ifname, why, f);

	if (!err && json)
		show_detached(ifname, 1);
	else if (!err)
		printf("%s: no chain any more, removed what was left of it\n", ifname);
	return err;
}

static int detach(struct chain *c, int json, struct fail *f)
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
	if (json)
		show_detached(c->ifname, err);
	else
		printf("%s: lb detached%s\n", c->ifname,
		       err ? ", and the chain with it: it was the last" : "");
	return 0;
}

int cmd_detach(int argc, char **argv)
{
	struct fail f = { 0 };
	struct chain *c;
	int json = args_json(argc, argv), err;
	char *ifname = argv[optind];

	err = chain_open(ifname, CHAIN_WRITE, &c, &f);
	if (err == -ENOENT)
		fail_set(&f, ENOENT, "%s: no lb here", ifname);
	if (err == -ESTALE || err == -ENOENT || err == -ENODEV) {
		err = clean_up(ifname, err, json, &f);
	} else if (!err) {
		err = detach(c, json, &f);
		chain_close(c);
	}
	return err ? xdplb_fail(&f) : CLI_OK;
}
