// SPDX-License-Identifier: GPL-2.0
/* first_value - terms and comparisons as instructions. */
#include <stdlib.h>

#include <linux/filter.h>

#include "lib/first.h"

/* A cursor reaches no further: the verifier adds at most 64 KiB to a packet. */
#define CURSOR_MAX 0x7fff

void first_op(struct first *g, __u8 code, __u8 dst, __u8 src, __s16 off, __s32 imm)
{
	if (!g->dead)
		emit_op(g->e, code, dst, src, off, imm);
}

void first_jump(struct first *g, __u8 code, __u8 dst, __u8 src, __s32 imm, __u32 label)
{
	if (!g->dead)
		emit_jump(g->e, code, dst, src, imm, label);
}

void first_goto(struct first *g, __u32 label)
{
	first_jump(g, BPF_JMP | BPF_JA, 0, 0, 0, label);
	g->dead = true;
}

void first_here(struct first *g, __u32 label)
{
	/* The verifier takes out jumps to the next instruction one by one, which takes it minutes.
	 */
	if (g->dead && emit_unjump(g->e, label))
		g->dead = false;
	emit_here(g->e, label);
	if (emit_used(g->e, label))
		g->dead = false;
}

void first_blur(struct first *g, __u8 reg)
{
	first_op(g, BPF_ALU | BPF_ADD | BPF_X, reg, GEN_ZERO, 0, 0);
}

struct first_part first_open(struct first *g)
{
	struct first_part part = { .end = emit_labels(g->e, 3),
				   .moved_data = g->moved_data,
				   .moved_cursor = g->moved_cursor };

	part.cut = part.end + 1;
	part.far = part.end + 2;
	g->moved_data = g->moved_cursor = false;
	return part;
}

/* Where parts of a packet were checked on one way and not on another, none counts from here on. */
void first_close(struct first *g, const struct first_part *part, struct first_held *h)
{
	if (emit_used(g->e, part->cut) || emit_used(g->e, part->far))
		first_goto(g, part->end);
	first_here(g, part->cut);
	first_op(g, BPF_LDX | BPF_MEM | BPF_W, GEN_TMP, BPF_REG_10, FIRST_MORE, 0);
	first_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, GEN_TMP, 0, 0, part->end);
	first_here(g, part->far);
	if (emit_used(g->e, part->cut) || emit_used(g->e, part->far))
		first_op(g, BPF_ALU | BPF_MOV | BPF_K, FIRST_BEST, 0, 0, FIRST_AGAIN);
	first_here(g, part->end);
	first_blur(g, FIRST_BEST);
	h->a = TERM_NONE;
	if (g->moved_data) {
		first_op(g, BPF_LDX | BPF_MEM | BPF_W, GEN_DATA, GEN_CTX,
			 offsetof(struct xdp_md, data), 0);
		h->known = 0;
	}
	if (g->moved_cursor)
		h->base = TERM_NONE;
	g->moved_data |= part->moved_data;
	g->moved_cursor |= part->moved_cursor;
}

void first_accept(struct first *g, __u32 rule, __u32 pending, const struct first_part *part)
{
	first_jump(g, BPF_JMP32 | BPF_JLE | BPF_K, FIRST_BEST, 0, rule + 1, part->end);
	if (rule <= pending) {
		first_op(g, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, rule + 1);
		first_op(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		g->dead = true;
		return;
	}
	first_op(g, BPF_ALU | BPF_MOV | BPF_K, FIRST_BEST, 0, 0, rule + 1);
}

/* --- loads ------------------------------------------------------------------------------------ */

static void past_end(struct first *g, __u8 reg, __u32 end, __u32 fail)
{
	first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, GEN_TMP, reg, 0, 0);
	first_op(g, BPF_ALU64 | BPF_ADD | BPF_K, GEN_TMP, 0, 0, end);
	first_jump(g, BPF_JMP | BPF_JGT | BPF_X, GEN_TMP, GEN_END, 0, fail);
}

void first_reach(struct first *g, struct first_held *h, __u32 end, __u32 fail)
{
	if (end <= h->known)
		return;
	past_end(g, GEN_DATA, end, fail);
	h->known = end;
	g->moved_data = true;
}

/* Is @term an IPv4 header's length, 4*([k]&0xf), which the verifier knows to be small. */
static bool is_small(const struct terms *t, __u32 term)
{
	const struct term *shift = &t->v[term], *and = &t->v[shift->a];
	__u32 by, mask;

	return shift->kind == TERM_OP &&
	       shift->op == BPF_LSH && and->kind == TERM_OP && and->op == BPF_AND &&
	       term_is_const(t, shift->b, &by) && by == 2 && term_is_const(t, and->b, &mask) &&
	       mask == 0xf;
}

/* GEN_CUR = start + base. */
static void cursor(struct first *g, struct first_held *h, __u32 base, const struct first_part *part)
{
	if (h->base == base)
		return;
	first_value(g, h, base, part);
	if (is_small(&g->d->terms, base)) {
		first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, GEN_CUR, GEN_A, 0, 0);
	} else {
		first_op(g, BPF_ALU | BPF_MOV | BPF_X, GEN_CUR, GEN_A, 0, 0);
		first_blur(g, GEN_CUR);
		first_jump(g, BPF_JMP32 | BPF_JGT | BPF_K, GEN_CUR, 0, CURSOR_MAX, part->far);
	}
	first_op(g, BPF_ALU64 | BPF_ADD | BPF_X, GEN_CUR, GEN_DATA, 0, 0);
	h->base = base;
	h->base_known = 0;
	g->moved_cursor = true;
}

/* Check for the load @p in the fast copy. False if it is out of reach there. */
static bool check(struct first *g, struct first_held *h, const struct term *p,
		  const struct first_part *part)
{
	__u32 end = p->k + p->size;

	if (end > FLOW_DIRECT_MAX) {
		first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, GEN_TMP, GEN_DATA, 0, 0);
		first_op(g, BPF_ALU64 | BPF_SUB | BPF_X, GEN_TMP, GEN_DATA, 0, 0);
		first_jump(g, BPF_JMP | BPF_JEQ | BPF_K, GEN_TMP, 0, 0, part->far);
		return false;
	}
	if (!p->a) {
		first_reach(g, h, end, part->cut);
		return true;
	}
	cursor(g, h, p->a, part);
	if (end > h->base_known) {
		past_end(g, GEN_CUR, end, part->cut);
		h->base_known = end;
		g->moved_cursor = true;
	}
	return true;
}

static void load_fast(struct first *g, struct first_held *h, const struct term *p,
		      const struct first_part *part)
{
	static const __u8 sizes[] = { [1] = BPF_B, [2] = BPF_H, [4] = BPF_W };

	if (!check(g, h, p, part)) {
		first_op(g, BPF_ALU | BPF_MOV | BPF_K, GEN_A, 0, 0, 0);
		return;
	}
	first_op(g, BPF_LDX | BPF_MEM | sizes[p->size], GEN_A, p->a ? GEN_CUR : GEN_DATA, p->k, 0);
	if (p->size > 1)
		first_op(g, BPF_ALU | BPF_END | BPF_TO_BE, GEN_A, 0, 0, 8 * p->size);
}

static void load_exact(struct first *g, struct first_held *h, const struct term *p,
		       const struct first_part *part)
{
	if (p->a) {
		first_value(g, h, p->a, part);
		first_jump(g, BPF_JMP32 | BPF_JGT | BPF_K, GEN_A, 0, FLOW_OFFSET_MAX - p->k,
			   part->end);
		first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, GEN_A, 0, 0);
		first_op(g, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, p->k);
	} else {
		first_op(g, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, p->k);
	}
	first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, GEN_CTX, 0, 0);
	if (!g->dead)
		emit_call(g->e, g->loads + (p->size == 4 ? 2 : p->size - 1));
	first_jump(g, BPF_JMP | BPF_JSLT | BPF_K, BPF_REG_0, 0, 0, part->end);
	first_op(g, BPF_ALU | BPF_MOV | BPF_X, GEN_A, BPF_REG_0, 0, 0);
}

/* --- operations ------------------------------------------------------------------------------- */

static void spill(struct first *g)
{
	first_op(g, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, GEN_A, GEN_MEM(g->spilled), 0);
	g->spilled++;
}

/* What was spilled last, into GEN_TMP, without the verifier following the value through it. */
static void unspill(struct first *g)
{
	g->spilled--;
	first_op(g, BPF_LDX | BPF_MEM | BPF_W, GEN_TMP, BPF_REG_10, GEN_MEM(g->spilled), 0);
	first_blur(g, GEN_TMP);
}

static void operate(struct first *g, struct first_held *h, const struct term *p,
		    const struct first_part *part)
{
	__u32 k;

	if (p->op == BPF_NEG) {
		first_value(g, h, p->a, part);
		first_op(g, BPF_ALU | BPF_NEG, GEN_A, 0, 0, 0);
	} else if (term_is_const(&g->d->terms, p->b, &k)) {
		first_value(g, h, p->a, part);
		first_op(g, BPF_ALU | p->op | BPF_K, GEN_A, 0, 0, k);
	} else {
		first_value(g, h, p->b, part);
		spill(g);
		first_value(g, h, p->a, part);
		unspill(g);
		first_op(g, BPF_ALU | p->op | BPF_X, GEN_A, GEN_TMP, 0, 0);
		if (p->op != BPF_LSH && p->op != BPF_RSH)
			return;
		first_op(g, BPF_JMP32 | BPF_JLT | BPF_K, GEN_TMP, 0, 1, 32);
		first_op(g, BPF_ALU | BPF_MOV | BPF_K, GEN_A, 0, 0, 0);
	}
}

void first_value(struct first *g, struct first_held *h, __u32 term, const struct first_part *part)
{
	const struct term *p = &g->d->terms.v[term];

	if (h->a == term)
		return;
	switch (p->kind) {
	case TERM_CONST:
		first_op(g, BPF_ALU | BPF_MOV | BPF_K, GEN_A, 0, 0, p->k);
		break;
	case TERM_LEN:
		first_op(g, BPF_LDX | BPF_MEM | BPF_W, GEN_A, BPF_REG_10, GEN_LEN, 0);
		first_blur(g, GEN_A);
		break;
	case TERM_LOAD:
		if (g->exact)
			load_exact(g, h, p, part);
		else
			load_fast(g, h, p, part);
		break;
	default:
		operate(g, h, p, part);
	}
	h->a = term;
}

/* --- comparisons ------------------------------------------------------------------------------ */

/* The loads that @n wants, but for those of its terms. */
static void needs(struct first *g, struct first_held *h, const struct decide_node *n,
		  const struct first_part *part)
{
	const struct terms *t = &g->d->terms;
	struct term_reach r = { .end = g->exact ? 0 : h->known };

	if (n->op != BPF_JA) {
		term_reach_add(&r, t, n->left);
		term_reach_add(&r, t, n->right);
	}
	for (__u32 i = 0; i < n->need_count; i++) {
		__u32 load = g->d->loads[n->needs + i];

		if (term_reach_has(&r, t, load))
			continue;
		if (g->exact)
			first_value(g, h, load, part);
		else
			check(g, h, &t->v[load], part);
		term_reach_add(&r, t, load);
	}
}

void first_compare(struct first *g, struct first_held *h, const struct decide_node *n,
		   const struct first_part *part)
{
	__u32 k;

	needs(g, h, n, part);
	if (n->op == BPF_JA)
		return;
	if (term_is_const(&g->d->terms, n->right, &k)) {
		first_value(g, h, n->left, part);
		return;
	}
	first_value(g, h, n->right, part);
	spill(g);
	first_value(g, h, n->left, part);
	unspill(g);
}

void first_branch(struct first *g, const struct decide_node *n, __u32 yes)
{
	__u32 k;

	if (n->op == BPF_JA)
		first_goto(g, yes);
	else if (term_is_const(&g->d->terms, n->right, &k))
		first_jump(g, BPF_JMP32 | n->op | BPF_K, GEN_A, 0, k, yes);
	else
		first_jump(g, BPF_JMP32 | n->op | BPF_X, GEN_A, GEN_TMP, 0, yes);
}

/* --- search ----------------------------------------------------------------------------------- */

static int key_compare(const void *a, const void *b)
{
	const struct first_key *x = a, *y = b;

	if (x->k != y->k)
		return x->k < y->k ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

__u32 first_sort(struct first_key *keys, __u32 count)
{
	__u32 n = 0;

	qsort(keys, count, sizeof(*keys), key_compare);
	for (__u32 i = 0; i < count; i++)
		if (!n || keys[i].k != keys[n - 1].k)
			keys[n++] = keys[i];
	return n;
}

#define LEAF_MAX 3

/* GEN_A is in @lo to @hi: where all of that is a key, no comparison is left, and no way to @miss.
 */
static void search(struct first *g, const struct first_key *keys, __u32 count, __u32 lo, __u32 hi,
		   __u32 miss)
{
	__u32 half = count / 2, upper;

	if (count <= LEAF_MAX) {
		for (__u32 i = 0; i < count; i++)
			if (i + 1 == count && hi - lo == i)
				first_goto(g, keys[i].label);
			else
				first_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, GEN_A, 0, keys[i].k,
					   keys[i].label);
		if (!g->dead)
			first_goto(g, miss);
		return;
	}
	upper = emit_labels(g->e, 1);
	first_jump(g, BPF_JMP32 | BPF_JGE | BPF_K, GEN_A, 0, keys[half].k, upper);
	search(g, keys, half, lo, keys[half].k - 1, miss);
	first_here(g, upper);
	search(g, keys + half, count - half, keys[half].k, hi, miss);
}

void first_search(struct first *g, const struct term *of, const struct first_key *keys, __u32 count,
		  __u32 miss)
{
	__u32 max = 0xffffffff;

	if (of->kind == TERM_LOAD && of->size < 4)
		max = (1u << 8 * of->size) - 1;
	while (count && keys[count - 1].k > max)
		count--;
	if (count)
		search(g, keys, count, 0, max, miss);
	else
		first_goto(g, miss);
}
