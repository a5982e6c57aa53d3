// SPDX-License-Identifier: GPL-2.0
#include "lib/lbapply.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lbapply_int.h"

/* Those of the configuration, then those that an earlier one has left. */
struct apply {
	const struct lbconf *conf;
	struct lbaim *aims;
	size_t count;
	struct fail *f;
};

static struct lbaim *add(struct apply *a)
{
	struct lbaim *more = realloc(a->aims, (a->count + 1) * sizeof(*more));

	if (!more)
		return NULL;
	a->aims = more;
	more += a->count++;
	lbaim_init(more);
	return more;
}

/* All chains that are changed share the lock that the first of them took. */
static const struct chain *holder(const struct apply *a)
{
	return a->count > 1 ? a->aims[0].chain : NULL;
}

static int is_configured(const struct lbconf *conf, const char *name)
{
	for (size_t i = 0; i < conf->interface_count; i++)
		if (!strcmp(conf->interfaces[i].is.name, name))
			return 1;
	return 0;
}

static int left_over(const char *ifname, void *arg)
{
	struct apply *a = arg;
	struct lbaim *aim;

	if (is_configured(a->conf, ifname))
		return 0;
	aim = add(a);
	if (!aim)
		return fail_errno(a->f, ENOMEM, ifname);
	if (lbaim_leave(aim, holder(a), ifname))
		a->count--; /* not ours, or not to be opened: then it is none of this */
	return 0;
}

/* All of them are there? Asked before anything is made. */
static int check_interfaces(const struct lbconf *conf, struct fail *f)
{
	for (size_t i = 0; i < conf->interface_count; i++)
		if (!if_nametoindex(conf->interfaces[i].is.name))
			return fail_set(f, ENODEV, "%s:%u: interfaces: %s: no such interface",
					conf->path, conf->interfaces[i].is.line,
					conf->interfaces[i].is.name);
	return 0;
}

static int prepare(struct apply *a)
{
	int err = check_interfaces(a->conf, a->f);

	for (size_t i = 0; !err && i < a->conf->interface_count; i++) {
		const struct lbconf_interface *conf = &a->conf->interfaces[i];
		struct lbaim *aim = add(a);

		err = aim ? lbaim_open(aim, holder(a), conf, a->f)
			  : fail_errno(a->f, ENOMEM, conf->is.name);
	}
	return err ? err : chain_each(left_over, a, a->f);
}

static int change(struct apply *a, const struct lbapply_want *want, const struct lbapply_last *last)
{
	int err = 0;

	for (size_t i = 0; !err && i < a->count; i++)
		err = lbaim_grow(&a->aims[i], want, a->f);
	if (!err && last)
		err = last->fn(last->arg, a->f);
	for (size_t i = 0; !err && i < a->count; i++)
		err = lbaim_shrink(&a->aims[i], want, a->f);
	for (size_t i = a->count; err && i-- > 0;)
		lbaim_back(&a->aims[i]);
	return err;
}

int lbapply(const struct lbconf *conf, const struct lbapply_last *last, struct lbapply_result *r,
	    struct fail *f)
{
	struct lbapply_result done = { 0 };
	const struct lbapply_want want = { .vips = conf->vips, .count = conf->vip_count, &done };
	struct apply a = { .conf = conf, .f = f };
	int err = prepare(&a);

	if (!err)
		err = change(&a, &want, last);
	for (size_t i = 0; !err && i < a.count; i++)
		lbaim_keep(&a.aims[i]);
	for (size_t i = a.count; i-- > 0;)
		lbaim_close(&a.aims[i]);
	free(a.aims);
	if (!err)
		*r = done;
	return err;
}
