// SPDX-License-Identifier: GPL-2.0
/* Which balancer a command means, and what it says when there is none. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lb/xdplb.h"

#define NAMES 256 /* bytes of interface names in a message */

int xdplb_fail(const struct fail *f)
{
	fprintf(stderr, "xdplb: %s\n", *f->text ? f->text : "out of memory");
	if (*f->log)
		fprintf(stderr, "%s\n", f->log);
	return CLI_FAILED;
}

int xdplb_usage(const struct fail *f)
{
	xdplb_fail(f);
	return CLI_USAGE;
}

/* Is there one on @ifname? A chain that cannot be read here is not ours to choose. */
static int has_lb(const char *ifname)
{
	struct chain_stage st;
	struct chain *c;
	int err = chain_open(ifname, CHAIN_READ, &c, NULL);

	if (err)
		return 0;
	err = chain_stage(c, CHAIN_SLOT_LB, &st);
	chain_close(c);
	return !err;
}

struct found {
	char name[IF_NAMESIZE]; /* of the first */
	char names[NAMES];
	int count;
};

static int note(const char *ifname, void *arg)
{
	struct found *f = arg;
	size_t len = strlen(f->names);

	if (!has_lb(ifname))
		return 0;
	if (!f->count++)
		snprintf(f->name, sizeof(f->name), "%s", ifname);
	snprintf(f->names + len, sizeof(f->names) - len, "%s%s", len ? ", " : "", ifname);
	return 0;
}

static int find(struct found *found, struct fail *f)
{
	int err;

	memset(found, 0, sizeof(*found));
	err = chain_each(note, found, f);
	if (err)
		return err;
	if (!found->count)
		return fail_set(f, ENOENT, "no lb on any interface, make one: xdplb attach IFACE");
	return 0;
}

int xdplb_open(const char *ifname, enum chain_access access, struct xdplb *x)
{
	struct fail f = { 0 };
	struct found found;
	int err = 0;

	*x = (struct xdplb){ 0 };
	if (!ifname) {
		err = find(&found, &f);
		ifname = found.name;
		if (!err && found.count > 1)
			err = fail_set(&f, EINVAL, "there is an lb on %s: choose with -i IFACE",
				       found.names);
	}
	if (!err)
		err = chain_open(ifname, access, &x->chain, &f);
	if (err == -ENOENT && x->chain == NULL && *ifname)
		fail_set(&f, ENOENT, "%s: no lb here, make one: xdplb attach %s", ifname, ifname);
	if (!err)
		err = lb_open(x->chain, &x->lb, &f);
	if (!err)
		return CLI_OK;
	xdplb_close(x);
	return xdplb_fail(&f);
}

void xdplb_close(struct xdplb *x)
{
	lb_close(x->lb);
	chain_close(x->chain);
}

struct each {
	int (*fn)(const char *ifname, void *arg);
	void *arg;
	int count;
};

static int each_one(const char *ifname, void *arg)
{
	struct each *e = arg;

	if (!has_lb(ifname))
		return 0;
	e->count++;
	return e->fn(ifname, e->arg);
}

int xdplb_each(int (*fn)(const char *ifname, void *arg), void *arg)
{
	struct each e = { fn, arg, 0 };
	struct fail f = { 0 };
	int err = chain_each(each_one, &e, &f);

	if (!err && !e.count)
		err = fail_set(&f, ENOENT, "no lb on any interface, make one: xdplb attach IFACE");
	return err < 0 ? xdplb_fail(&f) : err;
}
