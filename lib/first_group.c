// SPDX-License-Identifier: GPL-2.0
/* first_group - one look at the packet for several rules, and behind each outcome a list. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#include "lib/first_int.h"

/* What is left of a rule behind a value. */
struct branch {
	__u32 k, rule, node;
};

struct branches {
	struct branch *v;
	__u32 count, room;
};

/* A list that is behind one value, or several. */
struct bucket {
	const struct first_item *items;
	__u32 count, label;
};

struct buckets {
	struct bucket *v;
	__u32 count;
	struct first_key *keys;
	__u32 key_count;
	struct first_item *items; /* of all of them */
	__u32 *table;		  /* hash of the buckets, by items; + 1 */
	__u32 table_size;
};

static void branch_add(struct first *g, struct branches *b, struct branch it)
{
	struct branch *v;

	if (b->count == b->room) {
		v = realloc(b->v, (b->room ? 2 * b->room : 32) * sizeof(*v));
		if (!v) {
			g->err = -ENOMEM;
			return;
		}
		b->v = v;
		b->room = b->room ? 2 * b->room : 32;
	}
	b->v[b->count++] = it;
}

static int branch_compare(const void *a, const void *b)
{
	const struct branch *x = a, *y = b;

	if (x->k != y->k)
		return x->k < y->k ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* All values of the chain that the item begins; of one that is there twice, the first counts. */
static void branches_of(struct first *g, const struct first_group *group, struct first_item it,
			struct branches *b)
{
	__u32 first = b->count, left = g->d->nodes[it.node].left, k = 0;

	for (__u32 at = it.node; first_chained(g, &group->plan, at, left);
	     at = g->d->nodes[at].no) {
		bool had = false;

		term_is_const(&g->d->terms, g->d->nodes[at].right, &k);
		for (__u32 i = first; i < b->count && !had; i++)
			had = b->v[i].k == k;
		if (!had)
			branch_add(g, b, (struct branch){ k, it.rule, g->d->nodes[at].yes });
	}
}

/* The items behind the value of branch @at; where those of the next begin. */
static __u32 branch_items(const struct branches *b, __u32 at, struct first_item *out, __u32 *count)
{
	__u32 k = b->v[at].k;

	for (*count = 0; at < b->count && b->v[at].k == k; at++)
		if (b->v[at].node != DECIDE_REJECT)
			out[(*count)++] = (struct first_item){ b->v[at].rule, b->v[at].node };
	return at;
}

static __u32 items_hash(const struct first_item *items, __u32 count)
{
	__u32 h = count;

	for (__u32 i = 0; i < count; i++) {
		h = (h ^ items[i].rule) * 0x9e3779b1u;
		h = (h ^ h >> 15 ^ items[i].node) * 0x9e3779b1u;
	}
	return h ^ h >> 15;
}

/* Values that want the same share a bucket. */
static void bucket_add(struct first *g, struct buckets *all, const struct first_item *items,
		       __u32 count, __u32 k)
{
	__u32 *at = &all->table[items_hash(items, count) & (all->table_size - 1)];
	struct bucket *b;

	for (; *at; at = at + 1 < all->table + all->table_size ? at + 1 : all->table) {
		b = &all->v[*at - 1];
		if (b->count == count && !memcmp(b->items, items, count * sizeof(*items)))
			break;
	}
	if (!*at) {
		all->v[all->count] = (struct bucket){ items, count, emit_labels(g->e, 1) };
		*at = ++all->count;
	}
	all->keys[all->key_count++] = (struct first_key){ k, all->v[*at - 1].label, 0 };
}

static void buckets_fill(struct first *g, struct buckets *all, struct branches *b)
{
	struct first_item *items = all->items;
	__u32 count;

	qsort(b->v, b->count, sizeof(*b->v), branch_compare);
	for (__u32 i = 0; i < b->count;) {
		__u32 k = b->v[i].k;

		i = branch_items(b, i, items, &count);
		if (count)
			bucket_add(g, all, items, count, k);
		items += count;
	}
}

static void buckets_write(struct first *g, const struct first_held *h, const struct buckets *all,
			  const struct first_group *group, const struct first_part *part)
{
	const struct decide_node *n = &g->d->nodes[group->items[0].node];

	first_search(g, &g->d->terms.v[n->left], all->keys, all->key_count, part->end);
	for (__u32 i = 0; i < all->count; i++) {
		struct first_held held = *h;

		held.a = TERM_NONE;
		first_here(g, all->v[i].label);
		first_list(g, &held, all->v[i].items, all->v[i].count, group->pending,
			   group->depth + 1);
		if (i + 1 < all->count)
			first_goto(g, part->end);
	}
}

/* Room for as many as there are branches. */
static void buckets_open(struct first *g, struct buckets *all, __u32 count)
{
	*all = (struct buckets){ .table_size = 2 };
	while (all->table_size < 2 * count)
		all->table_size *= 2;
	all->v = malloc((count + 1) * sizeof(*all->v));
	all->keys = malloc((count + 1) * sizeof(*all->keys));
	all->items = malloc((count + 1) * sizeof(*all->items));
	all->table = calloc(all->table_size, sizeof(*all->table));
	if (!all->v || !all->keys || !all->items || !all->table)
		g->err = -ENOMEM;
}

static void buckets_close(struct buckets *all)
{
	free(all->v);
	free(all->keys);
	free(all->items);
	free(all->table);
}

void first_group_value(struct first *g, struct first_held *h, const struct first_group *group)
{
	struct first_part part = first_open(g);
	struct branches b = { 0 };
	struct buckets all;

	for (__u32 i = 0; i < group->count; i++)
		branches_of(g, group, group->items[i], &b);
	buckets_open(g, &all, b.count);
	if (!g->err) {
		buckets_fill(g, &all, &b);
		first_value(g, h, g->d->nodes[group->items[0].node].left, &part);
		buckets_write(g, h, &all, group, &part);
	}
	buckets_close(&all);
	free(b.v);
	first_close(g, &part, h);
}

/* What is left of the items behind one outcome. */
static __u32 outcome(const struct first *g, const struct first_group *group, bool yes,
		     struct first_item *out)
{
	__u32 count = 0;

	for (__u32 i = 0; i < group->count; i++) {
		const struct decide_node *n = &g->d->nodes[group->items[i].node];
		__u32 node = yes ? n->yes : n->no;

		if (node != DECIDE_REJECT)
			out[count++] = (struct first_item){ group->items[i].rule, node };
	}
	return count;
}

void first_group_test(struct first *g, struct first_held *h, const struct first_group *group)
{
	const struct decide_node n = g->d->nodes[group->items[0].node];
	struct first_item *ways = malloc(group->count * sizeof(*ways));
	struct first_part part = first_open(g);
	__u32 label = emit_labels(g->e, 1), count;
	struct first_held held;

	if (!ways)
		g->err = -ENOMEM;
	if (!g->err) {
		first_compare(g, h, &n, &part);
		first_branch(g, &n, outcome(g, group, true, ways) ? label : part.end);
		held = *h;
		count = outcome(g, group, false, ways);
		first_list(g, &held, ways, count, group->pending, group->depth + 1);
		count = outcome(g, group, true, ways);
		if (count)
			first_goto(g, part.end);
		held = *h;
		first_here(g, label);
		first_list(g, &held, ways, count, group->pending, group->depth + 1);
	}
	free(ways);
	first_close(g, &part, h);
}
