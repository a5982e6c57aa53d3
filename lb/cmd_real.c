// SPDX-License-Identifier: GPL-2.0
/* real add, real del, real set, real list */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/args.h"
#include "lb/status.h"
#include "lb/xdplb.h"

#define REAL_OPTS                                                                                  \
	{ "weight", 'w', "N", "share against the other reals: 0 to 1000 (1)" },                    \
		{ "id", 'd', "LIST", "server ids that it has, or none" },                          \
	{                                                                                          \
		"source", 's', "LIST", "prefixes of clients that it gets whatever else, or none"   \
	}

#define JSON_OPT                                                                                   \
	{                                                                                          \
		"json", 'j', NULL, "print as JSON what there is now"                               \
	}

const struct cli_opt real_add_opts[] = { REAL_OPTS, JSON_OPT, IFACE_OPT, { 0 } };
const struct cli_opt real_set_opts[] = {
	REAL_OPTS, { "mode", 'm', "up|down|drain", "whether new connections go there" },
	JSON_OPT,  IFACE_OPT,
	{ 0 },
};

struct args {
	const char *ifname, *weight, *ids, *sources, *mode;
	struct lb_service vip;
	struct lb_addr real;
	int json;
};

/* What the options mean; counts are -1 where an option was not given. */
struct values {
	__u32 weight;
	int has_weight, has_mode, count_ids, count_sources;
	enum lb_real_mode mode;
	__u64 ids[ARGS_LIST];
	struct prefix sources[ARGS_LIST];
};

/* Options, then VIP and ADDR as far as they are there. */
static int parse(int argc, char **argv, const struct cli_opt *opts, struct args *a, struct fail *f)
{
	int key, err = 0;

	*a = (struct args){ 0 };
	while ((key = cli_next(argc, argv, opts, 0)) != -1) {
		const char **where = key == 'i'	  ? &a->ifname
				     : key == 'w' ? &a->weight
				     : key == 'd' ? &a->ids
				     : key == 's' ? &a->sources
				     : key == 'm' ? &a->mode
						  : NULL;

		if (where)
			*where = optarg;
		else if (key == 'j')
			a->json = 1;
	}
	if (optind < argc)
		err = lb_service_parse(argv[optind], &a->vip, f);
	if (!err && optind + 1 < argc)
		err = lb_addr_parse(argv[optind + 1], &a->real, f);
	return err;
}

static int values_read(const struct args *a, struct values *v, struct fail *f)
{
	int err = 0;

	v->count_ids = v->count_sources = -1;
	v->weight = 1;
	v->has_weight = !!a->weight;
	v->has_mode = !!a->mode;
	if (a->weight)
		err = args_number(a->weight, "the weight", 0, LB_WEIGHT_MAX, &v->weight, f);
	if (!err && a->mode)
		err = args_mode(a->mode, &v->mode, f);
	if (!err && a->ids)
		err = v->count_ids = args_ids(a->ids, v->ids, f);
	if (err >= 0 && a->sources)
		err = v->count_sources = args_prefixes(a->sources, v->sources, f);
	return err < 0 ? err : 0;
}

static int claims(struct lb *lb, const struct args *a, const struct values *v, struct fail *f)
{
	int err = 0;

	if (v->count_ids >= 0)
		err = lb_real_ids(lb, &a->vip, &a->real, v->ids, v->count_ids, f);
	if (!err && v->count_sources >= 0)
		err = lb_real_sources(lb, &a->vip, &a->real, v->sources, v->count_sources, f);
	return err;
}

static int add(struct lb *lb, const struct args *a, const struct values *v, struct fail *f)
{
	int err = lb_real_add(lb, &a->vip, &a->real, v->weight, f);

	if (err)
		return err;
	err = claims(lb, a, v, f);
	if (err)
		lb_real_del(lb, &a->vip, &a->real, NULL);
	return err;
}

static int del(struct lb *lb, const struct args *a, const struct values *v, struct fail *f)
{
	(void)v;
	return lb_real_del(lb, &a->vip, &a->real, f);
}

static int set(struct lb *lb, const struct args *a, const struct values *v, struct fail *f)
{
	int err = claims(lb, a, v, f);

	if (!err && v->has_weight)
		err = lb_real_weight(lb, &a->vip, &a->real, v->weight, f);
	if (!err && v->has_mode)
		err = lb_real_mode(lb, &a->vip, &a->real, v->mode, f);
	return err;
}

static void show(const struct lb_vip_state *v, const struct lb_real_state *r, const struct args *a,
		 const __u32 *conns)
{
	char vip[LB_TEXT], real[LB_TEXT];
	json_t *o;

	lb_service_text(vip, &v->service);
	lb_addr_text(real, &r->addr);
	if (a->json) {
		o = status_real_json(r, conns);
		json_object_set_new(o, "vip", json_string(vip));
		status_print(o);
		return;
	}
	printf("%s %s weight %u %s %.1f %% %u connection%s\n", vip, real, r->weight,
	       lb_mode_name(r->mode), status_share(r), conns[r->number],
	       conns[r->number] == 1 ? "" : "s");
}

/* What has become of the real, for --json. */
static int say(struct lb *lb, const struct args *a, struct fail *f)
{
	static __u32 conns[LB_REALS];
	struct lb_state state = { 0 };
	char vip[LB_TEXT], real[LB_TEXT];
	int found = 0, err = lb_list(lb, &state, f);

	if (!err)
		err = lb_conns_count(lb, conns, f);
	for (size_t i = 0; !err && i < state.count; i++) {
		const struct lb_vip_state *v = &state.vips[i];

		if (memcmp(&v->service, &a->vip, sizeof(a->vip)))
			continue;
		for (size_t j = 0; j < v->count_reals; j++)
			if (!memcmp(&v->reals[j].addr, &a->real, sizeof(a->real))) {
				show(v, &v->reals[j], a, conns);
				found = 1;
			}
	}
	lb_service_text(vip, &a->vip);
	lb_addr_text(real, &a->real);
	if (!err && !found)
		status_print(json_pack("{s:s,s:s,s:b}", "vip", vip, "real", real, "deleted", 1));
	lb_state_free(&state);
	return err;
}

/* Parse, open, and make the change @fn. */
static int change(int argc, char **argv, const struct cli_opt *opts,
		  int (*fn)(struct lb *, const struct args *, const struct values *, struct fail *))
{
	static struct values v;
	struct fail f = { 0 };
	struct xdplb x;
	struct args a;
	int err = parse(argc, argv, opts, &a, &f);

	if (!err)
		err = values_read(&a, &v, &f);
	if (!err && fn == set && !a.weight && !a.mode && !a.ids && !a.sources)
		err = fail_set(&f, EINVAL, "real set: nothing to set: see xdplb real set --help");
	if (err)
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_WRITE, &x))
		return CLI_FAILED;
	err = fn(x.lb, &a, &v, &f);
	if (!err && a.json)
		err = say(x.lb, &a, &f);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}

int cmd_real_add(int argc, char **argv)
{
	return change(argc, argv, real_add_opts, add);
}

int cmd_real_del(int argc, char **argv)
{
	return change(argc, argv, edit_opts, del);
}

int cmd_real_set(int argc, char **argv)
{
	return change(argc, argv, real_set_opts, set);
}

/* Those of the VIP that was named, or of all. */
static int list(struct xdplb *x, const struct args *a, int is_one, struct fail *f)
{
	struct lb_state state = { 0 };
	static __u32 conns[LB_REALS];
	int err = lb_list(x->lb, &state, f), found = !is_one;

	if (!err)
		err = lb_conns_count(x->lb, conns, f);
	for (size_t i = 0; !err && i < state.count; i++) {
		const struct lb_vip_state *v = &state.vips[i];

		if (is_one && memcmp(&v->service, &a->vip, sizeof(a->vip)))
			continue;
		found = 1;
		for (size_t j = 0; j < v->count_reals; j++)
			show(v, &v->reals[j], a, conns);
	}
	lb_state_free(&state);
	if (!err && !found) {
		char vip[LB_TEXT];

		lb_service_text(vip, &a->vip);
		err = fail_set(f, ENOENT, "%s: no such VIP on %s: see xdplb vip list", vip,
			       x->chain->ifname);
	}
	return err;
}

int cmd_real_list(int argc, char **argv)
{
	struct fail f = { 0 };
	struct xdplb x;
	struct args a;
	int err;

	if (parse(argc, argv, list_opts, &a, &f))
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	err = list(&x, &a, optind < argc, &f);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}
