// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/sources.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/ring.h"

static int add(struct sources *ss, const struct opts *o, const char *ifname)
{
	struct source *s = &ss->of[ss->n];
	struct fail f = { 0 };
	int err;

	if (ss->n == OPTS_IFACES) {
		fprintf(stderr, "xdpdump: %s: %d interfaces at most: name them with -i\n", ifname,
			OPTS_IFACES);
		return -E2BIG;
	}
	*s = (struct source){ .opts = o,
			      .number = ss->n++,
			      .ifindex = if_nametoindex(ifname),
			      .points = o->points ? o->points : 1u << EVENT_EXIT };
	snprintf(s->ifname, sizeof(s->ifname), "%s", ifname);
	err = source_pick(s, &f);
	if (err)
		fprintf(stderr, "xdpdump: %s\n", f.text[0] ? f.text : strerror(-err));
	return err;
}

struct all {
	struct sources *ss;
	const struct opts *o;
};

/* A chain of another namespace, or one whose interface is gone, is none that can be listened to. */
static int add_chain(const char *ifname, void *arg)
{
	const struct all *a = arg;
	struct chain *c;

	if (chain_open(ifname, CHAIN_READ, &c, NULL))
		return 0;
	chain_close(c);
	return add(a->ss, a->o, ifname);
}

static int add_all(struct sources *ss, const struct opts *o)
{
	struct fail f = { 0 };
	int err = chain_each(add_chain, &(struct all){ ss, o }, &f);

	if (!err && !ss->n)
		err = fail_set(&f, ENOENT,
			       "no interface here has a chain, make one: droplet attach IFACE");
	if (f.text[0])
		fprintf(stderr, "xdpdump: %s\n", f.text);
	return err;
}

/* In a file each point of an interface is one of its own, all of an interface beside each other. */
static void make_ifs(struct sources *ss, const struct opts *o)
{
	static const char *const marks[EVENT_POINTS] = {
		[EVENT_EXIT] = "Out", [EVENT_ENTRY] = "In"
	};

	for (__u32 i = 0; i < ss->n; i++) {
		const struct source *s = &ss->of[i];

		for (__u32 point = 0; point < EVENT_POINTS; point++) {
			if (!(s->points & 1u << point))
				continue;
			ss->ifs[ss->n_ifs++] = (struct sink_if){
				.file = { .name = s->ifname,
					  .description = s->ops->points[point],
					  .filter = o->filter,
					  .ifindex = s->ifindex,
					  .linktype = 1 },
				.shown = ss->n > 1 ? s->ifname : NULL,
				.mark = source_points(s) > 1 ? marks[point] : NULL,
			};
		}
	}
}

int sources_find(struct sources *ss, const struct opts *o, const struct filter *filter)
{
	int err = 0;

	if (o->any_chain)
		err = add_all(ss, o);
	for (__u32 i = 0; !err && i < o->n_ifnames; i++)
		err = add(ss, o, o->ifnames[i]);
	for (__u32 i = 0; i < ss->n; i++)
		ss->of[i].filter = filter;
	if (!err)
		make_ifs(ss, o);
	return err;
}

/* A stage or a reason that is asked for need not be on each of them, but on one. */
static bool all_nothing(const struct sources *ss)
{
	for (__u32 i = 0; i < ss->n; i++)
		if (!ss->of[i].nothing)
			return false;
	return true;
}

/* What a trigger waits for, too. */
static int check_triggers(const struct sources *ss, const struct opts *o, struct fail *f)
{
	__u32 missing = (1u << o->trigger_count) - 1;

	for (__u32 i = 0; i < ss->n; i++)
		missing &= ss->of[i].ops->tally ? ss->of[i].no_trigger : ~0u;
	if (!missing)
		return 0;
	if (ss->n == 1 && ss->of[0].ops->tally)
		return -ESRCH; /* f says what is there */
	return fail_set(f, ESRCH, "--trigger: %s: nothing on %s counts for it",
			o->triggers[__builtin_ctz(missing)].text,
			ss->n == 1 ? ss->of[0].ifname : "any of these interfaces");
}

int sources_open(struct sources *ss)
{
	struct fail f = { 0 };
	int err;

	ss->rings = rings_new();
	err = ss->rings ? 0 : -errno;
	for (__u32 i = 0; !err && i < ss->n; i++)
		err = ss->of[i].ops->open(&ss->of[i], ss->rings, &f);
	if (!err && all_nothing(ss))
		err = -ESRCH; /* f says of which */
	if (!err)
		err = check_triggers(ss, ss->of[0].opts, &f);
	if (!err)
		return 0;
	fprintf(stderr, "xdpdump: %s\n", f.text[0] ? f.text : strerror(-err));
	if (f.log[0])
		fprintf(stderr, "%s\n", f.log);
	return err;
}

__u32 sources_of(const struct sources *ss, __u32 iface)
{
	return iface / source_points(&ss->of[0]);
}

__u32 sources_left(const struct sources *ss)
{
	__u32 left = 0;

	for (__u32 i = 0; i < ss->n; i++)
		left += !ss->of[i].over;
	return left;
}

void sources_close(struct sources *ss)
{
	for (__u32 i = 0; i < ss->n; i++)
		if (ss->of[i].ops)
			ss->of[i].ops->close(&ss->of[i]);
	rings_close(ss->rings);
	ss->rings = NULL;
}
