// SPDX-License-Identifier: GPL-2.0
/* conn list, conn find, conn purge */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/lb_where.h"

#define PLACE (LB_TEXT + 16) /* bytes of an address and port */

struct args {
	const char *ifname;
	int json;
};

/* What is shown: names of numbers, and what is asked for. */
struct view {
	const struct args *args;
	const struct lb_service *vip; /* NULL: of all */
	const struct lb_flow *flow;   /* NULL: all */
	const struct lb_vip_state *vips[LB_VIPS];
	const struct lb_real_state *reals[LB_REALS];
	__u32 udp_idle_s;
	__u64 shown;
};

static void parse(int argc, char **argv, const struct cli_opt *opts, struct args *a)
{
	int key;

	*a = (struct args){ 0 };
	while ((key = cli_next(argc, argv, opts, 0)) != -1)
		if (key == 'i')
			a->ifname = optarg;
		else if (key == 'j')
			a->json = 1;
}

static int same_addr(const struct lb_addr *a, const struct lb_addr *b, int is_half)
{
	return a->family == b->family && !memcmp(a->word, b->word, is_half ? 8 : sizeof(a->word));
}

static int is_meant(const struct view *v, const struct lb_conn *c, const struct lb_service *vip)
{
	const struct lb_flow *f = v->flow;

	if (v->vip && memcmp(v->vip, vip, sizeof(*vip)))
		return 0;
	return !f || (f->proto == vip->proto && f->sport == c->sport && f->dport == c->dport &&
		      same_addr(&f->client, &c->client, c->is_half) &&
		      (!c->dst.family || same_addr(&f->dst, &c->dst, 0)));
}

static void place(char text[PLACE], const struct lb_addr *addr, __be16 port)
{
	char one[LB_TEXT];

	lb_addr_text(one, addr);
	snprintf(text, PLACE, addr->family == AF_INET6 ? "[%s]:%u" : "%s:%u", one, pkt_h16(port));
}

static const char *state_of(const struct lb_conn *c)
{
	return c->is_closing ? "closing" : c->is_used ? "open" : "new";
}

static int show(const struct lb_conn *c, void *arg)
{
	struct view *v = arg;
	const struct lb_vip_state *vip = v->vips[c->vip];
	const struct lb_real_state *real = v->reals[c->real];
	char client[PLACE], vip_text[LB_TEXT], real_text[LB_TEXT];

	if (!vip || !real || !is_meant(v, c, &vip->service) ||
	    !lb_conn_lives(c, vip->service.proto, v->udp_idle_s))
		return 0;
	v->shown++;
	place(client, &c->client, c->sport);
	lb_service_text(vip_text, &vip->service);
	lb_addr_text(real_text, &real->addr);
	if (v->args->json)
		status_print(json_pack("{s:s, s:s, s:i, s:s, s:s, s:f}", "client", client, "vip",
				       vip_text, "port", (int)pkt_h16(c->dport), "real", real_text,
				       "state", state_of(c), "idle_seconds", c->idle_ns / 1e9));
	else
		printf("%s%s %s port %u to %s, %s, idle %llu s\n", client, c->is_half ? "..." : "",
		       vip_text, pkt_h16(c->dport), real_text, state_of(c),
		       c->idle_ns / 1000000000);
	return 0;
}

static void name(struct view *v, const struct lb_state *state)
{
	for (size_t i = 0; i < state->count; i++) {
		const struct lb_vip_state *vip = &state->vips[i];

		v->vips[vip->number] = vip;
		for (size_t j = 0; j < vip->count_reals; j++)
			v->reals[vip->reals[j].number] = &vip->reals[j];
	}
}

/* Show those that are asked for; -ENOENT if a flow was, and there is none. */
static int list(struct xdplb *x, struct view *v, struct fail *f)
{
	struct lb_state state = { 0 };
	struct lb_options o;
	int err = lb_list(x->lb, &state, f);

	if (!err && lb_options(x->chain, &o))
		err = fail_set(f, EIO, "%s: cannot read its options", x->chain->ifname);
	if (!err) {
		v->udp_idle_s = o.udp_idle_s;
		name(v, &state);
		err = lb_conns_each(x->lb, show, v);
		if (err)
			fail_set(f, -err, "%s: cannot read the connection table: %s",
				 x->chain->ifname, strerror(-err));
	}
	lb_state_free(&state);
	if (!err && v->flow && !v->shown)
		err = fail_set(f, ENOENT,
			       "%s: that flow is not in the table: see xdplb where for who gets it",
			       x->chain->ifname);
	return err;
}

static int run(struct view *v)
{
	struct lb_vip_options o;
	struct fail f = { 0 };
	struct xdplb x;
	int err = 0;

	if (xdplb_open(v->args->ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	if (v->vip)
		err = lb_vip_get(x.lb, v->vip, &o, &f);
	if (!err)
		err = list(&x, v, &f);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}

int cmd_conn_list(int argc, char **argv)
{
	static struct view v;
	struct lb_service vip;
	struct fail f = { 0 };
	struct args a;

	parse(argc, argv, list_opts, &a);
	v.args = &a;
	if (optind < argc) {
		if (lb_service_parse(argv[optind], &vip, &f))
			return xdplb_usage(&f);
		v.vip = &vip;
	}
	return run(&v);
}

int cmd_conn_find(int argc, char **argv)
{
	static struct view v;
	struct fail f = { 0 };
	struct lb_flow flow;
	struct args a;

	parse(argc, argv, list_opts, &a);
	if (lb_flow_parse(argv[optind], argv[optind + 1], &flow, &f))
		return xdplb_usage(&f);
	v.args = &a;
	v.flow = &flow;
	return run(&v);
}

int cmd_conn_purge(int argc, char **argv)
{
	struct lb_service vip = { 0 };
	struct lb_addr real = { 0 };
	struct fail f = { 0 };
	struct xdplb x;
	struct args a;
	__u64 count;
	int is_vip, err;

	parse(argc, argv, list_opts, &a);
	is_vip = strchr(argv[optind], '/') != NULL;
	err = is_vip ? lb_service_parse(argv[optind], &vip, &f)
		     : lb_addr_parse(argv[optind], &real, &f);
	if (err)
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_WRITE, &x))
		return CLI_FAILED;
	err = lb_purge(x.lb, is_vip ? &vip : NULL, is_vip ? NULL : &real, &count, &f);
	xdplb_close(&x);
	if (err)
		return xdplb_fail(&f);
	if (a.json)
		status_print(json_pack("{s:I}", "purged", (json_int_t)count));
	else
		printf("%s: %llu connection%s forgotten\n", argv[optind], count,
		       count == 1 ? "" : "s");
	return CLI_OK;
}
