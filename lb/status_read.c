// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/status.h"
#include "lib/names.h"
#include "lib/util.h"

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

static int conns_read(struct xdplb *x, struct status *s, struct fail *f)
{
	s->conns = calloc(LB_REALS, sizeof(*s->conns));
	return s->conns ? lb_conns_count(x->lb, s->conns, f) : -ENOMEM;
}

int status_read(struct xdplb *x, int with_conns, struct status *s, struct fail *f)
{
	struct chain_totals *t = calloc(1, sizeof(*t));
	int err = t ? lb_list(x->lb, &s->state, f) : -ENOMEM;

	s->time_ns = now_ns();
	if (!err)
		err = lb_options(x->chain, &s->options);
	if (!err)
		err = lb_guard(x->lb, &s->guard);
	if (!err && with_conns)
		err = conns_read(x, s, f);
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

void status_free(struct status *s)
{
	lb_state_free(&s->state);
	free(s->conns);
	s->conns = NULL;
}

__u64 status_packets(const struct status *s, const char *name)
{
	for (size_t i = 0; i < s->count_reasons; i++)
		if (!strcmp(s->reasons[i].name, name))
			return s->reasons[i].count.packets;
	return 0;
}
