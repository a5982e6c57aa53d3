// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/ifaces.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool same(const struct iface *a, __u32 index, const struct capfile_if *b)
{
	return a->index == index && a->from.linktype == b->linktype &&
	       !strcmp(a->from.name, b->name) && !strcmp(a->from.description, b->description);
}

int ifaces_find(const struct ifaces *is, __u32 index, const struct capfile_if *from)
{
	for (__u32 i = 0; i < is->n; i++)
		if (same(is->of[i], index, from))
			return i;
	return -ENOENT;
}

static int grow(struct ifaces *is)
{
	__u32 room = is->room ? is->room * 2 : 4;
	struct format_if *v = realloc(is->v, room * sizeof(*v));
	struct iface **of;

	if (!v)
		return -ENOMEM;
	is->v = v;
	of = realloc(is->of, room * sizeof(struct iface *));
	if (!of)
		return -ENOMEM;
	is->of = of;
	is->room = room;
	return 0;
}

int ifaces_add(struct ifaces *is, __u32 index, const struct capfile_if *from)
{
	struct iface *of = calloc(1, sizeof(*of));

	if (!of || (is->n == is->room && grow(is))) {
		free(of);
		return -ENOMEM;
	}
	if (from)
		of->from = *from;
	of->index = index;
	is->of[is->n] = of;
	is->v[is->n] = (struct format_if){ .name = of->from.name,
					   .description = of->from.description,
					   .linktype = 1 };
	return is->n++;
}

void ifaces_count(struct ifaces *is, __u32 i, const struct record *r)
{
	struct iface *of = is->of[i];

	if (!of->packets || r->time_ns < of->first_ns)
		of->first_ns = r->time_ns;
	if (r->time_ns > of->last_ns)
		of->last_ns = r->time_ns;
	of->packets++;
	of->lost += r->have & RECORD_DROPCOUNT ? r->dropcount : 0;
}

void ifaces_stats(const struct ifaces *is, __u32 i, const struct capfile *file,
		  struct format_stats *st)
{
	const struct iface *of = is->of[i];
	const struct capfile_if *from = file ? capfile_if(file, of->index) : NULL;
	struct session_count *n = &st->count;
	__u64 kept = 0; /* by a flight recorder, and not written */

	*st = (struct format_stats){ of->first_ns, of->last_ns, { 0 } };
	if (from && from->counted && same(of, of->index, from))
		*n = from->count;
	if (n->offered > n->captured + n->filtered + n->lost)
		kept = n->offered - n->captured - n->filtered - n->lost;
	if (n->lost < of->lost)
		n->lost = of->lost;
	if (n->captured > of->packets)
		n->filtered += n->captured - of->packets;
	n->captured = of->packets;
	n->offered = n->captured + n->filtered + n->lost + kept;
}

void ifaces_free(struct ifaces *is)
{
	for (__u32 i = 0; i < is->n; i++)
		free(is->of[i]);
	free(is->of);
	free(is->v);
	*is = (struct ifaces){ 0 };
}
