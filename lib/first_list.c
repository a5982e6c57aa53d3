// SPDX-License-Identifier: GPL-2.0
/* first_list - rules that begin alike are put together. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#include "lib/first_int.h"

/*
 * What is checked for a whole list at once, since every packet has it but runts: up to the ports
 * behind an IPv6 header. A packet that has less is left to the exact copy.
 */
#define HEADERS_MAX 58
#define DEPTH_MAX   24 /* lists within lists */
#define LOADS_MAX   32 /* that a rest wants */

/* What brings items together. */
struct key {
	enum { KEY_NONE, KEY_VALUE, KEY_TEST } kind;
	__u8 op;
	__u32 left, right;
};

struct entry {
	struct first_item it;
	struct key key;
};

struct list {
	struct first *g;
	struct term_reach plan; /* what is known to be there wherever a group begins */
	__u32 depth;
	struct entry *v; /* still to be put into a group */
	__u32 count, room;
	struct first_item *taken; /* the items of one group */
};

/* --- what goes together ----------------------------------------------------------------------- */

/* Does what @n wants to be there follow from the loads of its terms, and what is known. */
static bool wants_terms(const struct first *g, const struct term_reach *plan,
			const struct decide_node *n)
{
	struct term_reach r = *plan;

	term_reach_add(&r, &g->d->terms, n->left);
	term_reach_add(&r, &g->d->terms, n->right);
	for (__u32 i = 0; i < n->need_count; i++)
		if (!term_reach_has(&r, &g->d->terms, g->d->loads[n->needs + i]))
			return false;
	return true;
}

bool first_chained(const struct first *g, const struct term_reach *plan, __u32 node, __u32 left)
{
	const struct decide_node *n = &g->d->nodes[node];
	__u32 k;

	return node > DECIDE_ACCEPT && n->op == BPF_JEQ && n->left == left &&
	       term_is_const(&g->d->terms, n->right, &k) && wants_terms(g, plan, n);
}

/* Behind the chain of comparisons of one term that @node begins. */
static __u32 chain_rest(const struct first *g, const struct term_reach *plan, __u32 node)
{
	__u32 left = g->d->nodes[node].left;

	while (first_chained(g, plan, node, left))
		node = g->d->nodes[node].no;
	return node;
}

/* The loads that @term is made of, from @count on; those that a base needs are not named. */
static __u32 loads_of(const struct terms *t, __u32 term, __u32 *loads, __u32 count)
{
	const struct term *p = &t->v[term];

	if (p->kind == TERM_OP) {
		count = loads_of(t, p->a, loads, count);
		return p->b ? loads_of(t, p->b, loads, count) : count;
	}
	if (p->kind == TERM_LOAD && count < LOADS_MAX)
		loads[count] = term;
	return count + (p->kind == TERM_LOAD);
}

/*
 * The rest of an item behind its chain as an item of its own: it wants that the loads of the chain
 * did not fail. False if these are too many.
 */
static bool rest_of(const struct first *g, const struct term_reach *plan, __u32 node,
		    struct decide_node *n, __u32 *loads)
{
	__u32 rest = chain_rest(g, plan, node);
	__u32 count = loads_of(&g->d->terms, g->d->nodes[node].left, loads, 0), kept = 0;

	*n = (struct decide_node){ .op = BPF_JA, .yes = rest, .no = rest };
	if (count > LOADS_MAX)
		return false;
	for (__u32 i = 0; i < count; i++)
		if (!term_reach_has(plan, &g->d->terms, loads[i]))
			loads[kept++] = loads[i];
	if (rest > DECIDE_ACCEPT) {
		*n = g->d->nodes[rest];
		if (kept + n->need_count > LOADS_MAX)
			return false;
		for (__u32 i = 0; i < n->need_count; i++)
			loads[kept + i] = g->d->loads[n->needs + i];
	}
	n->need_count += kept;
	return true;
}

/*
 * Can a rule be asked for the values of its chain and, apart from that, for what is behind it,
 * which is then asked whatever the value is? It can if that accepts nothing that they do not.
 */
static bool chain_splits(const struct first *g, const struct term_reach *plan, __u32 node)
{
	__u32 left = g->d->nodes[node].left, rest = chain_rest(g, plan, node), loads[LOADS_MAX];
	struct decide_node n;

	if (rest == DECIDE_REJECT)
		return true;
	for (__u32 at = node; first_chained(g, plan, at, left); at = g->d->nodes[at].no)
		if (!decide_implies(g->d, rest, g->d->nodes[at].yes))
			return false;
	return rest_of(g, plan, node, &n, loads);
}

static struct key key_of(const struct list *l, struct first_item it)
{
	const struct decide_node *n = &l->g->d->nodes[it.node];
	struct key key = { .kind = KEY_NONE, .left = n->left };

	if (it.node <= DECIDE_ACCEPT || n->op == BPF_JA || l->depth >= DEPTH_MAX ||
	    l->g->splits[it.rule] >= l->g->splits_max)
		return key;
	if (first_chained(l->g, &l->plan, it.node, n->left) &&
	    chain_splits(l->g, &l->plan, it.node)) {
		key.kind = KEY_VALUE;
	} else if (wants_terms(l->g, &l->plan, n)) {
		key.kind = KEY_TEST;
		key.op = n->op;
		key.right = n->right;
	}
	return key;
}

static bool same_key(const struct key *a, const struct key *b)
{
	return a->kind != KEY_NONE && a->kind == b->kind && a->op == b->op && a->left == b->left &&
	       a->right == b->right;
}

/* --- the list --------------------------------------------------------------------------------- */

static void list_add(struct list *l, struct first_item it)
{
	__u32 room = l->room ? 2 * l->room : 16;
	struct first_item *taken;
	struct entry *v;

	if (it.node == DECIDE_REJECT || l->g->err)
		return;
	if (l->count == l->room) {
		v = realloc(l->v, room * sizeof(*v));
		l->v = v ? v : l->v;
		taken = v ? realloc(l->taken, room * sizeof(*taken)) : NULL;
		l->taken = taken ? taken : l->taken;
		if (!taken) {
			l->g->err = -ENOMEM;
			return;
		}
		l->room = room;
	}
	l->v[l->count++] = (struct entry){ it, key_of(l, it) };
}

static int item_compare(const void *a, const void *b)
{
	const struct first_item *x = a, *y = b;

	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return x->rule < y->rule ? -1 : x->rule > y->rule;
}

/* All items but those of no effect: the same decision twice, or behind one that always accepts. */
static void list_fill(struct list *l, const struct first_item *items, __u32 count)
{
	struct first_item *v = malloc((count + 1) * sizeof(*v));
	__u32 all = FIRST_NONE;

	if (!v) {
		l->g->err = -ENOMEM;
		return;
	}
	memcpy(v, items, count * sizeof(*v));
	qsort(v, count, sizeof(*v), item_compare);
	for (__u32 i = 0; i < count; i++)
		if (v[i].node == DECIDE_ACCEPT && v[i].rule < all)
			all = v[i].rule;
	for (__u32 i = 0; i < count; i++)
		if ((!i || v[i].node != v[i - 1].node) &&
		    (v[i].rule < all || v[i].node == DECIDE_ACCEPT))
			list_add(l, v[i]);
	free(v);
}

/* The rule that is the first of those still to be put into a group. */
static __u32 list_first(const struct list *l)
{
	__u32 first = 0;

	for (__u32 i = 1; i < l->count; i++)
		if (l->v[i].it.rule < l->v[first].it.rule)
			first = i;
	return first;
}

/* Take the first rule and all that begin like it; how many. Their rests are put back. */
static __u32 list_take(struct list *l, struct key *key)
{
	struct decide_node n;
	__u32 first = list_first(l), taken = 0, left = 0, loads[LOADS_MAX];

	*key = l->v[first].key;
	for (__u32 i = 0; i < l->count; i++) {
		if (i == first || same_key(key, &l->v[i].key))
			l->taken[taken++] = l->v[i].it;
		else
			l->v[left++] = l->v[i];
	}
	l->count = left;
	if (taken == 1)
		key->kind = KEY_NONE;
	for (__u32 i = 0; i < taken && key->kind != KEY_NONE; i++) {
		__u8 *splits = &l->g->splits[l->taken[i].rule];

		*splits += *splits < 255;
		if (key->kind != KEY_VALUE || !rest_of(l->g, &l->plan, l->taken[i].node, &n, loads))
			continue;
		list_add(l,
			 (struct first_item){ l->taken[i].rule, decide_node(l->g->d, n, loads) });
	}
	return taken;
}

/* How far the first looks of the items reach, in the headers. */
static __u32 list_reach(const struct first *g, const struct first_item *items, __u32 count)
{
	__u32 end = 0;

	for (__u32 i = 0; i < count; i++) {
		const struct decide_node *n = &g->d->nodes[items[i].node];
		struct term_reach r = { 0 };

		if (items[i].node <= DECIDE_ACCEPT || n->op == BPF_JA)
			continue;
		term_reach_add(&r, &g->d->terms, n->left);
		if (r.end <= HEADERS_MAX && r.end > end)
			end = r.end;
	}
	return end;
}

static void list_write(struct list *l, struct first_held *h, __u32 pending,
		       const struct first_part *part)
{
	struct first *g = l->g;

	while (l->count && !g->err) {
		struct key key;
		struct first_group group = { .depth = l->depth, .plan = l->plan };

		group.count = list_take(l, &key);
		group.items = l->taken;
		group.pending = pending;
		if (l->count && l->v[list_first(l)].it.rule < pending)
			group.pending = l->v[list_first(l)].it.rule;
		if (!g->exact)
			first_reach(g, h, l->plan.end, part->far);
		if (key.kind == KEY_VALUE)
			first_group_value(g, h, &group);
		else if (key.kind == KEY_TEST)
			first_group_test(g, h, &group);
		else
			first_graph(g, h, l->taken[0], group.pending);
	}
}

void first_list(struct first *g, struct first_held *h, const struct first_item *items, __u32 count,
		__u32 pending, __u32 depth)
{
	struct list l = { .g = g, .plan.end = h->known, .depth = depth };
	struct first_part part;
	__u32 reach;

	if (!count || g->dead || g->err)
		return;
	if (count == 1) {
		first_graph(g, h, items[0], pending);
		return;
	}
	reach = list_reach(g, items, count);
	if (!g->exact && reach > l.plan.end)
		l.plan.end = reach;
	part = first_open(g);
	list_fill(&l, items, count);
	list_write(&l, h, pending, &part);
	free(l.v);
	free(l.taken);
	first_close(g, &part, h);
}
