// SPDX-License-Identifier: GPL-2.0
/* program_insn - eBPF instructions in words, as the kernel's verifier log has them. */
#include <stdio.h>

#include <linux/bpf.h>

#include "xdpdump/program.h"

static const char *const alu[16] = { "+=", "-=", "*=", "/=", "|=",   "&=", "<<=", ">>=",
				     NULL, "%=", "^=", "=",  "s>>=", NULL, NULL,  NULL };
static const char *const jumps[16] = { NULL, "==", ">", ">=", "&",  "!=",  "s>", "s>=",
				       NULL, NULL, "<", "<=", "s<", "s<=", NULL, NULL };
static const char *const sizes[4] = { "u32", "u16", "u8", "u64" };

/* The right side of an operation: a register or a number. */
static const char *source(const struct bpf_insn *p, char reg, char *text, size_t size)
{
	if (BPF_SRC(p->code) == BPF_X)
		snprintf(text, size, "%c%d", reg, p->src_reg);
	else
		snprintf(text, size, "%d", p->imm);
	return text;
}

static int put_alu(const struct bpf_insn *p, char *out, size_t size)
{
	const char *op = alu[BPF_OP(p->code) >> 4];
	char reg = BPF_CLASS(p->code) == BPF_ALU64 ? 'r' : 'w', right[16];

	if (BPF_OP(p->code) == BPF_NEG)
		return snprintf(out, size, "%c%d = -%c%d", reg, p->dst_reg, reg, p->dst_reg);
	if (BPF_OP(p->code) == BPF_END)
		return snprintf(out, size, "r%d = %s%d r%d", p->dst_reg,
				BPF_SRC(p->code) == BPF_TO_BE ? "be" : "le", p->imm, p->dst_reg);
	if (!op)
		return -1;
	return snprintf(out, size, "%c%d %s %s", reg, p->dst_reg, op,
			source(p, reg, right, sizeof(right)));
}

static int put_jump(const struct bpf_insn *p, unsigned int at, char *out, size_t size)
{
	const char *op = jumps[BPF_OP(p->code) >> 4];
	char reg = BPF_CLASS(p->code) == BPF_JMP ? 'r' : 'w', right[16];

	if (p->code == (BPF_JMP | BPF_EXIT))
		return snprintf(out, size, "exit");
	if (p->code == (BPF_JMP | BPF_CALL) && p->src_reg == BPF_PSEUDO_CALL)
		return snprintf(out, size, "call %d", (int)at + 1 + p->imm);
	if (p->code == (BPF_JMP | BPF_CALL))
		return snprintf(out, size, "call helper %d", p->imm);
	if (BPF_OP(p->code) == BPF_JA)
		return snprintf(out, size, "goto %d", (int)at + 1 + p->off);
	if (!op)
		return -1;
	return snprintf(out, size, "if %c%d %s %s goto %d", reg, p->dst_reg, op,
			source(p, reg, right, sizeof(right)), (int)at + 1 + p->off);
}

static int put_memory(const struct bpf_insn *p, char *out, size_t size)
{
	const char *width = sizes[BPF_SIZE(p->code) >> 3];

	if (p->code == (BPF_LD | BPF_IMM | BPF_DW))
		return snprintf(out, size, "r%d = 0x%llx", p->dst_reg,
				(unsigned long long)(__u32)p[1].imm << 32 | (__u32)p->imm);
	if (BPF_MODE(p->code) != BPF_MEM)
		return -1;
	if (BPF_CLASS(p->code) == BPF_LDX)
		return snprintf(out, size, "r%d = *(%s *)(r%d %+d)", p->dst_reg, width, p->src_reg,
				p->off);
	if (BPF_CLASS(p->code) == BPF_STX)
		return snprintf(out, size, "*(%s *)(r%d %+d) = r%d", width, p->dst_reg, p->off,
				p->src_reg);
	return snprintf(out, size, "*(%s *)(r%d %+d) = %d", width, p->dst_reg, p->off, p->imm);
}

int program_insn(const struct bpf_insn *p, unsigned int at, char *out, size_t size)
{
	int n;

	switch (BPF_CLASS(p->code)) {
	case BPF_ALU:
	case BPF_ALU64:
		n = put_alu(p, out, size);
		break;
	case BPF_JMP:
	case BPF_JMP32:
		n = put_jump(p, at, out, size);
		break;
	default:
		n = put_memory(p, out, size);
	}
	if (n < 0)
		snprintf(out, size, "dst %d src %d off %d imm %d", p->dst_reg, p->src_reg, p->off,
			 p->imm);
	return p->code == (BPF_LD | BPF_IMM | BPF_DW) ? 2 : 1;
}
