// SPDX-License-Identifier: GPL-2.0
#include "lib/decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#define TABLE_MIN   4096
#define IMPLY_DEPTH 6

static __u32 mix(__u32 h, __u32 v)
{
	h = (h ^ v) * 0x9e3779b1u;
	return h ^ h >> 15;
}

static __u32 node_hash(const struct decide_node *n, const __u32 *needs)
{
	__u32 h = mix(n->op, n->left);

	h = mix(mix(mix(h, n->right), n->yes), n->no);
	for (__u32 i = 0; i < n->need_count; i++)
		h = mix(h, needs[i]);
	return h;
}

static bool node_same(const struct decide *d, const struct decide_node *x,
		      const struct decide_node *y, const __u32 *needs)
{
	return x->op == y->op && x->left == y->left && x->right == y->right && x->yes == y->yes &&
	       x->no == y->no && x->need_count == y->need_count &&
	       (!x->need_count ||
		!memcmp(&d->loads[x->needs], needs, x->need_count * sizeof(*needs)));
}

static __u32 *node_place(const struct decide *d, const struct decide_node *n, const __u32 *needs)
{
	__u32 i = node_hash(n, needs), at;

	while ((at = d->table[i & (d->table_size - 1)]) && !node_same(d, &d->nodes[at], n, needs))
		i++;
	return &d->table[i & (d->table_size - 1)];
}

static int nodes_grow(struct decide *d)
{
	__u32 room = d->room ? 2 * d->room : TABLE_MIN / 2;
	struct decide_node *v = realloc(d->nodes, room * sizeof(*v));
	__u32 *table;

	if (!v)
		return -ENOMEM;
	d->nodes = v;
	table = calloc(2 * room, sizeof(*table));
	if (!table)
		return -ENOMEM;
	free(d->table);
	d->table = table;
	d->table_size = 2 * room;
	d->room = room;
	while (d->count <= DECIDE_ACCEPT)
		d->nodes[d->count++] = (struct decide_node){ .op = BPF_JA };
	for (__u32 i = DECIDE_ACCEPT + 1; i < d->count; i++)
		*node_place(d, &d->nodes[i], d->loads + d->nodes[i].needs) = i;
	return 0;
}

static int loads_grow(struct decide *d, __u32 more)
{
	__u32 room = d->load_room ? d->load_room : TABLE_MIN;
	__u32 *v;

	if (d->load_count + more <= d->load_room)
		return 0;
	while (room < d->load_count + more)
		room *= 2;
	v = realloc(d->loads, room * sizeof(*v));
	if (!v)
		return -ENOMEM;
	d->loads = v;
	d->load_room = room;
	return 0;
}

__u32 decide_node(struct decide *d, struct decide_node n, const __u32 *needs)
{
	__u32 *place;

	if (n.op == BPF_JA)
		n.no = n.yes, n.left = n.right = TERM_NONE;
	if (n.yes == n.no) {
		if (!n.need_count || n.yes == DECIDE_REJECT)
			return n.yes;
		n.op = BPF_JA;
		n.left = n.right = TERM_NONE;
	}
	if (!d->err && (d->count + 1 >= d->room))
		d->err = nodes_grow(d);
	if (!d->err)
		d->err = loads_grow(d, n.need_count);
	if (d->err)
		return DECIDE_REJECT;
	place = node_place(d, &n, needs);
	if (!*place) {
		n.needs = d->load_count;
		if (n.need_count)
			memcpy(&d->loads[n.needs], needs, n.need_count * sizeof(*needs));
		d->load_count += n.need_count;
		*place = d->count;
		d->nodes[d->count++] = n;
	}
	return *place;
}

int decide_begin(struct decide *d)
{
	return nodes_grow(d);
}

static bool implies(const struct decide *d, __u32 a, __u32 b, int depth)
{
	if (a == b || a == DECIDE_REJECT || b == DECIDE_ACCEPT)
		return true;
	if (a == DECIDE_ACCEPT || !depth)
		return false;
	return implies(d, d->nodes[a].yes, b, depth - 1) &&
	       implies(d, d->nodes[a].no, b, depth - 1);
}

bool decide_implies(const struct decide *d, __u32 a, __u32 b)
{
	return implies(d, a, b, IMPLY_DEPTH);
}

void decide_free(struct decide *d)
{
	terms_free(&d->terms);
	free(d->nodes);
	free(d->loads);
	free(d->table);
	*d = (struct decide){ 0 };
}
