// SPDX-License-Identifier: GPL-2.0
/* where: which real a flow would get, and by which way. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/args.h"
#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/lb_where.h"

const struct cli_opt where_opts[] = {
	{ "new", 'n', NULL, "as a new connection: what the table knows does not count" },
	{ "id", 'd', "N", "with this server id in it, for VIPs with quic or stable" },
	{ "json", 'j', NULL, "as a JSON object" },
	IFACE_OPT,
	{ 0 },
};

struct args {
	const char *ifname, *id;
	int json, is_new;
};

static int read_flow(char **words, const struct args *a, struct lb_flow *flow, struct fail *f)
{
	__u64 ids[ARGS_LIST];
	int n, err = lb_flow_parse(words[0], words[1], flow, f);

	if (err)
		return err;
	flow->is_syn = a->is_new;
	if (!a->id)
		return 0;
	n = args_ids(a->id, ids, f);
	if (n < 0)
		return n;
	if (n != 1)
		return fail_set(f, EINVAL, "%s: one id is wanted", a->id);
	flow->id = ids[0];
	return 0;
}

static void show(const struct lb_where *w, int json)
{
	char vip[LB_TEXT], real[LB_TEXT] = "", ring[LB_TEXT] = "";

	lb_service_text(vip, &w->vip);
	if (w->real.family)
		lb_addr_text(real, &w->real);
	if (w->ring.family)
		lb_addr_text(ring, &w->ring);
	if (json) {
		status_print(json_pack(
			"{s:s, s:s, s:o, s:o, s:i, s:o, s:b}", "vip", vip, "by", lb_by_name(w->by),
			"real", *real ? json_string(real) : json_null(), "mode",
			*real ? json_string(lb_mode_name(w->mode)) : json_null(), "ring_index",
			(int)w->index, "ring_real", *ring ? json_string(ring) : json_null(),
			"guard_on", w->guards != 0));
		return;
	}
	if (!*real) {
		printf("%s: to nobody: no real is in the ring\n", vip);
		return;
	}
	printf("%s: to %s (%s), by its %s%s%s%s\n", vip, real, lb_mode_name(w->mode),
	       lb_by_name(w->by), w->by == LB_BY_RING ? "" : "; the ring says ",
	       w->by == LB_BY_RING ? ""
	       : *ring		   ? ring
				   : "nobody",
	       w->guards ? "; the flood guard is on, the table is not asked" : "");
}

int cmd_where(int argc, char **argv)
{
	struct fail f = { 0 };
	struct args a = { 0 };
	struct lb_where w;
	struct lb_flow flow;
	struct xdplb x;
	int key, err;

	while ((key = cli_next(argc, argv, where_opts, 0)) != -1)
		if (key == 'i')
			a.ifname = optarg;
		else if (key == 'd')
			a.id = optarg;
		else if (key == 'j')
			a.json = 1;
		else if (key == 'n')
			a.is_new = 1;
	if (read_flow(argv + optind, &a, &flow, &f))
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	err = lb_where(x.lb, &flow, &w, &f);
	xdplb_close(&x);
	if (err)
		return xdplb_fail(&f);
	show(&w, a.json);
	return CLI_OK;
}
