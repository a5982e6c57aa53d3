// SPDX-License-Identifier: GPL-2.0
/* vip add, vip del, vip set, vip list */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/args.h"
#include "lb/status.h"
#include "lb/xdplb.h"

const struct cli_opt edit_opts[] = {
	{ "json", 'j', NULL, "print as JSON what there is now" },
	IFACE_OPT,
	{ 0 },
};
const struct cli_opt list_opts[] = {
	{ "json", 'j', NULL, "as JSON, an object and line each" },
	IFACE_OPT,
	{ 0 },
};
const struct cli_opt vip_opts[] = {
	{ "options", 'o', "LIST",
	  "how it is served: gue, quic, one-shot, ...; none; with + and -: change these" },
	{ "id-bytes", 'b', "N|version", "with quic: bytes of a server id, or as its version says" },
	{ "json", 'j', NULL, "print as JSON what there is now" },
	IFACE_OPT,
	{ 0 },
};

struct args {
	const char *ifname, *flags, *id_bytes;
	struct lb_service vip;
	int json;
};

/* Options, then VIP if it is there. */
static int parse(int argc, char **argv, const struct cli_opt *opts, struct args *a, struct fail *f)
{
	int key;

	*a = (struct args){ 0 };
	while ((key = cli_next(argc, argv, opts, 0)) != -1)
		if (key == 'i')
			a->ifname = optarg;
		else if (key == 'o')
			a->flags = optarg;
		else if (key == 'b')
			a->id_bytes = optarg;
		else if (key == 'j')
			a->json = 1;
	return optind < argc ? lb_service_parse(argv[optind], &a->vip, f) : 0;
}

/* What the command line says of options, over those in @o. */
static int apply(const struct args *a, struct lb_vip_options *o, struct fail *f)
{
	int err = a->flags ? args_flags(a->flags, &o->flags, f) : 0;

	if (!err && a->id_bytes)
		err = args_id_bytes(a->id_bytes, &o->id_bytes, f);
	if (!err && o->flags & LB_VIP_QUIC && !o->id_bytes)
		err = fail_set(f, EINVAL, "quic: say how long a server id is: --id-bytes");
	return err;
}

static int add(struct lb *lb, const struct args *a, struct fail *f)
{
	struct lb_vip_options o = { 0 };
	int err = apply(a, &o, f);

	return err ? err : lb_vip_add(lb, &a->vip, &o, f);
}

static int del(struct lb *lb, const struct args *a, struct fail *f)
{
	return lb_vip_del(lb, &a->vip, f);
}

static int set(struct lb *lb, const struct args *a, struct fail *f)
{
	struct lb_vip_options o;
	int err = lb_vip_get(lb, &a->vip, &o, f);

	if (!err)
		err = apply(a, &o, f);
	return err ? err : lb_vip_set(lb, &a->vip, &o, f);
}

static void show(const struct lb_vip_state *v, int json)
{
	char text[LB_TEXT], flags[STATUS_FLAGS];

	if (json) {
		status_print(status_vip_json(v, NULL));
		return;
	}
	lb_service_text(text, &v->service);
	status_flags(&v->options, flags);
	printf("%s%s%s\n", text, *flags ? "  " : "", flags);
}

/* What has become of the VIP, for --json. */
static int say(struct lb *lb, const struct args *a, struct fail *f)
{
	struct lb_state state = { 0 };
	char text[LB_TEXT];
	int found = 0, err = lb_list(lb, &state, f);

	for (size_t i = 0; !err && i < state.count; i++)
		if (!memcmp(&state.vips[i].service, &a->vip, sizeof(a->vip))) {
			show(&state.vips[i], 1);
			found = 1;
		}
	lb_service_text(text, &a->vip);
	if (!err && !found)
		status_print(json_pack("{s:s,s:b}", "vip", text, "deleted", 1));
	lb_state_free(&state);
	return err;
}

/* Parse, open, and make the change @fn. */
static int change(int argc, char **argv, const struct cli_opt *opts,
		  int (*fn)(struct lb *, const struct args *, struct fail *))
{
	struct lb_vip_options try = { 0 };
	struct fail f = { 0 };
	struct xdplb x;
	struct args a;
	int err = parse(argc, argv, opts, &a, &f);

	/* words that mean nothing are wrong usage, whatever there is to change */
	if (!err && a.flags)
		err = args_flags(a.flags, &try.flags, &f);
	if (!err && a.id_bytes)
		err = args_id_bytes(a.id_bytes, &try.id_bytes, &f);
	if (err)
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_WRITE, &x))
		return CLI_FAILED;
	err = fn(x.lb, &a, &f);
	if (!err && a.json)
		err = say(x.lb, &a, &f);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}

int cmd_vip_add(int argc, char **argv)
{
	return change(argc, argv, vip_opts, add);
}

int cmd_vip_del(int argc, char **argv)
{
	return change(argc, argv, edit_opts, del);
}

int cmd_vip_set(int argc, char **argv)
{
	return change(argc, argv, vip_opts, set);
}

int cmd_vip_list(int argc, char **argv)
{
	struct lb_state state = { 0 };
	struct fail f = { 0 };
	struct xdplb x;
	struct args a;
	int err;

	parse(argc, argv, list_opts, &a, &f);
	if (xdplb_open(a.ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	err = lb_list(x.lb, &state, &f);
	for (size_t i = 0; !err && i < state.count; i++)
		show(&state.vips[i], a.json);
	lb_state_free(&state);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}
