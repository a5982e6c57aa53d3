// SPDX-License-Identifier: GPL-2.0
#include "tests/randprog.h"

#include <linux/filter.h>

#include "lib/util.h"

static const __u16 loads[] = {
	BPF_LD | BPF_W | BPF_ABS,  BPF_LD | BPF_H | BPF_ABS,  BPF_LD | BPF_B | BPF_ABS,
	BPF_LD | BPF_W | BPF_IND,  BPF_LD | BPF_H | BPF_IND,  BPF_LD | BPF_B | BPF_IND,
	BPF_LD | BPF_W | BPF_LEN,  BPF_LD | BPF_IMM,	      BPF_LD | BPF_MEM,
	BPF_LDX | BPF_B | BPF_MSH, BPF_LDX | BPF_W | BPF_LEN, BPF_LDX | BPF_IMM,
	BPF_LDX | BPF_MEM,	   BPF_LDX | BPF_B | BPF_MSH, BPF_LD | BPF_H | BPF_ABS,
};

static const __u16 others[] = {
	BPF_ST, BPF_STX, BPF_MISC | BPF_TAX, BPF_MISC | BPF_TXA, BPF_ALU | BPF_NEG,
};

static const __u16 alu_ops[] = {
	BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR,
};

static const __u16 jump_ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET };

static __u8 dice_byte(struct dice *d)
{
	if (d->len) {
		d->len--;
		return *d->data++;
	}
	d->seed ^= d->seed << 13;
	d->seed ^= d->seed >> 7;
	d->seed ^= d->seed << 17;
	return d->seed >> 32;
}

__u32 dice_roll(struct dice *d, __u32 sides)
{
	__u32 n = dice_byte(d);

	if (sides > 256)
		n = n << 24 | dice_byte(d) << 16 | dice_byte(d) << 8 | dice_byte(d);
	return sides ? n % sides : 0;
}

__u32 dice_word(struct dice *d)
{
	switch (dice_roll(d, 4)) {
	case 0:
		return dice_roll(d, 64);
	case 1:
		return (1u << dice_roll(d, 32)) + dice_roll(d, 3) - 1;
	case 2:
		return dice_roll(d, 65536);
	}
	return dice_roll(d, 0xffffffff);
}

static void random_load(struct dice *d, struct classic_insn *p, __u32 reach)
{
	p->code = loads[dice_roll(d, ARRAY_SIZE(loads))];
	p->k = dice_word(d);
	switch (BPF_MODE(p->code)) {
	case BPF_MEM:
		p->k %= CLASSIC_MEM;
		break;
	case BPF_ABS:
	case BPF_IND:
	case BPF_MSH:
		if (dice_roll(d, 32))
			p->k = dice_roll(d, reach);
		p->k &= 0x7fffffff;
		break;
	}
}

static void random_alu(struct dice *d, struct classic_insn *p)
{
	__u16 op = alu_ops[dice_roll(d, ARRAY_SIZE(alu_ops))];

	p->code = BPF_ALU | op | (dice_roll(d, 2) ? BPF_X : BPF_K);
	p->k = dice_word(d);
	if (op == BPF_LSH || op == BPF_RSH)
		p->k %= 32;
	if ((op == BPF_DIV || op == BPF_MOD) && !p->k)
		p->k = 1;
}

/* @left: instructions that follow, at least one. */
static void random_jump(struct dice *d, struct classic_insn *p, __u32 left)
{
	__u32 far = left < 256 ? left : 256;

	if (far > 8 && dice_roll(d, 4))
		far = 8;
	if (!dice_roll(d, 12)) {
		p->code = BPF_JMP | BPF_JA;
		p->k = dice_roll(d, dice_roll(d, 4) ? far : left);
		return;
	}
	p->code = BPF_JMP | jump_ops[dice_roll(d, ARRAY_SIZE(jump_ops))] |
		  (dice_roll(d, 3) ? BPF_K : BPF_X);
	p->k = dice_word(d);
	p->jt = dice_roll(d, 2) ? 0 : dice_roll(d, far);
	p->jf = dice_roll(d, 2) ? 0 : dice_roll(d, far);
}

void randprog(struct dice *d, struct classic_insn *insns, __u32 count, __u32 reach)
{
	for (__u32 i = 0; i < count; i++) {
		struct classic_insn *p = &insns[i];
		__u32 kind = dice_roll(d, 16);

		*p = (struct classic_insn){ 0 };
		if (i == count - 1 || (kind == 0 && !dice_roll(d, 4))) {
			p->code = BPF_RET | (dice_roll(d, 2) ? BPF_K : BPF_A);
			p->k = dice_roll(d, 3) ? dice_word(d) : 0;
		} else if (kind < 6) {
			random_load(d, p, reach);
		} else if (kind < 10) {
			random_alu(d, p);
		} else if (kind < 13) {
			random_jump(d, p, count - i - 1);
		} else {
			p->code = others[dice_roll(d, ARRAY_SIZE(others))];
			if (BPF_CLASS(p->code) == BPF_ST || BPF_CLASS(p->code) == BPF_STX)
				p->k = dice_roll(d, CLASSIC_MEM);
		}
	}
}
