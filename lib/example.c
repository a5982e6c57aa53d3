// SPDX-License-Identifier: GPL-2.0
#include "lib/example.h"

#include <errno.h>
#include <string.h>

#include <linux/filter.h>

#include "lib/example_int.h"

#define STEPS_MAX 200000 /* instructions looked at, on all ways together */
#define DEPTH_MAX 600	 /* branches on one way */

#ifndef BPF_MOD
#define BPF_MOD 0x90
#endif
#ifndef BPF_XOR
#define BPF_XOR 0xa0
#endif

/* What a register holds. FIELD: (the field & mask) >> shift. */
enum kind { CONST, FIELD, LEN };

struct reg {
	enum kind kind;
	__u32 value; /* CONST */
	__u32 off, size, mask, shift;
};

struct walk {
	const struct filter *filter;
	struct example found;
	__u32 steps;
};

struct at {
	struct example e;
	struct reg a, x, m[CLASSIC_MEM];
	__u32 pc, depth;
};

static int walk(struct walk *w, struct at at);

/* From here on the register is a number: the field is fixed as it is. */
static __u32 settle(struct example *e, struct reg *r)
{
	__u32 v = r->value;

	if (r->kind == FIELD) {
		v = example_get(e, r->off, r->size);
		example_fix(e, r->off, r->size, r->mask, v);
		v = (v & r->mask) >> r->shift;
	}
	if (r->kind == LEN)
		v = e->most = e->least;
	*r = (struct reg){ .kind = CONST, .value = v };
	return v;
}

static int load(struct at *at, const struct classic_insn *in, struct reg *r)
{
	static const __u32 sizes[] = { 4, 2, 1, 1 }; /* BPF_W, BPF_H, BPF_B */
	__u32 size = sizes[BPF_SIZE(in->code) >> 3 & 3], off = in->k, full;

	if (BPF_MODE(in->code) == BPF_IND) {
		if (__builtin_add_overflow(off, settle(&at->e, &at->x), &off))
			return 0;
	}
	if (off > EXAMPLE_REACH - size)
		return 0;
	if (at->e.reach < off + size)
		at->e.reach = off + size;
	full = size == 4 ? ~0u : (1u << 8 * size) - 1;
	*r = (struct reg){ .kind = FIELD, .off = off, .size = size, .mask = full };
	return 1;
}

/* Loads into A or X, stores, moves. 0: this way ends. */
static int move(struct at *at, const struct classic_insn *in)
{
	struct reg *r = BPF_CLASS(in->code) == BPF_LDX ? &at->x : &at->a;

	switch (BPF_MODE(in->code)) {
	case BPF_IMM:
		*r = (struct reg){ .kind = CONST, .value = in->k };
		return 1;
	case BPF_LEN:
		*r = (struct reg){ .kind = LEN };
		return 1;
	case BPF_MEM:
		*r = at->m[in->k & (CLASSIC_MEM - 1)];
		return 1;
	case BPF_MSH: /* 4 * (low nibble): an IPv4 header, best without options */
		if (in->k >= EXAMPLE_REACH)
			return 0;
		if (at->e.reach < in->k + 1)
			at->e.reach = in->k + 1;
		example_fix(&at->e, in->k, 1, 0xf, 5);
		*r = (struct reg){ .value = (example_get(&at->e, in->k, 1) & 0xf) * 4 };
		return (example_known(&at->e, in->k, 1) & 0xf) == 0xf;
	default:
		return load(at, in, r);
	}
}

static int compute(__u32 op, __u32 a, __u32 k, __u32 *out)
{
	switch (op) {
	case BPF_ADD:
		*out = a + k;
		return 1;
	case BPF_SUB:
		*out = a - k;
		return 1;
	case BPF_MUL:
		*out = a * k;
		return 1;
	case BPF_DIV:
		*out = k ? a / k : 0;
		return k != 0;
	case BPF_MOD:
		*out = k ? a % k : 0;
		return k != 0;
	case BPF_OR:
		*out = a | k;
		return 1;
	case BPF_AND:
		*out = a & k;
		return 1;
	case BPF_XOR:
		*out = a ^ k;
		return 1;
	case BPF_LSH:
		*out = k < 32 ? a << k : 0;
		return 1;
	case BPF_RSH:
		*out = k < 32 ? a >> k : 0;
		return 1;
	default: /* BPF_NEG */
		*out = -a;
		return 1;
	}
}

static int alu(struct at *at, const struct classic_insn *in)
{
	__u32 op = BPF_OP(in->code), k = in->k;

	if (BPF_SRC(in->code) == BPF_X)
		k = settle(&at->e, &at->x);
	if (at->a.kind == FIELD && op == BPF_AND) {
		at->a.mask &= k << at->a.shift;
		return 1;
	}
	if (at->a.kind == FIELD && op == BPF_RSH && at->a.shift + k < 32) {
		at->a.shift += k;
		at->a.mask &= ~0u << at->a.shift;
		return 1;
	}
	return compute(op, settle(&at->e, &at->a), k, &at->a.value);
}

static int holds(__u32 op, __u32 a, __u32 k)
{
	return op == BPF_JEQ ? a == k : op == BPF_JGT ? a > k : op == BPF_JGE ? a >= k : !!(a & k);
}

static int want_length(struct example *e, __u32 op, __u32 k, int want)
{
	__u32 least = 0, most = ~0u;

	if (op == BPF_JEQ && want)
		least = most = k;
	else if (op == BPF_JGT && want)
		least = k + 1;
	else if (op == BPF_JGE && want)
		least = k;
	else if (op == BPF_JGT)
		most = k;
	else if (op == BPF_JGE)
		most = k ? k - 1 : 0;
	e->least = least > e->least ? least : e->least;
	e->most = most < e->most ? most : e->most;
	return e->least <= e->most;
}

/* Give the field the value @v, if its fixed bits let it. */
static int try_value(struct example *e, const struct reg *r, __u32 v)
{
	return (v << r->shift >> r->shift) == v && !(v << r->shift & ~r->mask) &&
	       example_fix(e, r->off, r->size, r->mask, v << r->shift);
}

/* Have the comparison of a field come out as wanted. 0: it cannot. */
static int want_field(struct example *e, const struct reg *r, __u32 op, __u32 k, int want)
{
	__u32 now = (example_get(e, r->off, r->size) & r->mask) >> r->shift;
	__u32 loose = (r->mask & ~example_known(e, r->off, r->size)) >> r->shift;
	__u32 tries[] = { now,	   k,	     k + 1,	  k - 1,
			  now | k, now & ~k, now | loose, now ^ (loose & -loose) };

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++)
		if (holds(op, tries[i], k) == want && try_value(e, r, tries[i]))
			return 1;
	return 0;
}

static int branch(struct walk *w, const struct at *from, const struct classic_insn *in, int want)
{
	struct at at = *from;
	__u32 op = BPF_OP(in->code), k = in->k;
	int ok;

	if (BPF_SRC(in->code) == BPF_X)
		k = settle(&at.e, &at.x);
	if (at.a.kind == CONST)
		ok = holds(op, at.a.value, k) == want;
	else if (at.a.kind == LEN)
		ok = want_length(&at.e, op, k, want);
	else
		ok = want_field(&at.e, &at.a, op, k, want);
	if (!ok)
		return 0;
	at.pc += 1 + (want ? in->jt : in->jf);
	at.depth++;
	return walk(w, at);
}

/* One instruction that is no jump and no return. 0: this way ends. */
static int step(struct at *at, const struct classic_insn *in)
{
	switch (BPF_CLASS(in->code)) {
	case BPF_LD:
	case BPF_LDX:
		return move(at, in);
	case BPF_ST:
		at->m[in->k & (CLASSIC_MEM - 1)] = at->a;
		return 1;
	case BPF_STX:
		at->m[in->k & (CLASSIC_MEM - 1)] = at->x;
		return 1;
	case BPF_ALU:
		return alu(at, in);
	default: /* BPF_MISC */
		if (BPF_MISCOP(in->code) == BPF_TAX)
			at->x = at->a;
		else
			at->a = at->x;
		return 1;
	}
}

static int accepts(struct walk *w, const struct at *at)
{
	unsigned char packet[EXAMPLE_MAX];
	__u32 len;

	for (int plain = 0; plain < 2; plain++)
		if (!example_finish(&at->e, plain, packet, &len) &&
		    filter_match(w->filter, packet, len, len)) {
			w->found = at->e;
			return 1;
		}
	return 0;
}

static int walk(struct walk *w, struct at at)
{
	while (at.pc < w->filter->count && at.depth < DEPTH_MAX && w->steps++ < STEPS_MAX) {
		const struct classic_insn *in = &w->filter->insns[at.pc];

		if (BPF_CLASS(in->code) == BPF_RET)
			return in->k && accepts(w, &at);
		if (BPF_CLASS(in->code) != BPF_JMP) {
			if (!step(&at, in))
				return 0;
			at.pc++;
		} else if (BPF_OP(in->code) == BPF_JA) {
			at.pc += 1 + in->k;
		} else {
			return branch(w, &at, in, 1) || branch(w, &at, in, 0);
		}
	}
	return 0;
}

int example_packet(const struct filter *filter, unsigned char packet[EXAMPLE_MAX], __u32 *len)
{
	struct walk w = { .filter = filter };
	struct at at = { .e = { .most = EXAMPLE_MAX } };
	unsigned char made[EXAMPLE_MAX];
	__u32 size;
	int err;

	if (filter->count && !walk(&w, at))
		return -ENOENT;
	if (!filter->count)
		w.found = at.e;
	err = example_finish(&w.found, 0, made, &size);
	if (!err && !filter_match(filter, made, size, size))
		err = example_finish(&w.found, 1, made, &size);
	if (err)
		return err;
	memcpy(packet, made, size);
	*len = size;
	return 0;
}
