// SPDX-License-Identifier: GPL-2.0
/* simulate: what a change of reals would do to new connections, without making it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/args.h"
#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/lb_simulate.h"

#define CHANGES 256

const struct cli_opt simulate_opts[] = {
	{ "add", 'a', "ADDR[=N]", "a real more, of weight N (1)" },
	{ "del", 'd', "ADDR", "that real less" },
	{ "weight", 'w', "ADDR=N", "another weight; 0: as if it were drained" },
	{ "json", 'j', NULL, "as a JSON object" },
	IFACE_OPT,
	{ 0 },
};

struct change {
	int what; /* the option's letter */
	struct lb_addr addr;
	__u32 weight;
};

struct args {
	const char *ifname;
	int json;
	struct change changes[CHANGES];
	size_t count;
};

/* ADDR or ADDR=N, for which an IPv6 address needs no brackets; of IPv4, ADDR:N too. */
static int read_change(int what, const char *text, struct args *a, struct fail *f)
{
	struct change *c = &a->changes[a->count];
	const char *weight = strchr(text, '=');
	char addr[LB_TEXT];
	int err;

	if (!weight && strchr(text, ':') == strrchr(text, ':'))
		weight = strchr(text, ':');
	if (a->count == CHANGES)
		return fail_set(f, EINVAL, "%s: %d changes are all", text, CHANGES);
	if ((!weight && what == 'w') || (weight && what == 'd'))
		return fail_set(f, EINVAL, "%s: write %s", text,
				what == 'd' ? "ADDR" : "ADDR=WEIGHT");
	snprintf(addr, sizeof(addr), "%.*s", weight ? (int)(weight - text) : (int)strlen(text),
		 text);
	*c = (struct change){ .what = what, .weight = 1 };
	err = lb_addr_parse(addr, &c->addr, f);
	if (!err && weight)
		err = args_number(weight + 1, "the weight", 0, LB_WEIGHT_MAX, &c->weight, f);
	a->count += !err;
	return err;
}

static int parse(int argc, char **argv, struct args *a, struct lb_service *vip, struct fail *f)
{
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, simulate_opts, 0)) != -1)
		if (key == 'i')
			a->ifname = optarg;
		else if (key == 'j')
			a->json = 1;
		else
			err = read_change(key, optarg, a, f);
	if (!err && !a->count)
		err = fail_set(f, EINVAL, "simulate: nothing to change: --add, --del or --weight");
	return err ? err : lb_service_parse(argv[optind], vip, f);
}

/* The weight in the ring: as lib/lb_ring.c, where all that are up are down, and that is open. */
static __u32 weight_of(const struct lb_real_state *r, int down_too)
{
	return r->mode == LB_REAL_UP || (r->mode == LB_REAL_DOWN && down_too) ? r->weight : 0;
}

static int is_all_down(const struct lb_vip_state *v)
{
	for (size_t i = 0; i < v->count_reals; i++)
		if (weight_of(&v->reals[i], 0))
			return 0;
	return v->options.flags & LB_VIP_FAIL_OPEN;
}

static int apply_one(const struct lb_vip_state *v, const struct change *c,
		     struct lb_sim_real *reals, size_t *count, struct fail *f)
{
	char text[LB_TEXT];
	size_t i = 0;

	lb_addr_text(text, &c->addr);
	while (i < *count && memcmp(&reals[i].addr, &c->addr, sizeof(c->addr)))
		i++;
	if (c->what == 'a') {
		if (i < *count)
			return fail_set(f, EEXIST, "%s: is a real already", text);
		if (lb_real_check(&v->service, &c->addr, c->weight, f))
			return -EINVAL;
		reals[(*count)++] =
			(struct lb_sim_real){ .addr = c->addr, .weight_then = c->weight };
		return 0;
	}
	if (i == *count)
		return fail_set(f, ENOENT, "%s: no such real: see xdplb real list", text);
	reals[i].weight_then = c->what == 'd' ? 0 : c->weight;
	if (c->what == 'w' && i < v->count_reals && v->reals[i].mode != LB_REAL_UP)
		reals[i].weight_then = 0; /* it is out of the ring, whatever its weight */
	return 0;
}

static double percent(__u32 entries)
{
	return 100.0 * entries / LB_RING;
}

static void show(const struct args *a, const struct lb_sim_real *reals, size_t count,
		 const struct lb_sim *s)
{
	json_t *list = a->json ? json_array() : NULL;
	char text[LB_TEXT];

	for (size_t i = 0; i < count; i++) {
		lb_addr_text(text, &reals[i].addr);
		if (a->json)
			json_array_append_new(list,
					      json_pack("{s:s, s:f, s:f}", "real", text,
							"share_percent", percent(reals[i].now),
							"planned_percent", percent(reals[i].then)));
		else
			printf("%s %.2f %% -> %.2f %%\n", text, percent(reals[i].now),
			       percent(reals[i].then));
	}
	if (a->json)
		status_print(json_pack("{s:o, s:f, s:f, s:f}", "reals", list, "moved_percent",
				       percent(s->moved), "needed_percent", percent(s->needed),
				       "collateral_percent", percent(s->moved - s->needed)));
	else
		printf("of new connections, %.2f %% go elsewhere; %.2f %% must, %.2f %% are "
		       "collateral\n",
		       percent(s->moved), percent(s->needed), percent(s->moved - s->needed));
}

static int simulate(const struct lb_vip_state *v, const struct args *a, struct fail *f)
{
	struct lb_sim_real *reals = calloc(v->count_reals + a->count, sizeof(*reals));
	size_t count = v->count_reals;
	int err = reals ? 0 : -ENOMEM, down_too = is_all_down(v);
	struct lb_sim s;

	for (size_t i = 0; !err && i < count; i++) {
		__u32 weight = weight_of(&v->reals[i], down_too);

		reals[i] = (struct lb_sim_real){ .addr = v->reals[i].addr,
						 .weight_now = weight,
						 .weight_then = weight };
	}
	for (size_t i = 0; !err && i < a->count; i++)
		err = apply_one(v, &a->changes[i], reals, &count, f);
	if (!err) {
		err = lb_simulate(reals, count, &s);
		if (err)
			fail_errno(f, -err, "simulate");
	}
	if (!err)
		show(a, reals, count, &s);
	free(reals);
	return err;
}

int cmd_simulate(int argc, char **argv)
{
	static struct args a;
	struct lb_state state = { 0 };
	struct lb_vip_options o;
	struct lb_service vip;
	struct fail f = { 0 };
	struct xdplb x;
	int err;

	if (parse(argc, argv, &a, &vip, &f))
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	err = lb_vip_get(x.lb, &vip, &o, &f);
	if (!err)
		err = lb_list(x.lb, &state, &f);
	for (size_t i = 0; !err && i < state.count; i++)
		if (!memcmp(&state.vips[i].service, &vip, sizeof(vip)))
			err = simulate(&state.vips[i], &a, &f);
	lb_state_free(&state);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}
