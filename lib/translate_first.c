// SPDX-License-Identifier: GPL-2.0
/* translate_first - many programs as one function: which is the first that accepts. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/first.h"
#include "lib/translate.h"

#define CALL_PROGS 32 /* in one function: bits of its result */

/*
 * Rules are put together as far as the function does not get much larger than they are: with each
 * group that a rule is put into, more of it is there twice.
 */
#define SPLITS_MAX  64
#define SIZE_FACTOR 12 /* instructions for one of a classic program; alone it is about 6 */
#define SIZE_MIN    4000

/* Programs that are no graph of a decent size: they are written one after the other. */
struct call {
	__u32 rules[CALL_PROGS], count, label;
	struct classic_prog progs[CALL_PROGS];
};

struct list {
	const struct classic_prog *progs;
	struct first_item *items; /* of those that are graphs, by rule */
	__u32 item_count;
	struct call *calls;
	__u32 call_count;
	struct decide graph;
	__u32 size;	  /* classic instructions in them */
	__u32 splits_max; /* groups that a rule is put into */
	__u32 part;	  /* items that are put together; a jump reaches over no more */
	bool calls_exact; /* the functions of calls have no fast copy */
};

static int list_call(struct list *l, __u32 rule)
{
	struct call *c = l->call_count ? &l->calls[l->call_count - 1] : NULL;

	if (!c || c->count == CALL_PROGS) {
		c = realloc(l->calls, (l->call_count + 1) * sizeof(*c));
		if (!c)
			return -ENOMEM;
		l->calls = c;
		c += l->call_count++;
		c->count = 0;
	}
	c->rules[c->count] = rule;
	c->progs[c->count++] = l->progs[rule];
	return 0;
}

static int list_read(struct list *l, __u32 count)
{
	l->items = malloc(count * sizeof(*l->items));
	if (!l->items)
		return -ENOMEM;
	for (__u32 i = 0; i < count; i++) {
		__u32 root;
		int err = decide_add(&l->graph, &l->progs[i], &root);

		l->size += l->progs[i].count;
		if (!err)
			l->items[l->item_count++] = (struct first_item){ i, root };
		else if (err == -E2BIG)
			err = list_call(l, i);
		if (err)
			return err;
	}
	l->part = l->item_count;
	l->splits_max = SPLITS_MAX;
	return 0;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_packet(struct first *g)
{
	first_op(g, BPF_LDX | BPF_MEM | BPF_W, GEN_DATA, GEN_CTX, offsetof(struct xdp_md, data), 0);
	first_op(g, BPF_LDX | BPF_MEM | BPF_W, GEN_END, GEN_CTX, offsetof(struct xdp_md, data_end),
		 0);
}

/* The length, how much of it is not linear, and an unknown zero. */
static void write_start(struct first *g)
{
	first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, GEN_CTX, BPF_REG_1, 0, 0);
	first_op(g, BPF_JMP | BPF_CALL, 0, 0, 0, BPF_FUNC_xdp_get_buff_len);
	write_packet(g);
	first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, GEN_ZERO, GEN_DATA, 0, 0);
	first_op(g, BPF_ALU64 | BPF_SUB | BPF_X, GEN_ZERO, GEN_DATA, 0, 0);
	first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, GEN_TMP, GEN_END, 0, 0);
	first_op(g, BPF_ALU64 | BPF_SUB | BPF_X, GEN_TMP, GEN_DATA, 0, 0);
	first_op(g, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_REG_0, GEN_LEN, 0);
	first_op(g, BPF_ALU | BPF_SUB | BPF_X, BPF_REG_0, GEN_TMP, 0, 0);
	first_op(g, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_REG_0, FIRST_MORE, 0);
}

static void write_end(struct first *g)
{
	first_op(g, BPF_ALU | BPF_MOV | BPF_X, BPF_REG_0, FIRST_BEST, 0, 0);
	first_op(g, BPF_JMP32 | BPF_JNE | BPF_K, BPF_REG_0, 0, 1, (__s32)FIRST_NONE);
	first_op(g, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	first_op(g, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	g->dead = true;
}

/* Ask the function of @c, unless a rule before all of its own matches. */
static void write_call(struct first *g, const struct call *c, __u32 pending)
{
	struct first_part part = first_open(g);
	struct first_held held = { 0 };
	__u32 labels = emit_labels(g->e, c->count);

	first_jump(g, BPF_JMP32 | BPF_JLE | BPF_K, FIRST_BEST, 0, c->rules[0] + 1, part.end);
	first_op(g, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, GEN_CTX, 0, 0);
	if (!g->dead)
		emit_call(g->e, c->label);
	first_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, BPF_REG_0, 0, 0, part.end);
	for (__u32 i = 0; i < c->count; i++)
		first_jump(g, BPF_JMP32 | BPF_JSET | BPF_K, BPF_REG_0, 0, (__s32)(1u << i),
			   labels + i);
	first_goto(g, part.end);
	for (__u32 i = 0; i < c->count; i++) {
		first_here(g, labels + i);
		first_accept(g, c->rules[i], pending, &part);
		first_goto(g, part.end);
	}
	first_close(g, &part, &held);
}

/* All rules, by the fast copy or by the exact one. */
static void write_copy(struct first *g, const struct list *l)
{
	__u32 calls = l->call_count ? l->calls[0].rules[0] : FIRST_NONE;

	first_op(g, BPF_ALU | BPF_MOV | BPF_K, FIRST_BEST, 0, 0, (__s32)FIRST_NONE);
	first_blur(g, FIRST_BEST);
	memset(g->splits, 0, TRANSLATE_FIRST_MAX);
	for (__u32 i = 0; i < l->item_count; i += l->part) {
		struct first_held held = { 0 };
		__u32 count = l->item_count - i < l->part ? l->item_count - i : l->part;
		__u32 next = i + count < l->item_count ? l->items[i + count].rule : FIRST_NONE;

		if (i)
			write_packet(g); /* nothing is known any more */
		first_list(g, &held, l->items + i, count, next < calls ? next : calls, 0);
	}
	for (__u32 i = 0; i < l->call_count; i++)
		write_call(g, &l->calls[i],
			   i + 1 < l->call_count ? l->calls[i + 1].rules[0] : FIRST_NONE);
}

static void write_functions(struct emit *e, const struct list *l, __u32 loads, struct flow *flow,
			    struct translate_code *code)
{
	const struct gen_how how = { .exact = l->calls_exact, .loads = loads };

	for (__u32 i = 0; i < l->call_count; i++) {
		const struct call *c = &l->calls[i];

		if (!emit_used(e, c->label))
			continue;
		emit_here(e, c->label);
		code->funcs[code->func_count++] = e->count;
		gen_match(e, c->progs, 0xffffffffu >> (CALL_PROGS - c->count), flow, &how);
	}
	for (__u32 i = 0; i < 3; i++) {
		if (!emit_used(e, loads + i))
			continue;
		emit_here(e, loads + i);
		code->funcs[code->func_count++] = e->count;
		gen_load_func(e, i);
	}
}

static void write_all(struct first *g, struct list *l, struct flow *flow,
		      struct translate_code *code)
{
	__u32 again = emit_labels(g->e, 1);

	g->loads = emit_labels(g->e, 3);
	for (__u32 i = 0; i < l->call_count; i++)
		l->calls[i].label = emit_labels(g->e, 1);
	write_start(g);
	write_copy(g, l);
	if (!g->dead) {
		first_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, FIRST_BEST, 0, FIRST_AGAIN, again);
		write_end(g);
		first_here(g, again);
		g->exact = true;
		write_copy(g, l);
		write_end(g);
	}
	write_functions(g->e, l, g->loads, flow, code);
}

static int list_write(struct list *l, struct translate_code *code)
{
	struct emit e = { 0 };
	struct first g = { .e = &e, .d = &l->graph, .splits_max = l->splits_max };
	struct flow *flow = malloc(sizeof(*flow));
	int err = -ENOMEM;

	*code = (struct translate_code){ .func_count = 1 };
	g.splits = malloc(TRANSLATE_FIRST_MAX);
	if (flow && g.splits) {
		write_all(&g, l, flow, code);
		err = emit_finish(&e);
		if (g.err || l->graph.err || l->graph.terms.err)
			err = -ENOMEM;
	}
	if (!err) {
		code->insns = e.insns;
		code->count = e.count;
		e.insns = NULL;
	}
	emit_free(&e);
	free(g.splits);
	free(g.marks);
	free(flow);
	return err;
}

/* Until it is small enough, with less put together; until its jumps reach, in parts. */
static int list_fit(struct list *l, struct translate_code *code)
{
	int err = list_write(l, code);

	while (!err && code->count > SIZE_MIN + SIZE_FACTOR * l->size && l->splits_max > 1) {
		l->splits_max /= 4;
		translate_free(code);
		err = list_write(l, code);
	}
	if (err == -E2BIG && l->call_count) {
		l->calls_exact = true;
		err = list_write(l, code);
	}
	while (err == -E2BIG && l->part > 1) {
		l->part = (l->part + 1) / 2;
		err = list_write(l, code);
	}
	return err;
}

int translate_first(const struct classic_prog *progs, __u32 count, struct translate_code *code)
{
	struct list l = { .progs = progs };
	struct translate_code made;
	int err = count && count <= TRANSLATE_FIRST_MAX ? 0 : -E2BIG;

	for (__u32 i = 0; !err && i < count; i++)
		err = classic_check(&progs[i], NULL, NULL);
	if (err)
		return err;
	err = decide_begin(&l.graph);
	if (!err)
		err = list_read(&l, count);
	if (!err)
		err = list_fit(&l, &made);
	if (!err)
		*code = made;
	decide_free(&l.graph);
	free(l.items);
	free(l.calls);
	return err;
}
