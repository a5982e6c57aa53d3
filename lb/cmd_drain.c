// SPDX-License-Identifier: GPL-2.0
/* real drain */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/util.h"

#define POLL_US 250000

const struct cli_opt drain_opts[] = {
	{ "no-wait", 'n', NULL, "do not wait until the last connection has ended" },
	{ "json", 'j', NULL, "as JSON, an object and line for each change" },
	IFACE_OPT,
	{ 0 },
};

struct drain {
	const char *ifname;
	struct lb_service vip;
	struct lb_addr real;
	int no_wait, json;
	__u64 since_ns;
};

/* The number of the real, as long as it is drained; 0: it is not any more. */
static __u32 number_of(const struct lb_state *state, const struct drain *d)
{
	for (size_t i = 0; i < state->count; i++) {
		const struct lb_vip_state *v = &state->vips[i];

		if (memcmp(&v->service, &d->vip, sizeof(d->vip)))
			continue;
		for (size_t j = 0; j < v->count_reals; j++)
			if (!memcmp(&v->reals[j].addr, &d->real, sizeof(d->real)))
				return v->reals[j].mode == LB_REAL_DRAIN ? v->reals[j].number : 0;
	}
	return 0;
}

/* Connections that are left; -ECANCELED when somebody else has other ideas. */
static int left(struct xdplb *x, const struct drain *d, struct fail *f)
{
	static __u32 conns[LB_REALS];
	struct lb_state state = { 0 };
	char real[LB_TEXT];
	int err = lb_list(x->lb, &state, f);
	__u32 number = err ? 0 : number_of(&state, d);

	lb_state_free(&state);
	if (err)
		return err;
	lb_addr_text(real, &d->real);
	if (!number)
		return fail_set(f, ECANCELED, "%s: is not drained any more", real);
	err = lb_conns_count(x->lb, conns, f);
	return err ? err : (int)conns[number];
}

static void show(const struct drain *d, int count)
{
	double seconds = (now_ns() - d->since_ns) / 1e9;
	char vip[LB_TEXT], real[LB_TEXT];

	lb_service_text(vip, &d->vip);
	lb_addr_text(real, &d->real);
	if (d->json)
		status_print(json_pack("{s:s, s:s, s:i, s:f}", "vip", vip, "real", real,
				       "connections", count, "seconds", seconds));
	else if (count)
		printf("%s: %d connection%s left after %.0f s\n", real, count,
		       count == 1 ? "" : "s", seconds);
	else
		printf("%s: empty after %.0f s\n", real, seconds);
	fflush(stdout);
}

/* Say how many are left whenever that changes, until none is. */
static int watch(const struct drain *d, struct xdplb *x, struct fail *f)
{
	int count, last = -1;

	for (;;) {
		count = left(x, d, f);
		if (count < 0)
			return count;
		if (count != last)
			show(d, count);
		last = count;
		if (!count || d->no_wait)
			return 0;
		usleep(POLL_US);
	}
}

static int start(struct drain *d, struct fail *f)
{
	struct xdplb x;
	int err;

	if (xdplb_open(d->ifname, CHAIN_WRITE, &x))
		return -ECANCELED;
	d->since_ns = now_ns();
	err = lb_real_mode(x.lb, &d->vip, &d->real, LB_REAL_DRAIN, f);
	xdplb_close(&x); /* others may change things while we wait */
	return err;
}

int cmd_real_drain(int argc, char **argv)
{
	struct drain d = { 0 };
	struct fail f = { 0 };
	struct xdplb x;
	int key, err;

	while ((key = cli_next(argc, argv, drain_opts, 0)) != -1)
		if (key == 'i')
			d.ifname = optarg;
		else if (key == 'n')
			d.no_wait = 1;
		else if (key == 'j')
			d.json = 1;
	if (lb_service_parse(argv[optind], &d.vip, &f) ||
	    lb_addr_parse(argv[optind + 1], &d.real, &f))
		return xdplb_usage(&f);
	err = start(&d, &f);
	if (err)
		return *f.text ? xdplb_fail(&f) : CLI_FAILED;
	if (xdplb_open(d.ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	err = watch(&d, &x, &f);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}
