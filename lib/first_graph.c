// SPDX-License-Identifier: GPL-2.0
/* first_graph - one rule as the graph that it is: every node once. */
#include <errno.h>
#include <stdlib.h>

#include <linux/filter.h>

#include "lib/first.h"

#define CHAIN_MIN 6 /* comparisons of one term with constants that are worth a search */

/* A node on its way out. */
struct spot {
	__u32 node, label;
	__u32 ways; /* that lead here */
	bool done;
	struct first_held held; /* on the one way */
};

struct graph {
	struct first *g;
	struct spot *v; /* by falling number of the node: successors behind */
	__u32 count, room;
	__u32 accept;
	const struct first_part *part;
};

static struct spot *graph_spot(const struct graph *gr, __u32 node)
{
	return &gr->v[gr->g->marks[node].at];
}

/* Room for the marks of all nodes there are. */
static int marks_grow(struct first *g)
{
	__u32 count = g->d->count;
	struct first_mark *v;

	if (count <= g->mark_count)
		return 0;
	v = realloc(g->marks, count * sizeof(*v));
	if (!v)
		return -ENOMEM;
	for (__u32 i = g->mark_count; i < count; i++)
		v[i] = (struct first_mark){ 0 };
	g->marks = v;
	g->mark_count = count;
	return 0;
}

/* Another way leads to @node. */
static void graph_meet(struct graph *gr, __u32 node)
{
	struct first_mark *m = &gr->g->marks[node];
	struct spot *v;

	if (node <= DECIDE_ACCEPT || gr->g->err)
		return;
	if (m->stamp == gr->g->stamp) {
		gr->v[m->at].ways++;
		return;
	}
	if (gr->count == gr->room) {
		v = realloc(gr->v, (gr->room ? 2 * gr->room : 32) * sizeof(*v));
		if (!v) {
			gr->g->err = -ENOMEM;
			return;
		}
		gr->v = v;
		gr->room = gr->room ? 2 * gr->room : 32;
	}
	*m = (struct first_mark){ gr->g->stamp, gr->count };
	gr->v[gr->count++] = (struct spot){ .node = node, .ways = 1 };
}

static int spot_compare(const void *a, const void *b)
{
	const struct spot *x = a, *y = b;

	return x->node > y->node ? -1 : x->node < y->node;
}

static void graph_collect(struct graph *gr, __u32 root)
{
	struct first *g = gr->g;
	__u32 label;

	g->err = marks_grow(g);
	g->stamp++;
	graph_meet(gr, root);
	for (__u32 i = 0; i < gr->count && !g->err; i++) {
		const struct decide_node *n = &g->d->nodes[gr->v[i].node];

		graph_meet(gr, n->yes);
		if (n->op != BPF_JA)
			graph_meet(gr, n->no);
	}
	if (g->err || !gr->count)
		return;
	qsort(gr->v, gr->count, sizeof(*gr->v), spot_compare);
	label = emit_labels(g->e, gr->count);
	for (__u32 i = 0; i < gr->count; i++) {
		gr->v[i].label = label + i;
		g->marks[gr->v[i].node].at = i;
	}
}

/* Where @node is, to be gone to with what @h says. */
static __u32 graph_label(struct graph *gr, const struct first_held *h, __u32 node)
{
	struct spot *s;

	if (node == DECIDE_REJECT)
		return gr->part->end;
	if (node == DECIDE_ACCEPT)
		return gr->accept;
	s = graph_spot(gr, node);
	if (s->ways == 1)
		s->held = *h;
	return s->label;
}

/* Is @node one more comparison of @left with a constant, that nobody else comes to. */
static bool chain_goes_on(const struct graph *gr, __u32 node, __u32 left)
{
	const struct decide_node *n = &gr->g->d->nodes[node];
	__u32 k;

	return node > DECIDE_ACCEPT && n->op == BPF_JEQ && n->left == left && !n->need_count &&
	       term_is_const(&gr->g->d->terms, n->right, &k) && graph_spot(gr, node)->ways == 1;
}

/* A chain of comparisons from @node on as a search. False: there is none that is worth it. */
static bool graph_chain(struct graph *gr, struct first_held *h, __u32 node)
{
	const struct decide_node *n = &gr->g->d->nodes[node], *last = n;
	__u32 left = n->left, count = 1, k, at = 0, miss;
	struct first_key *keys;

	if (n->op != BPF_JEQ || !term_is_const(&gr->g->d->terms, n->right, &k))
		return false;
	for (; chain_goes_on(gr, last->no, left); count++)
		last = &gr->g->d->nodes[last->no];
	keys = count < CHAIN_MIN ? NULL : malloc(count * sizeof(*keys));
	if (!keys)
		return false;
	first_compare(gr->g, h, n, gr->part);
	for (;; n = &gr->g->d->nodes[n->no]) {
		term_is_const(&gr->g->d->terms, n->right, &k);
		keys[at] = (struct first_key){ k, graph_label(gr, h, n->yes), at };
		at++;
		if (n == last)
			break;
		graph_spot(gr, n->no)->done = true;
	}
	miss = graph_label(gr, h, last->no);
	first_search(gr->g, &gr->g->d->terms.v[left], keys, first_sort(keys, count), miss);
	free(keys);
	return true;
}

/* To @label, unless that is what comes next anyway. */
static void graph_goto(const struct graph *gr, const struct spot *s, __u32 label)
{
	for (s++; s < gr->v + gr->count && s->done; s++)
		;
	if (label != (s < gr->v + gr->count ? s->label : gr->accept))
		first_goto(gr->g, label);
}

static void graph_node(struct graph *gr, struct spot *s)
{
	const struct decide_node *n = &gr->g->d->nodes[s->node];
	struct first_held h = s->held;

	first_here(gr->g, s->label);
	if (s->ways > 1) {
		h = (struct first_held){ 0 };
		if (!gr->g->exact) {
			first_op(gr->g, BPF_LDX | BPF_MEM | BPF_W, GEN_DATA, GEN_CTX,
				 offsetof(struct xdp_md, data), 0);
			gr->g->moved_data = true;
		}
	}
	if (graph_chain(gr, &h, s->node))
		return;
	first_compare(gr->g, &h, n, gr->part);
	if (n->op != BPF_JA)
		first_branch(gr->g, n, graph_label(gr, &h, n->yes));
	graph_goto(gr, s, graph_label(gr, &h, n->no));
}

void first_graph(struct first *g, struct first_held *h, struct first_item item, __u32 pending)
{
	struct first_part part = first_open(g);
	struct graph gr = { .g = g, .part = &part, .accept = emit_labels(g->e, 1) };

	graph_collect(&gr, item.node);
	if (gr.count)
		gr.v[0].held = *h;
	else if (item.node == DECIDE_REJECT)
		first_goto(g, part.end);
	for (__u32 i = 0; i < gr.count && !g->err; i++)
		if (!gr.v[i].done)
			graph_node(&gr, &gr.v[i]);
	free(gr.v);
	first_here(g, gr.accept);
	first_accept(g, item.rule, pending, &part);
	first_close(g, &part, h);
}
