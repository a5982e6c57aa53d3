// SPDX-License-Identifier: GPL-2.0
/*
 * decide_add - run a classic program with terms in the place of numbers.
 *
 * A state is a place in the program with what A, X and M[] hold there, as far as it is read later.
 * Jumps go forwards, so all states of a place are known when it is come to; then nodes are made
 * from the end backwards.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#include "lib/decide.h"
#include "lib/flow.h"

#define STATES_MAX(count) (4 * (count) + 64)
#define SEGMENT_LOADS	  64 /* of one node */
#define REGS		  (CLASSIC_MEM + 2)
#define REG_A		  CLASSIC_MEM
#define REG_X		  (CLASSIC_MEM + 1)
#define STATE_VERDICT	  0x80000000u /* in a successor: no state but a node */

struct state {
	__u32 regs[REGS]; /* terms; TERM_NONE: not read any more */
	__u32 at;	  /* place: 2 * instruction, + 1: its divisor is known not to be 0 */
	__u32 sibling;	  /* next one of this place, + 1 */
	__u32 node;	  /* in the end */
	struct decide_node n;
	__u32 needs[SEGMENT_LOADS];
};

struct run {
	struct decide *d;
	const struct classic_prog *prog;
	struct flow *flow;
	struct state *v;
	__u32 count, room, max;
	__u32 *first; /* by place, + 1 */
	int err;
};

/* A successor: the state there, made if it is new, or a verdict. */
static __u32 run_goto(struct run *r, const __u32 *regs, __u16 to, bool divided)
{
	struct state s = { .at = 2 * to + divided };
	__u32 live, *link;

	if (to >= FLOW_ACCEPT)
		return STATE_VERDICT | (to == FLOW_ACCEPT ? DECIDE_ACCEPT : DECIDE_REJECT);
	live = r->flow->insns[to].live;
	for (__u32 i = 0; i < REGS; i++)
		s.regs[i] = live & 1u << i ? regs[i] : TERM_NONE;
	for (link = &r->first[s.at]; *link; link = &r->v[*link - 1].sibling)
		if (!memcmp(r->v[*link - 1].regs, s.regs, sizeof(s.regs)))
			return *link - 1;
	if (r->count == r->room) {
		r->err = -E2BIG;
		return STATE_VERDICT;
	}
	*link = r->count + 1;
	r->v[r->count] = s;
	return r->count++;
}

static void end_verdict(struct state *s, __u32 verdict)
{
	s->n.op = BPF_JA;
	s->n.yes = s->n.no = STATE_VERDICT | verdict;
}

static void run_need(struct run *r, struct state *s, __u32 load)
{
	for (__u32 i = 0; i < s->n.need_count; i++)
		if (s->needs[i] == load)
			return;
	if (s->n.need_count == SEGMENT_LOADS)
		r->err = -E2BIG;
	else
		s->needs[s->n.need_count++] = load;
}

/* The load at @p. False if it always fails, and so the program is at its end. */
static bool run_load(struct run *r, struct state *s, __u32 *regs, const struct classic_insn *p)
{
	struct terms *t = &r->d->terms;
	__u32 k = p->k, base = TERM_NONE, load, x;

	if (BPF_MODE(p->code) == BPF_IND) {
		base = regs[REG_X];
		if (term_is_const(t, base, &x)) {
			base = TERM_NONE;
			k = x > FLOW_OFFSET_MAX ? x : k + x;
		}
	}
	if (k > FLOW_OFFSET_MAX)
		return false;
	load = term_load(t, flow_load(p), base, k);
	run_need(r, s, load);
	if (BPF_MODE(p->code) == BPF_MSH) {
		load = term_op(t, BPF_AND, load, term_const(t, 0xf));
		regs[REG_X] = term_op(t, BPF_LSH, load, term_const(t, 2));
	} else {
		regs[REG_A] = load;
	}
	return true;
}

static bool run_ld(struct run *r, struct state *s, __u32 *regs, const struct classic_insn *p)
{
	struct terms *t = &r->d->terms;
	__u32 *dst = &regs[BPF_CLASS(p->code) == BPF_LD ? REG_A : REG_X];

	switch (BPF_MODE(p->code)) {
	case BPF_IMM:
		*dst = term_const(t, p->k);
		return true;
	case BPF_MEM:
		*dst = regs[p->k];
		return true;
	case BPF_LEN:
		*dst = term_len(t);
		return true;
	}
	return run_load(r, s, regs, p);
}

static void run_straight(struct run *r, __u32 *regs, const struct classic_insn *p)
{
	struct terms *t = &r->d->terms;
	__u32 by = BPF_SRC(p->code) == BPF_X ? regs[REG_X] : term_const(t, p->k);

	switch (BPF_CLASS(p->code)) {
	case BPF_ST:
		regs[p->k] = regs[REG_A];
		break;
	case BPF_STX:
		regs[p->k] = regs[REG_X];
		break;
	case BPF_MISC:
		if (BPF_MISCOP(p->code) == BPF_TXA)
			regs[REG_A] = regs[REG_X];
		else
			regs[REG_X] = regs[REG_A];
		break;
	case BPF_ALU:
		regs[REG_A] = term_op(t, BPF_OP(p->code), regs[REG_A], by);
		break;
	}
}

static void run_depth(struct run *r, const __u32 *regs)
{
	const struct terms *t = &r->d->terms;

	for (__u32 i = REG_A; i <= REG_X; i++)
		if (!t->err && t->v[regs[i]].depth >= TERM_DEPTH_MAX)
			r->err = -E2BIG;
}

static bool holds(__u8 op, __u32 x, __u32 y)
{
	switch (op) {
	case BPF_JEQ:
		return x == y;
	case BPF_JGT:
		return x > y;
	case BPF_JGE:
		return x >= y;
	}
	return x & y;
}

/* The state ends in a comparison. */
static void end_test(struct run *r, struct state *s, struct decide_node test)
{
	__u32 x, y;

	if (term_is_const(&r->d->terms, test.left, &x) &&
	    term_is_const(&r->d->terms, test.right, &y)) {
		test.yes = test.no = holds(test.op, x, y) ? test.yes : test.no;
		test.op = BPF_JA;
	}
	test.need_count = s->n.need_count;
	s->n = test;
}

/* Does @p divide by an X that may be 0. */
static bool divides(const struct run *r, const struct classic_insn *p, const __u32 *regs)
{
	__u32 x;

	return BPF_CLASS(p->code) == BPF_ALU && BPF_SRC(p->code) == BPF_X &&
	       (BPF_OP(p->code) == BPF_DIV || BPF_OP(p->code) == BPF_MOD) &&
	       !(term_is_const(&r->d->terms, regs[REG_X], &x) && x);
}

/* Where instruction @i ends the segment: a return, a jump, a division. False: it does not. */
static bool run_end(struct run *r, struct state *s, const __u32 *regs, __u32 i)
{
	const struct classic_insn *p = &r->prog->insns[i];
	const struct flow_insn *f = &r->flow->insns[i];
	struct decide_node test = { .op = BPF_JEQ, .right = term_const(&r->d->terms, 0) };

	if (BPF_CLASS(p->code) == BPF_RET) {
		test.left = regs[REG_A];
		test.yes = STATE_VERDICT | DECIDE_REJECT;
		test.no = STATE_VERDICT | DECIDE_ACCEPT;
	} else if (BPF_CLASS(p->code) == BPF_JMP) {
		test.op = BPF_OP(p->code);
		test.left = regs[REG_A];
		test.right =
			BPF_SRC(p->code) == BPF_X ? regs[REG_X] : term_const(&r->d->terms, p->k);
		test.yes = run_goto(r, regs, f->jump, false);
		test.no = run_goto(r, regs, f->next, false);
	} else if (divides(r, p, regs) && s->at != 2 * i + 1) {
		test.left = regs[REG_X];
		test.yes = STATE_VERDICT | DECIDE_REJECT;
		test.no = run_goto(r, regs, i, true);
	} else {
		return false;
	}
	end_test(r, s, test);
	return true;
}

/* From a state on, up to where it branches. */
static void run_state(struct run *r, __u32 at)
{
	struct state *s = &r->v[at];
	__u32 regs[REGS], i = s->at / 2;

	memcpy(regs, s->regs, sizeof(regs));
	while (!r->err && !r->d->terms.err) {
		const struct classic_insn *p = &r->prog->insns[i];
		__u16 next = r->flow->insns[i].next;
		bool on = true;

		if (run_end(r, s, regs, i))
			return;
		if (BPF_CLASS(p->code) == BPF_LD || BPF_CLASS(p->code) == BPF_LDX)
			on = run_ld(r, s, regs, p);
		else
			run_straight(r, regs, p);
		run_depth(r, regs);
		if (!on || next >= FLOW_ACCEPT) {
			end_verdict(s, on && next == FLOW_ACCEPT ? DECIDE_ACCEPT : DECIDE_REJECT);
			return;
		}
		i = next;
	}
}

static __u32 run_node(const struct run *r, __u32 to)
{
	return to & STATE_VERDICT ? to & ~STATE_VERDICT : r->v[to].node;
}

static int run_all(struct run *r, __u32 *root)
{
	__u32 regs[REGS], zero = term_const(&r->d->terms, 0), start;

	for (__u32 i = 0; i < REGS; i++)
		regs[i] = zero;
	start = run_goto(r, regs, r->flow->start, false);
	for (__u32 at = 0; at < 2 * r->prog->count; at++)
		for (__u32 s = r->first[at]; s && !r->err; s = r->v[s - 1].sibling)
			run_state(r, s - 1);
	if (r->err || r->d->terms.err)
		return r->err ? r->err : r->d->terms.err;
	for (__u32 at = 2 * r->prog->count; at-- > 0;)
		for (__u32 i = r->first[at]; i; i = r->v[i - 1].sibling) {
			struct state *s = &r->v[i - 1];

			s->n.yes = run_node(r, s->n.yes);
			s->n.no = run_node(r, s->n.no);
			s->node = decide_node(r->d, s->n, s->needs);
		}
	*root = run_node(r, start);
	return r->d->err;
}

int decide_add(struct decide *d, const struct classic_prog *prog, __u32 *root)
{
	struct run r = { .d = d, .prog = prog, .room = STATES_MAX(prog->count) };
	int err = -ENOMEM;

	r.flow = malloc(sizeof(*r.flow));
	r.v = malloc(r.room * sizeof(*r.v));
	r.first = calloc(2 * prog->count + 1, sizeof(*r.first));
	if (r.flow && r.v && r.first) {
		flow_build(prog, r.flow, true);
		err = run_all(&r, root);
	}
	free(r.flow);
	free(r.v);
	free(r.first);
	return err;
}
