// SPDX-License-Identifier: GPL-2.0
/*
 * source_pick - which source an interface is: its chain; without one, whatever XDP program it has,
 * if the kernel lets it be traced; else what libpcap sees.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/ifprog.h"
#include "lib/watch.h"
#include "xdpdump/source.h"

/* What only a chain can say of a packet. */
static const char *asks_stages(const struct opts *o)
{
	return o->stage ? "--stage" : o->reason ? "--reason" : o->rule_count ? "--rule" : NULL;
}

/* What libpcap cannot. */
static const char *asks_xdp(const struct source *s)
{
	if (s->opts->verdicts)
		return "--verdict";
	if (s->points != 1u << EVENT_EXIT)
		return "--point";
	return asks_stages(s->opts);
}

/* @why: what there is to say of the interface, its name first. */
static int use_program(struct source *s, const char *why, struct fail *f)
{
	const struct ifprog *p = watch_program(s->priv);
	const char *asked = asks_stages(s->opts);

	s->ops = &source_program;
	if (asked)
		return fail_set(f, EOPNOTSUPP,
				"%s: XDP program \"%s\" (id %u) has no stages, reasons or rules: "
				"not with %s",
				why, p->name, p->id, asked);
	snprintf(s->note, sizeof(s->note), "%s: showing XDP program \"%s\" (id %u)", why, p->name,
		 p->id);
	return 0;
}

static int use_pcap(struct source *s, const char *why, struct fail *f)
{
	const char *asked = asks_xdp(s);
	struct ifprog p;
	bool xdp = !ifprog_find(s->ifindex, &p);

	s->ops = &source_pcap;
	if (asked)
		return fail_set(f, EOPNOTSUPP, "%s: libpcap sees nothing of XDP: not with %s", why,
				asked);
	snprintf(s->note, sizeof(s->note), "%s: showing what libpcap sees%s", why,
		 xdp ? ", after XDP: dropped packets are not seen" : "");
	return 0;
}

/* Without a chain. @why: that it has none. */
static int use_other(struct source *s, const char *why, struct fail *f)
{
	struct fail program = { 0 }, both = { 0 };
	struct watch *w = NULL;
	int err = watch_new(s->ifindex, &w, &program);

	if (!err) {
		s->priv = w;
		return use_program(s, why, f);
	}
	fail_set(&both, -err, "%s; %s", why, program.text);
	return use_pcap(s, both.text, f);
}

static int best(struct source *s, struct fail *f)
{
	struct fail why = { 0 };
	struct chain *c = NULL;
	int err = chain_open(s->ifname, CHAIN_READ, &c, &why);

	chain_close(c);
	if (!err)
		s->ops = &source_chain;
	else if (err == -ENOENT)
		err = use_other(s, why.text, f);
	else
		*f = why;
	return err;
}

static int forced_program(struct source *s, struct fail *f)
{
	struct fail why = { 0 };
	struct watch *w = NULL;
	int err = watch_new(s->ifindex, &w, &why);

	if (err) {
		*f = why;
		snprintf(f->text, sizeof(f->text), "%s: %.*s", s->ifname, 1024, why.text);
		return err;
	}
	s->priv = w;
	return use_program(s, s->ifname, f);
}

int source_pick(struct source *s, struct fail *f)
{
	if (s->opts->source == OPTS_SOURCE_BEST)
		return best(s, f);
	if (s->opts->source == OPTS_SOURCE_CHAIN) {
		s->ops = &source_chain;
		return 0;
	}
	if (!s->ifindex)
		return fail_set(f, ENODEV, "%s: no such interface", s->ifname);
	return s->opts->source == OPTS_SOURCE_PROGRAM ? forced_program(s, f)
						      : use_pcap(s, s->ifname, f);
}
