// SPDX-License-Identifier: GPL-2.0
#include "lib/translate_gen.h"

#include <linux/filter.h>

static __u32 gen_label(const struct gen *g, enum flow_copy copy, __u32 i)
{
	return g->labels + copy * g->prog->count + i;
}

static __u32 gen_target(const struct gen *g, __u16 to)
{
	if (to == FLOW_ACCEPT)
		return g->accept;
	return to == FLOW_REJECT ? g->reject : gen_label(g, g->copy, to);
}

bool gen_wanted(const struct gen *g, __u32 i)
{
	return g->flow->insns[i].edges[g->copy] && !g->folded[i];
}

/* True if @to is what will be written next after instruction @i. */
static bool gen_follows(const struct gen *g, __u32 i, __u16 to)
{
	if (to >= FLOW_ACCEPT)
		return false;
	for (i++; i < to; i++)
		if (gen_wanted(g, i))
			return false;
	return i == to;
}

void gen_goto(struct gen *g, __u16 to)
{
	emit_jump(g->e, BPF_JMP | BPF_JA, 0, 0, 0, gen_target(g, to));
}

void gen_jump(struct gen *g, __u8 code, __u8 dst, __u8 src, __s32 imm, __u16 to)
{
	emit_jump(g->e, code, dst, src, imm, gen_target(g, to));
}

void gen_blur(struct gen *g, __u32 regs)
{
	if (regs & FLOW_A)
		emit_op(g->e, BPF_ALU | BPF_ADD | BPF_X, GEN_A, GEN_ZERO, 0, 0);
	if (regs & FLOW_X)
		emit_op(g->e, BPF_ALU | BPF_ADD | BPF_X, GEN_X, GEN_ZERO, 0, 0);
}

void gen_load_data(struct gen *g)
{
	emit_op(g->e, BPF_LDX | BPF_MEM | BPF_W, GEN_DATA, GEN_CTX, offsetof(struct xdp_md, data),
		0);
}

/* --- loads of the packet ---------------------------------------------------------------------- */

/*
 * GEN_CUR = start + X. The verifier lets a register be added to a packet that is at most 64 KiB,
 * and on paths that no packet takes it may hold X for larger and smaller than that at once (6.1
 * does): unless X is fresh from a header it is compared in a shape that it knows nothing of.
 */
static void gen_cursor(struct gen *g, __u32 i, __u16 check)
{
	if (g->flow->insns[i].small_x) {
		emit_op(g->e, BPF_ALU64 | BPF_MOV | BPF_X, GEN_CUR, GEN_X, 0, 0);
	} else {
		emit_op(g->e, BPF_ALU | BPF_MOV | BPF_X, GEN_CUR, GEN_X, 0, 0);
		emit_op(g->e, BPF_ALU | BPF_ADD | BPF_X, GEN_CUR, GEN_ZERO, 0, 0);
		emit_jump(g->e, BPF_JMP32 | BPF_JGT | BPF_K, GEN_CUR, 0, 0xffff - check,
			  gen_label(g, FLOW_EXACT, i));
	}
	emit_op(g->e, BPF_ALU64 | BPF_ADD | BPF_X, GEN_CUR, GEN_DATA, 0, 0);
}

/* Check that @check bytes are there, from the start or (@base is GEN_CUR, which is set) from X. */
static void gen_check(struct gen *g, __u32 i, __u8 base, __u16 check)
{
	__u8 reg = base == GEN_CUR ? GEN_CUR : GEN_TMP;

	if (base == GEN_CUR)
		gen_cursor(g, i, check);
	else
		emit_op(g->e, BPF_ALU64 | BPF_MOV | BPF_X, reg, GEN_DATA, 0, 0);
	emit_op(g->e, BPF_ALU64 | BPF_ADD | BPF_K, reg, 0, 0, check);
	emit_jump(g->e, BPF_JMP | BPF_JGT | BPF_X, reg, GEN_END, 0, gen_label(g, FLOW_EXACT, i));
}

static void gen_load_fast(struct gen *g, __u32 i, __u8 dst)
{
	const struct classic_insn *p = &g->prog->insns[i];
	const struct flow_insn *f = &g->flow->insns[i];
	__u8 base = BPF_MODE(p->code) == BPF_IND ? GEN_CUR : GEN_DATA;
	__u32 size = flow_load(p), off = p->k;

	if (off + size > FLOW_DIRECT_MAX) {
		emit_jump(g->e, BPF_JMP | BPF_JA, 0, 0, 0, gen_label(g, FLOW_EXACT, i));
		return;
	}
	if (f->check)
		gen_check(g, i, base, f->check);
	if (base == GEN_CUR)
		off -= f->check ? f->check : f->known_x;
	emit_op(g->e, BPF_LDX | BPF_MEM | BPF_SIZE(p->code), dst, base, off, 0);
	if (size > 1)
		emit_op(g->e, BPF_ALU | BPF_END | BPF_TO_BE, dst, 0, 0, 8 * size);
}

static void gen_load_exact(struct gen *g, const struct classic_insn *p, __u8 dst)
{
	__u32 size = flow_load(p);

	if (BPF_MODE(p->code) == BPF_IND) {
		gen_jump(g, BPF_JMP32 | BPF_JGT | BPF_K, GEN_X, 0, FLOW_OFFSET_MAX - p->k,
			 FLOW_REJECT);
		emit_op(g->e, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_2, GEN_X, 0, 0);
		emit_op(g->e, BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_2, 0, 0, p->k);
	} else {
		emit_op(g->e, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_2, 0, 0, p->k);
	}
	emit_op(g->e, BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_1, GEN_CTX, 0, 0);
	emit_call(g->e, g->loads + (size == 4 ? 2 : size - 1));
	gen_jump(g, BPF_JMP | BPF_JSLT | BPF_K, BPF_REG_0, 0, 0, FLOW_REJECT);
	emit_op(g->e, BPF_ALU | BPF_MOV | BPF_X, dst, BPF_REG_0, 0, 0);
}

/* False if the program ends here, in the fast copy at least. */
static bool gen_load(struct gen *g, __u32 i)
{
	const struct classic_insn *p = &g->prog->insns[i];
	bool msh = BPF_MODE(p->code) == BPF_MSH;
	__u8 dst = msh ? GEN_X : GEN_A;

	if (g->flow->insns[i].next == FLOW_REJECT)
		return true;
	if (g->copy == FLOW_EXACT)
		gen_load_exact(g, p, dst);
	else
		gen_load_fast(g, i, dst);
	if (g->copy == FLOW_FAST && p->k + flow_load(p) > FLOW_DIRECT_MAX)
		return false;
	if (msh) {
		emit_op(g->e, BPF_ALU | BPF_AND | BPF_K, GEN_X, 0, 0, 0xf);
		emit_op(g->e, BPF_ALU | BPF_LSH | BPF_K, GEN_X, 0, 0, 2);
	}
	return true;
}

/* --- what does not touch the packet ----------------------------------------------------------- */

/* M[] and the length: on the stack, without the verifier following the value through it. */
static void gen_fill(struct gen *g, __u8 dst, __s16 slot)
{
	emit_op(g->e, BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_10, slot, 0);
	gen_blur(g, dst == GEN_A ? FLOW_A : FLOW_X);
}

static void gen_store(struct gen *g, __u8 src, __u32 k)
{
	emit_op(g->e, BPF_ALU | BPF_MOV | BPF_X, GEN_TMP, src, 0, 0);
	emit_op(g->e, BPF_ALU | BPF_ADD | BPF_X, GEN_TMP, GEN_ZERO, 0, 0);
	emit_op(g->e, BPF_STX | BPF_MEM | BPF_W, BPF_REG_10, GEN_TMP, GEN_MEM(k), 0);
}

static bool gen_ld(struct gen *g, __u32 i)
{
	const struct classic_insn *p = &g->prog->insns[i];
	__u8 dst = BPF_CLASS(p->code) == BPF_LD ? GEN_A : GEN_X;

	switch (BPF_MODE(p->code)) {
	case BPF_IMM:
		emit_op(g->e, BPF_ALU | BPF_MOV | BPF_K, dst, 0, 0, p->k);
		return true;
	case BPF_MEM:
		gen_fill(g, dst, GEN_MEM(p->k));
		return true;
	case BPF_LEN:
		gen_fill(g, dst, GEN_LEN);
		return true;
	}
	return gen_load(g, i);
}

/* Shifts of 32 and more give 0; the CPU would take the amount modulo 32. */
static void gen_shift(struct gen *g, const struct classic_insn *p)
{
	if (BPF_SRC(p->code) == BPF_K) {
		if (p->k < 32)
			emit_op(g->e, p->code, GEN_A, 0, 0, p->k);
		else
			emit_op(g->e, BPF_ALU | BPF_MOV | BPF_K, GEN_A, 0, 0, 0);
		return;
	}
	emit_op(g->e, p->code, GEN_A, GEN_X, 0, 0);
	emit_op(g->e, BPF_JMP32 | BPF_JLT | BPF_K, GEN_X, 0, 1, 32);
	emit_op(g->e, BPF_ALU | BPF_MOV | BPF_K, GEN_A, 0, 0, 0);
}

static void gen_alu(struct gen *g, const struct classic_insn *p)
{
	bool by_x = BPF_SRC(p->code) == BPF_X;

	switch (BPF_OP(p->code)) {
	case BPF_LSH:
	case BPF_RSH:
		gen_shift(g, p);
		return;
	case BPF_NEG:
		emit_op(g->e, BPF_ALU | BPF_NEG, GEN_A, 0, 0, 0);
		return;
	case BPF_DIV:
	case BPF_MOD:
		if (by_x)
			gen_jump(g, BPF_JMP32 | BPF_JEQ | BPF_K, GEN_X, 0, 0, FLOW_REJECT);
		break;
	}
	emit_op(g->e, p->code, GEN_A, by_x ? GEN_X : 0, 0, by_x ? 0 : p->k);
}

/* The opposite of a condition; 0: there is none. */
static __u8 gen_inverse(__u8 op)
{
	switch (op) {
	case BPF_JEQ:
		return BPF_JNE;
	case BPF_JGT:
		return BPF_JLE;
	case BPF_JGE:
		return BPF_JLT;
	}
	return 0;
}

static void gen_branch(struct gen *g, __u32 i)
{
	const struct classic_insn *p = &g->prog->insns[i];
	const struct flow_insn *f = &g->flow->insns[i];
	__u8 op = BPF_OP(p->code), inverse = gen_inverse(op), src = BPF_SRC(p->code);
	__u8 reg = src == BPF_X ? GEN_X : 0;
	__s32 imm = src == BPF_X ? 0 : p->k;

	if (inverse && gen_follows(g, i, f->jump)) {
		gen_jump(g, BPF_JMP32 | inverse | src, GEN_A, reg, imm, f->next);
		return;
	}
	gen_jump(g, BPF_JMP32 | op | src, GEN_A, reg, imm, f->jump);
	if (!gen_follows(g, i, f->next))
		gen_goto(g, f->next);
}

static void gen_misc(struct gen *g, const struct classic_insn *p)
{
	bool to_a = BPF_MISCOP(p->code) == BPF_TXA;

	emit_op(g->e, BPF_ALU | BPF_MOV | BPF_X, to_a ? GEN_A : GEN_X, to_a ? GEN_X : GEN_A, 0, 0);
}

/* What ends in branches of its own: conditions, and a return of A. */
static void gen_fork(struct gen *g, __u32 i)
{
	__u16 next;

	if (BPF_CLASS(g->prog->insns[i].code) == BPF_RET) {
		gen_jump(g, BPF_JMP32 | BPF_JNE | BPF_K, GEN_A, 0, 0, FLOW_ACCEPT);
		gen_goto(g, FLOW_REJECT);
	} else if (!gen_search(g, i, &next)) {
		gen_branch(g, i);
	} else if (!gen_follows(g, i, next)) {
		gen_goto(g, next);
	}
}

void gen_insn(struct gen *g, __u32 i)
{
	const struct classic_insn *p = &g->prog->insns[i];
	const struct flow_insn *f = &g->flow->insns[i];
	bool on = true;

	emit_here(g->e, gen_label(g, g->copy, i));
	if (f->edges[g->copy] > 1)
		gen_blur(g, f->live);
	if (g->copy == FLOW_FAST && f->forget)
		gen_load_data(g);
	switch (BPF_CLASS(p->code)) {
	case BPF_LD:
	case BPF_LDX:
		on = gen_ld(g, i);
		break;
	case BPF_ST:
	case BPF_STX:
		gen_store(g, BPF_CLASS(p->code) == BPF_ST ? GEN_A : GEN_X, p->k);
		break;
	case BPF_ALU:
		gen_alu(g, p);
		break;
	case BPF_MISC:
		gen_misc(g, p);
		break;
	default:
		gen_fork(g, i);
		return;
	}
	if (on && !gen_follows(g, i, f->next))
		gen_goto(g, f->next);
}
