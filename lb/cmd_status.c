// SPDX-License-Identifier: GPL-2.0
/* status */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/names.h"

const struct cli_opt status_opts[] = {
	{ "interface", 'i', "IFACE", "only this one" },
	{ "json", 'j', NULL, "as JSON, an object and line for each interface" },
	{ 0 },
};

static void reasons_read(const struct chain *c, const struct chain_totals *t, struct status *s)
{
	struct names *names = names_new(c);

	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		const char *name = names ? names_reason(names, CHAIN_SLOT_LB, 0, i) : NULL;
		struct status_reason *r = &s->reasons[s->count_reasons];

		if (!t->reasons[CHAIN_SLOT_LB][i].packets)
			continue;
		snprintf(r->name, sizeof(r->name), "%s", name ? name : "?");
		r->count = t->reasons[CHAIN_SLOT_LB][i];
		s->count_reasons++;
	}
	names_free(names);
}

static int status_read(struct xdplb *x, struct status *s, struct fail *f)
{
	struct chain_totals *t = calloc(1, sizeof(*t));
	int err = t ? lb_list(x->lb, &s->state, f) : -ENOMEM;

	if (!err)
		err = lb_options(x->chain, &s->options);
	if (!err)
		err = chain_totals(x->chain, t);
	if (!err) {
		snprintf(s->ifname, sizeof(s->ifname), "%s", x->chain->ifname);
		s->generic = x->chain->info.generic;
		s->memory = lb_memory(x->chain);
		reasons_read(x->chain, t, s);
		s->is_lost = veth_loss(x->chain, t, &s->loss);
	}
	free(t);
	if (err && !*f->text)
		fail_set(f, -err, "%s: %s", x->chain->ifname, strerror(-err));
	return err;
}

struct output {
	int json;
	int count;
};

static void show(const struct status *s, struct output *out)
{
	json_t *object;

	if (!out->json) {
		if (out->count++)
			printf("\n");
		status_text(s);
		return;
	}
	object = status_json(s);
	json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6));
	printf("\n");
	json_decref(object);
}

static int status_one(const char *ifname, void *arg)
{
	struct status *s = calloc(1, sizeof(*s));
	struct fail f = { 0 };
	struct xdplb x;
	int err;

	if (!s)
		return xdplb_fail(&f);
	if (xdplb_open(ifname, CHAIN_READ, &x)) {
		free(s);
		return CLI_FAILED;
	}
	err = status_read(&x, s, &f);
	if (!err)
		show(s, arg);
	lb_state_free(&s->state);
	free(s);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}

int cmd_status(int argc, char **argv)
{
	struct output out = { 0 };
	const char *ifname = NULL;
	int key;

	while ((key = cli_next(argc, argv, status_opts, 0)) != -1)
		if (key == 'i')
			ifname = optarg;
		else if (key == 'j')
			out.json = 1;
	return ifname ? status_one(ifname, &out) : xdplb_each(status_one, &out);
}
