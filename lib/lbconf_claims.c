// SPDX-License-Identifier: GPL-2.0
/* What no two may have: server ids, sources, the fragments to an address. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lbconf_int.h"

/* A server id or a source, and whose. */
struct claim {
	__u64 id;
	struct prefix source;
	unsigned int line;
};

static int by_claim(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return prefix_cmp(&x->source, &y->source);
}

/* All of the VIP's; an id is never 0. NULL: no memory. */
static struct claim *claims_of(const struct lbconf_vip *v, size_t *count)
{
	struct claim *all;
	size_t n = 0;

	for (size_t i = 0; i < v->real_count; i++)
		n += v->reals[i].id_count + v->reals[i].source_count;
	all = calloc(n + 1, sizeof(*all));
	n = 0;
	for (size_t i = 0; all && i < v->real_count; i++) {
		const struct lbconf_real *r = &v->reals[i];

		for (size_t k = 0; k < r->id_count; k++)
			all[n++] = (struct claim){ .id = r->ids[k], .line = r->line };
		for (size_t k = 0; k < r->source_count; k++)
			all[n++] = (struct claim){ .source = r->sources[k], .line = r->line };
	}
	*count = n;
	return all;
}

static int twice(const struct yaml_file *y, const struct claim *a, const struct claim *b,
		 struct fail *f)
{
	unsigned int first = a->line < b->line ? a->line : b->line;
	unsigned int line = a->line < b->line ? b->line : a->line;
	char text[PREFIX_TEXT];

	if (a->id)
		return yaml_fail(y, f, EINVAL, line, "ids", "%llu: is there already, in line %u",
				 a->id, first);
	return yaml_fail(y, f, EINVAL, line, "sources", "%s: is there already, in line %u",
			 prefix_text(&a->source, text), first);
}

static int check_family(const struct yaml_file *y, const struct lbconf_vip *v,
			const struct lbconf_real *r, struct fail *f)
{
	char text[PREFIX_TEXT];

	for (size_t i = 0; i < r->source_count; i++)
		if (r->sources[i].family != v->service.addr.family)
			return yaml_fail(y, f, EINVAL, r->line, "sources",
					 "%s: clients of the VIP are IPv%c",
					 prefix_text(&r->sources[i], text),
					 v->service.addr.family == AF_INET ? '4' : '6');
	return 0;
}

/* Another VIP before @v that takes the fragments to the same address. */
static int check_fragments(const struct yaml_file *y, const struct lbconf *conf,
			   const struct lbconf_vip *v, struct fail *f)
{
	const struct lb_service *s = &v->service;

	if (!(v->options.flags & LB_VIP_FRAGMENTS))
		return 0;
	for (const struct lbconf_vip *o = conf->vips; o < v; o++)
		if (o->options.flags & LB_VIP_FRAGMENTS && o->service.proto == s->proto &&
		    o->service.plen == s->plen &&
		    !memcmp(&o->service.addr, &s->addr, sizeof(s->addr)))
			return yaml_fail(y, f, EINVAL, v->line, "options",
					 "fragments: the VIP in line %u has those to that address",
					 o->line);
	return 0;
}

int lbconf_claims_fit(const struct yaml_file *y, const struct lbconf *conf,
		      const struct lbconf_vip *v, struct fail *f)
{
	size_t count = 0;
	struct claim *all = claims_of(v, &count);
	int err = all ? check_fragments(y, conf, v, f) : fail_errno(f, ENOMEM, conf->path);

	for (size_t i = 0; !err && i < v->real_count; i++)
		err = check_family(y, v, &v->reals[i], f);
	if (!err)
		qsort(all, count, sizeof(*all), by_claim);
	for (size_t i = 1; !err && i < count; i++)
		if (!by_claim(&all[i - 1], &all[i]))
			err = twice(y, &all[i - 1], &all[i], f);
	free(all);
	return err;
}
