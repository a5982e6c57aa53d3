// SPDX-License-Identifier: GPL-2.0
#include "lib/translate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "lib/emit.h"
#include "lib/flow.h"
#include "lib/translate_gen.h"
#include "xdpchain/watch.h"

/* Helper numbers, enum bpf_func_id. */
#define HELPER_LEN  BPF_FUNC_xdp_get_buff_len
#define HELPER_LOAD BPF_FUNC_xdp_load_bytes
#define HELPER_READ BPF_FUNC_probe_read_kernel

/* A program of which it is worth keeping the verifier's paths apart from those of the next. */
#define APART_MIN 500

/* Register 0 and the stack are all that programs share: A, X and M[] start at zero in each. */
static void gen_start(struct gen *g)
{
	__u32 live = g->flow->start < FLOW_ACCEPT ? g->flow->insns[g->flow->start].live : 0;
	struct emit *e = g->e;

	if (g->view) {
		emit_op(e, BPF_LDX | BPF_MEM | BPF_W, GEN_ZERO, GEN_CTX,
			offsetof(struct watch_view, len), 0);
		emit_op(e, BPF_ALU64 | BPF_SUB | BPF_X, GEN_ZERO, GEN_ZERO, 0, 0);
	} else {
		gen_load_data(g);
		emit_op(e, BPF_LDX | BPF_MEM | BPF_W, GEN_END, GEN_CTX,
			offsetof(struct xdp_md, data_end), 0);
		emit_op(e, BPF_ALU64 | BPF_MOV | BPF_X, GEN_ZERO, GEN_DATA, 0, 0);
		emit_op(e, BPF_ALU64 | BPF_SUB | BPF_X, GEN_ZERO, GEN_DATA, 0, 0);
	}
	if (live & FLOW_A)
		emit_op(e, BPF_ALU | BPF_MOV | BPF_K, GEN_A, 0, 0, 0);
	if (live & FLOW_X)
		emit_op(e, BPF_ALU | BPF_MOV | BPF_K, GEN_X, 0, 0, 0);
	gen_blur(g, live);
	for (__u32 i = 0; i < CLASSIC_MEM; i++)
		if (live & 1u << i)
			emit_op(e, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, GEN_ZERO, GEN_MEM(i), 0);
}

/* Where a program has decided: note it in the mask, and on to the next program or out. */
static void gen_verdict(struct gen *g, bool accept)
{
	struct emit *e = g->e;

	if (g->first)
		emit_op(e, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, accept ? g->bit : 0);
	else if (accept || g->last)
		emit_op(e, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_0, BPF_REG_10, GEN_MASK, 0);
	if (!g->first && accept)
		emit_op(e, BPF_ALU | BPF_OR | BPF_K, BPF_REG_0, 0, 0, g->bit);
	if (g->first || accept || g->last)
		emit_op(e, BPF_ALU | BPF_ADD | BPF_X, BPF_REG_0, GEN_ZERO, 0, 0);
	if (g->last) {
		emit_op(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
		return;
	}
	if (g->first || accept)
		emit_op(e, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_REG_0, GEN_MASK, 0);
	emit_jump(e, BPF_JMP | BPF_JA, 0, 0, 0, g->done);
}

/*
 * Lead the verifier past the program first, by a way that is never taken. It walks one path to
 * its end with every branch on it left open, and gives up at 8192 (BPF_COMPLEXITY_LIMIT_JMP_SEQ):
 * so no path is made of the longest ones of several programs.
 */
static void gen_apart(struct gen *g, __u32 skip)
{
	__u32 body = emit_labels(g->e, 1);

	emit_op(g->e, BPF_ALU64 | BPF_MOV | BPF_X, GEN_TMP, GEN_DATA, 0, 0);
	emit_op(g->e, BPF_ALU64 | BPF_SUB | BPF_X, GEN_TMP, GEN_DATA, 0, 0);
	emit_jump(g->e, BPF_JMP | BPF_JEQ | BPF_K, GEN_TMP, 0, 0, body);
	emit_jump(g->e, BPF_JMP | BPF_JA, 0, 0, 0, skip);
	emit_here(g->e, body);
}

/* One copy of the program; @entry: the program starts here. */
static void gen_copy(struct gen *g, enum flow_copy copy, bool entry)
{
	g->copy = copy;
	memset(g->folded, 0, sizeof(g->folded));
	g->accept = emit_labels(g->e, 2);
	g->reject = g->accept + 1;
	if (entry && g->prog->count > APART_MIN && !g->last)
		gen_apart(g, g->reject);
	if (entry && g->flow->start >= FLOW_ACCEPT)
		gen_goto(g, g->flow->start);
	for (__u32 i = 0; i < g->prog->count; i++)
		if (gen_wanted(g, i))
			gen_insn(g, i);
	for (int accept = 1; accept >= 0; accept--) {
		__u32 label = accept ? g->accept : g->reject;

		if (!emit_used(g->e, label))
			continue;
		emit_here(g->e, label);
		gen_verdict(g, accept);
	}
}

static void gen_prog(struct gen *g, bool exact)
{
	bool slow = false;

	gen_start(g);
	g->labels = emit_labels(g->e, FLOW_COPIES * g->prog->count);
	if (!exact)
		gen_copy(g, FLOW_FAST, true);
	for (__u32 i = 0; i < g->prog->count; i++)
		slow |= g->flow->insns[i].edges[FLOW_EXACT];
	if (slow || exact)
		gen_copy(g, FLOW_EXACT, exact);
}

/* No branch: each would double what the verifier has open at a time. */
void gen_load_func(struct emit *e, int order)
{
	static const __u8 sizes[] = { BPF_B, BPF_H, BPF_W };

	emit_op(e, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_10, 0, 0);
	emit_op(e, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_3, 0, 0, -8);
	emit_op(e, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_4, 0, 0, 1 << order);
	emit_op(e, BPF_JMP | BPF_CALL, 0, 0, 0, HELPER_LOAD);
	emit_op(e, BPF_LDX | BPF_MEM | sizes[order], BPF_REG_1, BPF_REG_10, -8, 0);
	if (order)
		emit_op(e, BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_1, 0, 0, 8 << order);
	emit_op(e, BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_0, 0, 0, 32);
	emit_op(e, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0);
	emit_op(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/*
 * The same, of a struct watch_view. What lies behind the packet is read too, by a helper that may
 * be asked for any address, and then not looked at.
 */
static void gen_load_view(struct emit *e, int order)
{
	static const __u8 sizes[] = { BPF_B, BPF_H, BPF_W };
	const __u8 left = BPF_REG_6; /* bytes behind the load; negative: the packet ends before */

	emit_op(e, BPF_LDX | BPF_MEM | BPF_DW, BPF_REG_3, BPF_REG_1,
		offsetof(struct watch_view, data), 0);
	emit_op(e, BPF_ALU64 | BPF_ADD | BPF_X, BPF_REG_3, BPF_REG_2, 0, 0);
	emit_op(e, BPF_LDX | BPF_MEM | BPF_W, left, BPF_REG_1, offsetof(struct watch_view, len), 0);
	emit_op(e, BPF_ALU64 | BPF_SUB | BPF_X, left, BPF_REG_2, 0, 0);
	emit_op(e, BPF_ALU64 | BPF_SUB | BPF_K, left, 0, 0, 1 << order);
	emit_op(e, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_10, 0, 0);
	emit_op(e, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_1, 0, 0, -8);
	emit_op(e, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, 1 << order);
	emit_op(e, BPF_JMP | BPF_CALL, 0, 0, 0, HELPER_READ);
	emit_op(e, BPF_LDX | BPF_MEM | sizes[order], BPF_REG_1, BPF_REG_10, -8, 0);
	if (order)
		emit_op(e, BPF_ALU | BPF_END | BPF_TO_BE, BPF_REG_1, 0, 0, 8 << order);
	emit_op(e, BPF_ALU64 | BPF_ARSH | BPF_K, left, 0, 0, 63);
	emit_op(e, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_0, left, 0, 0);
	emit_op(e, BPF_ALU64 | BPF_LSH | BPF_K, BPF_REG_0, 0, 0, 32);
	emit_op(e, BPF_ALU64 | BPF_OR | BPF_X, BPF_REG_0, BPF_REG_1, 0, 0);
	emit_op(e, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void gen_len(struct emit *e, bool view)
{
	if (view) {
		emit_op(e, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_0, GEN_CTX,
			offsetof(struct watch_view, len), 0);
	} else {
		emit_op(e, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, GEN_CTX, 0, 0);
		emit_op(e, BPF_JMP | BPF_CALL, 0, 0, 0, HELPER_LEN);
	}
	emit_op(e, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, BPF_REG_0, GEN_LEN, 0);
}

void gen_match(struct emit *e, const struct classic_prog *progs, __u32 mask, struct flow *flow,
	       const struct gen_how *how)
{
	struct gen g = {
		.e = e, .flow = flow, .first = true, .view = how->view, .loads = how->loads
	};
	bool exact = how->view || how->exact;
	bool has_len = false;

	emit_op(e, BPF_ALU64 | BPF_MOV | BPF_X, GEN_CTX, BPF_REG_1, 0, 0);
	for (__u32 i = 0; i < 32 && mask >> i; i++) {
		if (!(mask & 1u << i))
			continue;
		g.prog = &progs[i];
		g.bit = 1u << i;
		g.last = !(mask >> i >> 1);
		g.done = emit_labels(e, 1);
		flow_build(g.prog, flow, exact);
		if (flow->has_len && !has_len)
			gen_len(e, g.view);
		has_len |= flow->has_len;
		gen_prog(&g, exact);
		emit_here(e, g.done);
		g.first = false;
	}
}

static int translate_try(const struct classic_prog *progs, __u32 mask, struct gen_how how,
			 struct translate_code *code)
{
	struct flow *flow = malloc(sizeof(*flow));
	struct emit e = { 0 };
	int err = -ENOMEM;

	if (!flow)
		return err;
	*code = (struct translate_code){ .func_count = 1 };
	how.loads = emit_labels(&e, 3);
	gen_match(&e, progs, mask, flow, &how);
	for (__u32 i = 0; i < 3; i++) {
		if (!emit_used(&e, i))
			continue;
		emit_here(&e, i);
		code->funcs[code->func_count++] = emit_place(&e, i);
		if (how.view)
			gen_load_view(&e, i);
		else
			gen_load_func(&e, i);
	}
	err = emit_finish(&e);
	if (!err) {
		code->insns = e.insns;
		code->count = e.count;
		e.insns = NULL;
	}
	emit_free(&e);
	free(flow);
	return err;
}

static int translate_check(const struct classic_prog *progs, __u32 mask)
{
	int err = mask ? 0 : -EINVAL;

	for (__u32 i = 0; !err && i < TRANSLATE_PROGS; i++)
		if (mask & 1u << i)
			err = classic_check(&progs[i], NULL, NULL);
	return err;
}

int translate(const struct classic_prog *progs, __u32 mask, struct translate_code *code)
{
	struct translate_code made;
	int err;

	mask &= (1u << TRANSLATE_PROGS) - 1;
	err = translate_check(progs, mask);
	if (err)
		return err;
	err = translate_try(progs, mask, (struct gen_how){ 0 }, &made);
	if (err == -E2BIG) /* two copies are further apart than a jump reaches */
		err = translate_try(progs, mask, (struct gen_how){ .exact = true }, &made);
	if (!err)
		*code = made;
	return err;
}

int translate_view(const struct classic_prog *prog, struct translate_code *code)
{
	struct classic_prog progs[TRANSLATE_PROGS] = { *prog };
	struct translate_code made;
	int err = translate_check(progs, 1);

	if (!err)
		err = translate_try(progs, 1, (struct gen_how){ .view = true }, &made);
	if (!err)
		*code = made;
	return err;
}

void translate_free(struct translate_code *code)
{
	free(code->insns);
	*code = (struct translate_code){ 0 };
}
