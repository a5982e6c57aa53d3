// SPDX-License-Identifier: GPL-2.0
#include "tests/ebpf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "xdpchain/watch.h"

#define STACK 128
#define VIEW  0x7000000000000000ull /* where a view says that the packet lies */
#define CTX   0x10000ull /* what R1 holds: no address, so that only the context's fields are read */

struct frame {
	unsigned char stack[STACK];
	bool written[STACK];
};

struct vm {
	const struct translate_code *code;
	const unsigned char *pkt;
	__u32 len, linear;
	__u64 r[11];
	__u16 valid; /* registers that hold something */
	bool view;
	struct frame *frame;
};

static void need(bool ok)
{
	if (!ok)
		abort();
}

static __u64 vm_reg(const struct vm *v, __u8 r)
{
	need(r <= BPF_REG_10 && v->valid & 1u << r);
	return v->r[r];
}

static void vm_set(struct vm *v, __u8 r, __u64 value)
{
	need(r < BPF_REG_10);
	v->r[r] = value;
	v->valid |= 1u << r;
}

static void vm_read(const struct vm *v, __u64 addr, __u32 size, void *out)
{
	__u64 stack = addr - (__u64)(uintptr_t)v->frame->stack;
	__u64 pkt = addr - (__u64)(uintptr_t)v->pkt;

	if (stack <= STACK - size) {
		for (__u32 i = 0; i < size; i++)
			need(v->frame->written[stack + i]);
		memcpy(out, v->frame->stack + stack, size);
		return;
	}
	need(size <= v->linear && pkt <= v->linear - size);
	memcpy(out, v->pkt + pkt, size);
}

static void vm_write(const struct vm *v, __u64 addr, __u32 size, const void *in)
{
	__u64 stack = addr - (__u64)(uintptr_t)v->frame->stack;

	need(stack <= STACK - size);
	memcpy(v->frame->stack + stack, in, size);
	memset(v->frame->written + stack, true, size);
}

/* A field of what the function is handed. */
static __u64 vm_field(const struct vm *v, __u32 off, __u8 size)
{
	if (v->view && off == offsetof(struct watch_view, data) && size == BPF_DW)
		return VIEW;
	if (v->view && off == offsetof(struct watch_view, len) && size == BPF_W)
		return v->len;
	need(!v->view && size == BPF_W);
	if (off == offsetof(struct xdp_md, data))
		return (uintptr_t)v->pkt;
	need(off == offsetof(struct xdp_md, data_end));
	return (uintptr_t)v->pkt + v->linear;
}

static __u64 vm_load(const struct vm *v, const struct bpf_insn *p)
{
	__u64 addr = vm_reg(v, p->src_reg) + p->off;
	__u8 b;
	__u16 h;
	__u32 w;

	if (addr >= CTX && addr < CTX + sizeof(struct xdp_md))
		return vm_field(v, addr - CTX, BPF_SIZE(p->code));
	switch (BPF_SIZE(p->code)) {
	case BPF_B:
		vm_read(v, addr, 1, &b);
		return b;
	case BPF_H:
		vm_read(v, addr, 2, &h);
		return h;
	}
	need(BPF_SIZE(p->code) == BPF_W);
	vm_read(v, addr, 4, &w);
	return w;
}

static __u64 alu(__u8 op, bool wide, __u64 a, __u64 b)
{
	__u32 bits = wide ? 63 : 31;

	if (!wide) {
		a = (__u32)a;
		b = (__u32)b;
	}
	switch (op) {
	case BPF_ADD:
		return a + b;
	case BPF_SUB:
		return a - b;
	case BPF_MUL:
		return a * b;
	case BPF_DIV:
		return b ? a / b : 0;
	case BPF_MOD:
		return b ? a % b : a;
	case BPF_OR:
		return a | b;
	case BPF_AND:
		return a & b;
	case BPF_XOR:
		return a ^ b;
	case BPF_LSH:
		return a << (b & bits);
	case BPF_RSH:
		return a >> (b & bits);
	case BPF_ARSH:
		need(wide);
		return (__s64)a >> (b & bits);
	case BPF_MOV:
		return b;
	}
	need(op == BPF_NEG);
	return -a;
}

static void vm_alu(struct vm *v, const struct bpf_insn *p)
{
	bool wide = BPF_CLASS(p->code) == BPF_ALU64;
	__u8 op = BPF_OP(p->code);
	__u64 a = op == BPF_MOV ? 0 : vm_reg(v, p->dst_reg), b, res;

	if (op == BPF_END) {
		need(p->code == (BPF_ALU | BPF_END | BPF_TO_BE));
		res = p->imm == 16 ? __builtin_bswap16(a) : __builtin_bswap32(a);
		if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
			res = p->imm == 16 ? (__u16)a : (__u32)a;
	} else {
		b = BPF_SRC(p->code) == BPF_X ? vm_reg(v, p->src_reg) : (__u64)(__s64)p->imm;
		/* The verifier refuses these. */
		need(BPF_SRC(p->code) == BPF_X || (op != BPF_LSH && op != BPF_RSH) ||
		     b < (wide ? 64 : 32));
		res = alu(op, wide, a, b);
	}
	vm_set(v, p->dst_reg, wide ? res : (__u32)res);
}

static bool vm_holds(const struct vm *v, const struct bpf_insn *p)
{
	__u64 a = vm_reg(v, p->dst_reg);
	__u64 b = BPF_SRC(p->code) == BPF_X ? vm_reg(v, p->src_reg) : (__u64)(__s64)p->imm;

	if (BPF_CLASS(p->code) == BPF_JMP32) {
		a = (__u32)a;
		b = (__u32)b;
	}
	switch (BPF_OP(p->code)) {
	case BPF_JEQ:
		return a == b;
	case BPF_JNE:
		return a != b;
	case BPF_JGT:
		return a > b;
	case BPF_JGE:
		return a >= b;
	case BPF_JLT:
		return a < b;
	case BPF_JLE:
		return a <= b;
	case BPF_JSET:
		return a & b;
	}
	need(p->code == (BPF_JMP | BPF_JSLT | BPF_K));
	return (__s64)a < (__s64)b;
}

/* bpf_probe_read_kernel(): behind the packet there is something too. */
static void vm_probe_read(struct vm *v)
{
	__u64 off = vm_reg(v, BPF_REG_3) - VIEW;
	__u32 size = vm_reg(v, BPF_REG_2);
	unsigned char buf[4];

	need(v->view && size && size <= sizeof(buf));
	for (__u32 i = 0; i < size; i++)
		buf[i] = off + i < v->len ? v->pkt[off + i] : 0xa5;
	vm_write(v, vm_reg(v, BPF_REG_1), size, buf);
	v->r[0] = 0;
}

static void vm_helper(struct vm *v, __s32 id)
{
	if (id == BPF_FUNC_probe_read_kernel) {
		vm_probe_read(v);
		v->valid = (v->valid & ~0x3f) | 1;
		return;
	}
	need(!v->view && vm_reg(v, BPF_REG_1) == CTX);
	if (id == BPF_FUNC_xdp_get_buff_len) {
		v->r[0] = v->len;
	} else {
		__u32 off = vm_reg(v, BPF_REG_2), size = vm_reg(v, BPF_REG_4);
		unsigned char buf[4] = { 0 };
		bool ok = off <= 0xffff && (__u64)off + size <= v->len;

		need(id == BPF_FUNC_xdp_load_bytes && size && size <= sizeof(buf));
		if (ok)
			memcpy(buf, v->pkt + off, size);
		vm_write(v, vm_reg(v, BPF_REG_3), size, buf);
		v->r[0] = ok ? 0 : -22ll;
	}
	v->valid = (v->valid & ~0x3f) | 1;
}

static __u64 vm_call(struct vm *v, __u32 pc, int depth);

static void vm_jump(struct vm *v, const struct bpf_insn *p, __u32 pc, int depth)
{
	if (p->src_reg == BPF_PSEUDO_CALL)
		vm_set(v, BPF_REG_0, vm_call(v, pc + p->imm, depth + 1));
	else
		vm_helper(v, p->imm);
}

/* Run the function at @pc with the registers as they are; R6 to R9 are given back. */
static __u64 vm_call(struct vm *v, __u32 pc, int depth)
{
	struct frame frame = { 0 };
	struct vm saved = *v;
	__u64 res;

	need(depth < 8);
	v->frame = &frame;
	v->r[BPF_REG_10] = (uintptr_t)frame.stack + STACK;
	v->valid = (v->valid & 0x3e) | 1u << BPF_REG_10;
	for (;;) {
		const struct bpf_insn *p = &v->code->insns[pc];

		need(pc++ < v->code->count);
		if (p->code == (BPF_JMP | BPF_EXIT))
			break;
		if (p->code == (BPF_JMP | BPF_CALL)) {
			vm_jump(v, p, pc, depth);
		} else if (p->code == (BPF_LDX | BPF_MEM | BPF_SIZE(p->code))) {
			vm_set(v, p->dst_reg, vm_load(v, p));
		} else if (p->code == (BPF_STX | BPF_MEM | BPF_W)) {
			__u32 w = vm_reg(v, p->src_reg);

			vm_write(v, vm_reg(v, p->dst_reg) + p->off, 4, &w);
		} else if (BPF_CLASS(p->code) == BPF_ALU || BPF_CLASS(p->code) == BPF_ALU64) {
			vm_alu(v, p);
		} else if (p->code == (BPF_JMP | BPF_JA) || vm_holds(v, p)) {
			pc += p->off;
		}
	}
	res = vm_reg(v, BPF_REG_0);
	*v = saved;
	v->valid &= ~0x3fu;
	return res;
}

__u32 ebpf_run(const struct translate_code *code, const void *pkt, __u32 len, __u32 linear)
{
	struct vm v = { .code = code, .pkt = pkt, .len = len, .linear = linear };

	vm_set(&v, BPF_REG_1, CTX);
	return vm_call(&v, 0, 0);
}

__u32 ebpf_run_view(const struct translate_code *code, const void *pkt, __u32 len)
{
	struct vm v = { .code = code, .pkt = pkt, .len = len, .view = true };

	vm_set(&v, BPF_REG_1, CTX);
	return vm_call(&v, 0, 0);
}
