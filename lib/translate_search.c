// SPDX-License-Identifier: GPL-2.0
/*
 * A list of hosts or ports compiles to a chain of `jeq`s on the same A, up to thousands. Written
 * as a tree of comparisons it takes a dozen instead of all of them for a packet that is not in it.
 */
#include <stdlib.h>

#include "lib/translate_gen.h"

#define CHAIN_MIN 6 /* shorter ones are faster as they are */
#define LEAF_MAX  3

struct chain {
	struct key {
		__u32 k;
		__u16 to, order;
	} keys[CLASSIC_INSNS_MAX];
	__u32 count;
	__u16 last; /* instruction at the end of the chain */
};

static int key_compare(const void *a, const void *b)
{
	const struct key *x = a, *y = b;

	if (x->k != y->k)
		return x->k < y->k ? -1 : 1;
	return x->order - y->order;
}

/* Collect the comparisons that follow from @i on, one only after the other. */
static void chain_collect(const struct gen *g, __u32 i, struct chain *c)
{
	const struct flow_insn *f = &g->flow->insns[i];

	for (c->count = 0;; i = f->next, f = &g->flow->insns[i]) {
		c->keys[c->count] = (struct key){ g->prog->insns[i].k, f->jump, (__u16)c->count };
		c->count++;
		c->last = i;
		if (f->next >= FLOW_ACCEPT || g->flow->insns[f->next].edges[g->copy] != 1 ||
		    g->prog->insns[f->next].code != (BPF_JMP | BPF_JEQ | BPF_K))
			return;
	}
}

/* Sort by value; of the same value twice, the first is the one that counts. */
static void chain_sort(struct chain *c)
{
	__u32 n = 0;

	qsort(c->keys, c->count, sizeof(c->keys[0]), key_compare);
	for (__u32 i = 0; i < c->count; i++)
		if (!n || c->keys[i].k != c->keys[n - 1].k)
			c->keys[n++] = c->keys[i];
	c->count = n;
}

static void chain_tree(struct gen *g, const struct key *keys, __u32 count, __u32 miss)
{
	__u32 half = count / 2, upper;

	if (count <= LEAF_MAX) {
		for (__u32 i = 0; i < count; i++)
			gen_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, GEN_A, 0, keys[i].k, keys[i].to);
		emit_jump(g->e, BPF_JMP | BPF_JA, 0, 0, 0, miss);
		return;
	}
	upper = emit_labels(g->e, 1);
	emit_jump(g->e, BPF_JMP32 | BPF_JGE | BPF_K, GEN_A, 0, keys[half].k, upper);
	chain_tree(g, keys, half, miss);
	emit_here(g->e, upper);
	chain_tree(g, keys + half, count - half, miss);
}

bool gen_search(struct gen *g, __u32 i, __u16 *next)
{
	struct chain *c;
	__u32 miss;

	if (g->prog->insns[i].code != (BPF_JMP | BPF_JEQ | BPF_K))
		return false;
	c = malloc(sizeof(*c));
	if (!c)
		return false;
	chain_collect(g, i, c);
	if (c->count < CHAIN_MIN) {
		free(c);
		return false;
	}
	for (__u32 n = i; n != c->last;) {
		n = g->flow->insns[n].next;
		g->folded[n] = true;
	}
	*next = g->flow->insns[c->last].next;
	miss = emit_labels(g->e, 1);
	chain_sort(c);
	chain_tree(g, c->keys, c->count, miss);
	emit_here(g->e, miss);
	if (*next < FLOW_ACCEPT)
		gen_blur(g, g->flow->insns[*next].live);
	free(c);
	return true;
}
