// SPDX-License-Identifier: GPL-2.0
/* vip add, vip del, vip list, real add, real del */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/xdplb.h"

#define IFACE_OPT                                                                                  \
	{                                                                                          \
		"interface", 'i', "IFACE", "where, if more than one interface has a balancer"      \
	}

const struct cli_opt iface_opts[] = { IFACE_OPT, { 0 } };
const struct cli_opt real_add_opts[] = {
	{ "weight", 'w', "N", "share against the other reals: 1 to 1000 (1)" },
	IFACE_OPT,
	{ 0 },
};

struct args {
	const char *ifname;
	struct lb_service vip;
	struct lb_addr real;
	__u32 weight;
};

static int parse_weight(const char *text, __u32 *weight, struct fail *f)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (*text < '0' || *text > '9' || *end || !n || n > LB_WEIGHT_MAX)
		return fail_set(f, EINVAL, "%s: the weight must be 1 to %d", text, LB_WEIGHT_MAX);
	*weight = n;
	return 0;
}

/* Options, then VIP and ADDR as far as they are there. */
static int parse(int argc, char **argv, const struct cli_opt *opts, struct args *a, struct fail *f)
{
	int key, err = 0;

	*a = (struct args){ .weight = 1 };
	while (!err && (key = cli_next(argc, argv, opts, 0)) != -1)
		if (key == 'i')
			a->ifname = optarg;
		else if (key == 'w')
			err = parse_weight(optarg, &a->weight, f);
	if (!err && optind < argc)
		err = lb_service_parse(argv[optind], &a->vip, f);
	if (!err && optind + 1 < argc)
		err = lb_addr_parse(argv[optind + 1], &a->real, f);
	return err;
}

/* Parse, open, and make the change @fn. */
static int change(int argc, char **argv, const struct cli_opt *opts,
		  int (*fn)(struct lb *, const struct args *, struct fail *))
{
	struct fail f = { 0 };
	struct xdplb x;
	struct args a;
	int err;

	if (parse(argc, argv, opts, &a, &f))
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_WRITE, &x))
		return CLI_FAILED;
	err = fn(x.lb, &a, &f);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}

static int vip_add(struct lb *lb, const struct args *a, struct fail *f)
{
	return lb_vip_add(lb, &a->vip, NULL, f);
}

static int vip_del(struct lb *lb, const struct args *a, struct fail *f)
{
	return lb_vip_del(lb, &a->vip, f);
}

static int real_add(struct lb *lb, const struct args *a, struct fail *f)
{
	return lb_real_add(lb, &a->vip, &a->real, a->weight, f);
}

static int real_del(struct lb *lb, const struct args *a, struct fail *f)
{
	return lb_real_del(lb, &a->vip, &a->real, f);
}

int cmd_vip_add(int argc, char **argv)
{
	return change(argc, argv, iface_opts, vip_add);
}

int cmd_vip_del(int argc, char **argv)
{
	return change(argc, argv, iface_opts, vip_del);
}

int cmd_real_add(int argc, char **argv)
{
	return change(argc, argv, real_add_opts, real_add);
}

int cmd_real_del(int argc, char **argv)
{
	return change(argc, argv, iface_opts, real_del);
}

int cmd_vip_list(int argc, char **argv)
{
	struct lb_state state = { 0 };
	struct fail f = { 0 };
	char text[LB_TEXT];
	struct xdplb x;
	struct args a;
	int err;

	if (parse(argc, argv, iface_opts, &a, &f))
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	err = lb_list(x.lb, &state, &f);
	for (size_t i = 0; !err && i < state.count; i++) {
		lb_service_text(text, &state.vips[i].service);
		printf("%s\n", text);
	}
	lb_state_free(&state);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}
