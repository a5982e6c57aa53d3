// SPDX-License-Identifier: GPL-2.0
#include "lib/classic.h"

#include <errno.h>
#include <stddef.h>

#include <linux/filter.h>

static const char *check_load(const struct classic_insn *p)
{
	switch (BPF_MODE(p->code)) {
	case BPF_ABS:
	case BPF_IND:
	case BPF_MSH:
		return p->k > 0x7fffffff ? "loads at a negative offset, as only a live socket can"
					 : NULL;
	case BPF_MEM:
		return p->k >= CLASSIC_MEM ? "no such word of M[]" : NULL;
	}
	return NULL;
}

static const char *check_alu(const struct classic_insn *p)
{
	__u16 op = BPF_OP(p->code);

	if (BPF_SRC(p->code) == BPF_K && (op == BPF_DIV || op == BPF_MOD) && !p->k)
		return "divides by zero";
	return NULL;
}

/* @left: instructions after this one. A jump over all of them leaves the program. */
static const char *check_jump(const struct classic_insn *p, __u32 left)
{
	if (BPF_OP(p->code) != BPF_JA)
		return p->jt >= left || p->jf >= left ? "jumps out of the program" : NULL;
	if (p->k > 0x7fffffff)
		return "jumps backwards: a loop, as protochain needs, is not possible";
	return p->k >= left ? "jumps out of the program" : NULL;
}

static const char *check_insn(const struct classic_insn *p, __u32 left)
{
	switch (p->code) {
	case BPF_LD | BPF_W | BPF_ABS:
	case BPF_LD | BPF_H | BPF_ABS:
	case BPF_LD | BPF_B | BPF_ABS:
	case BPF_LD | BPF_W | BPF_IND:
	case BPF_LD | BPF_H | BPF_IND:
	case BPF_LD | BPF_B | BPF_IND:
	case BPF_LD | BPF_W | BPF_LEN:
	case BPF_LD | BPF_IMM:
	case BPF_LD | BPF_MEM:
	case BPF_LDX | BPF_B | BPF_MSH:
	case BPF_LDX | BPF_W | BPF_LEN:
	case BPF_LDX | BPF_IMM:
	case BPF_LDX | BPF_MEM:
		return check_load(p);
	case BPF_ST:
	case BPF_STX:
		return p->k >= CLASSIC_MEM ? "no such word of M[]" : NULL;
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JEQ | BPF_X:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_X:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_X:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_X:
		return check_jump(p, left);
	case BPF_ALU | BPF_NEG:
	case BPF_RET | BPF_K:
	case BPF_RET | BPF_A:
	case BPF_MISC | BPF_TAX:
	case BPF_MISC | BPF_TXA:
		return NULL;
	}
	if (BPF_CLASS(p->code) != BPF_ALU || p->code > 0xff || BPF_OP(p->code) > BPF_XOR ||
	    BPF_OP(p->code) == BPF_NEG)
		return "unknown opcode";
	return check_alu(p);
}

int classic_check(const struct classic_prog *prog, const char **why, __u32 *at)
{
	const char *wrong = NULL;
	__u32 i;

	if (prog->count > CLASSIC_INSNS_MAX)
		return -E2BIG;
	for (i = 0; i < prog->count && !wrong; i++)
		wrong = check_insn(&prog->insns[i], prog->count - i - 1);
	if (!wrong && i && BPF_CLASS(prog->insns[i - 1].code) != BPF_RET)
		wrong = "the last instruction does not return";
	if (!wrong)
		return 0;
	if (why)
		*why = wrong;
	if (at)
		*at = i - 1;
	return -EINVAL;
}
