// SPDX-License-Identifier: GPL-2.0
#include "lib/flow.h"

#include <string.h>

#include <linux/filter.h>

/*
 * Where real headers end: Ethernet; ports behind X = the IPv4 header's length, UDP's header
 * behind it; IPv4; IPv6; ports behind it. A check reaches to the last load before the next of
 * them, so that no packet of a usual kind fails it for a load that it would not have come to.
 */
static const __u8 steps[] = { 14, 18, 22, 34, 54, 58 };
#define STEP_MAX 58

static bool is_ind(const struct classic_insn *p)
{
	return BPF_CLASS(p->code) == BPF_LD && BPF_MODE(p->code) == BPF_IND;
}

__u32 flow_load(const struct classic_insn *p)
{
	__u16 mode = BPF_MODE(p->code);

	if (BPF_CLASS(p->code) > BPF_LDX || (mode != BPF_ABS && mode != BPF_IND && mode != BPF_MSH))
		return 0;
	switch (BPF_SIZE(p->code)) {
	case BPF_B:
		return 1;
	case BPF_H:
		return 2;
	}
	return 4;
}

static void flow_set_next(const struct classic_prog *prog, struct flow *flow, __u32 i,
			  const __u16 *goal)
{
	const struct classic_insn *p = &prog->insns[i];
	struct flow_insn *f = &flow->insns[i];

	f->next = FLOW_NONE;
	f->jump = FLOW_NONE;
	if (p->code == (BPF_RET | BPF_A)) {
		f->next = FLOW_REJECT;
		f->jump = FLOW_ACCEPT;
	} else if (BPF_CLASS(p->code) == BPF_JMP && BPF_OP(p->code) != BPF_JA) {
		f->next = goal[i + 1 + p->jf];
		f->jump = goal[i + 1 + p->jt];
	} else if (flow_load(p) && p->k > FLOW_OFFSET_MAX) {
		f->next = FLOW_REJECT;
	} else if (BPF_CLASS(p->code) != BPF_RET && BPF_CLASS(p->code) != BPF_JMP) {
		f->next = goal[i + 1];
	}
}

/* Where a jump to instruction @i really leads: through gotos, to a verdict if that is all. */
static __u16 flow_goal(const struct classic_insn *p, __u32 i, const __u16 *goal)
{
	if (p->code == (BPF_RET | BPF_K))
		return p->k ? FLOW_ACCEPT : FLOW_REJECT;
	if (BPF_CLASS(p->code) != BPF_JMP)
		return i;
	if (BPF_OP(p->code) == BPF_JA)
		return goal[i + 1 + p->k];
	return goal[i + 1 + p->jt] == goal[i + 1 + p->jf] ? goal[i + 1 + p->jt] : i;
}

/* What one instruction reads and writes. */
static void flow_uses(const struct classic_insn *p, __u32 *reads, __u32 *writes)
{
	__u32 x = BPF_SRC(p->code) == BPF_X ? FLOW_X : 0;

	*reads = *writes = 0;
	switch (BPF_CLASS(p->code)) {
	case BPF_LD:
	case BPF_LDX:
		*writes = BPF_CLASS(p->code) == BPF_LD ? FLOW_A : FLOW_X;
		if (BPF_MODE(p->code) == BPF_MEM)
			*reads = 1u << p->k;
		else if (is_ind(p))
			*reads = FLOW_X;
		break;
	case BPF_ST:
	case BPF_STX:
		*reads = BPF_CLASS(p->code) == BPF_ST ? FLOW_A : FLOW_X;
		*writes = 1u << p->k;
		break;
	case BPF_ALU:
		*writes = FLOW_A;
		*reads = FLOW_A | x;
		break;
	case BPF_JMP:
		*reads = FLOW_A | x;
		break;
	case BPF_RET:
		*reads = FLOW_A;
		break;
	case BPF_MISC:
		*reads = BPF_MISCOP(p->code) == BPF_TXA ? FLOW_X : FLOW_A;
		*writes = BPF_MISCOP(p->code) == BPF_TXA ? FLOW_A : FLOW_X;
		break;
	}
}

static void flow_look_ahead(const struct classic_insn *p, struct flow *flow, __u32 i)
{
	struct flow_insn *f = &flow->insns[i];
	__u32 reads, writes, size = flow_load(p), end = p->k + size;
	const __u16 succ[2] = { f->next, f->jump };

	f->live = 0;
	f->ahead = f->ahead_x = 0;
	for (int s = 0; s < 2; s++) {
		if (succ[s] >= FLOW_ACCEPT)
			continue;
		f->live |= flow->insns[succ[s]].live;
		f->ahead |= flow->insns[succ[s]].ahead;
		f->ahead_x |= flow->insns[succ[s]].ahead_x;
	}
	flow_uses(p, &reads, &writes);
	f->live = (f->live & ~writes) | reads;
	if (writes & FLOW_X)
		f->ahead_x = 0;
	if (size && end <= STEP_MAX) {
		if (is_ind(p))
			f->ahead_x |= 1ull << end;
		else
			f->ahead |= 1ull << end;
	}
}

/* How many bytes to check for where @end are needed: all that is worth it in one go. */
static __u16 flow_reach(__u32 end, __u64 ahead)
{
	for (size_t s = 0; s < sizeof(steps); s++)
		if (end <= steps[s])
			return 63 - __builtin_clzll(ahead & ((2ull << steps[s]) - 1));
	return end;
}

/* Another way leads to @to. */
static void flow_edge(struct flow *flow, __u16 to, enum flow_copy copy)
{
	if (to < FLOW_ACCEPT && flow->insns[to].edges[copy] < 2)
		flow->insns[to].edges[copy]++;
}

/* Another way leads to @to in the fast copy; @known, @known_x and @small_x are so on it. */
static void flow_enter(struct flow *flow, __u16 to, __u16 known, __u16 known_x, bool small_x)
{
	struct flow_insn *t;

	if (to >= FLOW_ACCEPT)
		return;
	t = &flow->insns[to];
	flow_edge(flow, to, FLOW_FAST);
	if (t->edges[FLOW_FAST] == 1) {
		t->known = known;
		t->known_x = known_x;
		t->small_x = small_x;
		return;
	}
	t->small_x = false; /* gen_blur() hides it from the verifier */
	if (known_x != t->known_x)
		t->known_x = 0;
	/*
	 * The verifier walks on from a join once for each range it comes with. The few steps are
	 * fine; with any others a program of thousands of loads would take it past its limit.
	 */
	if (known != t->known && (known > STEP_MAX || t->known > STEP_MAX))
		t->forget = true;
	if (known < t->known)
		t->known = known;
}

/* Decide on the check before a load. What is known after it; false if it never gets there. */
static bool flow_check(const struct classic_insn *p, struct flow_insn *f, __u16 *after,
		       __u16 *after_x)
{
	__u32 end = p->k + flow_load(p);
	__u16 *known = is_ind(p) ? after_x : after;

	if (end > FLOW_DIRECT_MAX)
		return false;
	if (end > *known) {
		f->check = flow_reach(end, is_ind(p) ? f->ahead_x : f->ahead);
		*known = f->check;
	}
	return true;
}

static void flow_fast(const struct classic_insn *p, struct flow *flow, __u32 i)
{
	struct flow_insn *f = &flow->insns[i];
	__u32 reads, writes;
	__u16 after, after_x;
	bool on = true, small_x;

	if (f->forget)
		f->known = 0;
	after = f->known;
	after_x = f->known_x;
	if (flow_load(p) && f->next != FLOW_REJECT) {
		on = flow_check(p, f, &after, &after_x);
		if (!on || f->check)
			flow_edge(flow, i, FLOW_EXACT);
	}
	if (!on)
		return;
	flow_uses(p, &reads, &writes);
	if (writes & FLOW_X)
		after_x = 0;
	if (writes & FLOW_X)
		small_x = p->code == (BPF_LDX | BPF_B | BPF_MSH);
	else
		small_x = f->small_x && (is_ind(p) || !(reads & FLOW_X));
	flow_enter(flow, f->next, after, after_x, small_x);
	flow_enter(flow, f->jump, after, after_x, small_x);
}

void flow_build(const struct classic_prog *prog, struct flow *flow, bool exact)
{
	__u16 goal[CLASSIC_INSNS_MAX];

	memset(flow, 0, sizeof(*flow));
	for (__u32 i = prog->count; i-- > 0;) {
		goal[i] = flow_goal(&prog->insns[i], i, goal);
		flow_set_next(prog, flow, i, goal);
		flow_look_ahead(&prog->insns[i], flow, i);
	}
	flow->start = prog->count ? goal[0] : FLOW_ACCEPT;
	flow_edge(flow, flow->start, exact ? FLOW_EXACT : FLOW_FAST);
	for (__u32 i = 0; i < prog->count; i++) {
		struct flow_insn *f = &flow->insns[i];

		if (f->edges[FLOW_FAST])
			flow_fast(&prog->insns[i], flow, i);
		if (f->edges[FLOW_EXACT]) {
			flow_edge(flow, f->next, FLOW_EXACT);
			flow_edge(flow, f->jump, FLOW_EXACT);
		}
		if (f->edges[FLOW_FAST] || f->edges[FLOW_EXACT])
			flow->has_len |= BPF_CLASS(prog->insns[i].code) <= BPF_LDX &&
					 BPF_MODE(prog->insns[i].code) == BPF_LEN;
	}
}
