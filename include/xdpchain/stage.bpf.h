/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/stage.bpf.h - the SDK of a stage: all that a policer includes.
 *
 *	#include "xdpchain/stage.bpf.h"
 *
 *	enum no_telnet_reason { NO_TELNET_PORT = 1 };
 *
 *	STAGE(no_telnet)
 *	{
 *		if (pkt->ipproto == PKT_TCP && pkt->dport == pkt_be16(23))
 *			return DROP(NO_TELNET_PORT);
 *		return NEXT;
 *	}
 *
 * STAGE(NAME) needs `enum NAME_reason` (values 1 to 63, names NAME_SOMETHING): it is how every
 * tool shows the reason, as `something`, out of the program's BTF. In the body, `ctx` is the
 * struct xdp_md and `pkt` the parsed packet (xdpchain/pkt.h). The body returns exactly one of
 * the values below. Packet bytes are read with stage_bytes(). A stage that sees what somebody
 * should look at calls stage_trigger().
 */
#ifndef XDPCHAIN_STAGE_BPF_H
#define XDPCHAIN_STAGE_BPF_H

#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "xdpchain/chain.h"

/* Verdict in bits 0 to 7, reason in 8 to 23, rule id in 32 to 63. */
typedef __u64 stage_act;

#define STAGE_ACT(verdict, reason, rule)                                                           \
	((stage_act)(verdict) | (stage_act)(reason) << 8 | (stage_act)(rule) << 32)

#define NEXT			     STAGE_ACT(CHAIN_NEXT, 0, 0)      /* nothing to say: hand on */
#define NEXT_NOTE(reason)	     STAGE_ACT(CHAIN_NEXT, reason, 0) /* counted, traced */
#define NEXT_NOTE_RULE(reason, rule) STAGE_ACT(CHAIN_NEXT, reason, rule)
#define DROP(reason)		     STAGE_ACT(CHAIN_DROP, reason, 0)
#define DROP_RULE(reason, rule)	     STAGE_ACT(CHAIN_DROP, reason, rule)
#define PASS(reason)		     STAGE_ACT(CHAIN_PASS, reason, 0) /* to the stack, now */
#define PASS_RULE(reason, rule)	     STAGE_ACT(CHAIN_PASS, reason, rule)
#define TX(reason)		     STAGE_ACT(CHAIN_TX, reason, 0)
#define TX_RULE(reason, rule)	     STAGE_ACT(CHAIN_TX, reason, rule)
#define REDIRECT(reason)	     STAGE_ACT(CHAIN_REDIRECT, reason, 0)

/*
 * The chain's own maps. The loader puts the maps of the chain on the interface in their
 * place, by name. slots: index is chain_at(bank, slot); tap: enum chain_tap.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, CHAIN_BANKS *CHAIN_SLOTS);
	__type(key, __u32); /* chain_at() */
	__type(value, __u32);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, CHAIN_TAPS);
	__type(key, __u32); /* enum chain_tap */
	__type(value, __u32);
} tap SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, struct chain_cpu);
} cpus SEC(".maps");

/* Set by the loader, before the load. */
const volatile __u32 stage_slot;	    /* enum chain_slot */
const volatile __u32 stage_instance;	    /* chain_stage.instance */
const volatile __u32 stage_shadow;	    /* 1: count and trace the verdict, and hand on */
const volatile __u32 stage_trace = 1;	    /* 0: built without tracing; for the benchmark only */
const volatile __u32 stage_abi = CHAIN_ABI; /* an object of another SDK is refused */

/*
 * Ask every flight recorder that runs on the interface (xdpdump --flight-recorder) to write what
 * led up to this packet, whatever the verdict then is. For what seldom happens: a recorder that
 * was asked looks up again after a second in which nobody asked. Costs an addition, and a stage
 * that never calls it nothing.
 */
static __always_inline void stage_trigger(struct pkt *pkt)
{
	struct chain_cpu *cpu = (void *)pkt; /* its first member */

	cpu->asked[stage_slot & (CHAIN_SLOTS - 1)]++;
}

static __always_inline void stage_count(struct chain_count *c, __u32 bytes)
{
	c->packets++;
	c->bytes += bytes;
}

/*
 * Tail-call the slots after this one, in the packet's bank. A constant index in each, so that the
 * JIT makes it a direct jump; an empty slot falls through. Runs of empty slots are stepped over:
 * each would cost 0.6 ns. Comes back when nobody follows.
 */
#define STAGE_TRY(bank, n)                                                                         \
	do {                                                                                       \
		if (stage_slot < (n))                                                              \
			bpf_tail_call_static(ctx, &slots, (bank)*CHAIN_SLOTS + (n));               \
	} while (0)

#define STAGE_FILLED(first, last)                                                                  \
	(stage_slot < (last) && filled & ((2u << (last)) - (1u << (first))))

#define STAGE_WALK(bank)                                                                           \
	do {                                                                                       \
		if (STAGE_FILLED(1, 3)) {                                                          \
			STAGE_TRY(bank, 1);                                                        \
			STAGE_TRY(bank, 2);                                                        \
			STAGE_TRY(bank, 3);                                                        \
		}                                                                                  \
		if (STAGE_FILLED(4, 8)) {                                                          \
			STAGE_TRY(bank, 4);                                                        \
			STAGE_TRY(bank, 5);                                                        \
			STAGE_TRY(bank, 6);                                                        \
			STAGE_TRY(bank, 7);                                                        \
			STAGE_TRY(bank, 8);                                                        \
		}                                                                                  \
		if (STAGE_FILLED(9, 14)) {                                                         \
			STAGE_TRY(bank, 9);                                                        \
			STAGE_TRY(bank, 10);                                                       \
			STAGE_TRY(bank, 11);                                                       \
			STAGE_TRY(bank, 12);                                                       \
			STAGE_TRY(bank, 13);                                                       \
			STAGE_TRY(bank, 14);                                                       \
		}                                                                                  \
		STAGE_TRY(bank, 15);                                                               \
	} while (0)

static __always_inline void stage_next(struct xdp_md *ctx, __u32 filled)
{
	if (filled & CHAIN_BANK)
		STAGE_WALK(1);
	else
		STAGE_WALK(0);
}

/* End the packet: count it, hand it to the exit of the capture if somebody looks. */
static __always_inline int stage_end(struct xdp_md *ctx, struct chain_cpu *cpu, __u32 verdict)
{
	if (stage_trace && cpu->pkt.tap_mask) {
		cpu->event.verdict = verdict;
		bpf_tail_call_static(ctx, &tap, CHAIN_TAP_EXIT);
	}
	return verdict;
}

/* The chain after this stage, and its end: every packet that nobody stopped is passed. */
static __always_inline int stage_hand_on(struct xdp_md *ctx, struct chain_cpu *cpu)
{
	stage_next(ctx, cpu->pkt.slots);
	stage_count(&cpu->verdicts[CHAIN_SLOT_END][CHAIN_PASS], cpu->pkt.len);
	return stage_end(ctx, cpu, CHAIN_PASS);
}

static __always_inline void stage_step(struct chain_cpu *cpu, stage_act act)
{
	__u32 n = cpu->event.steps;
	struct event_step *s;

	if (n >= EVENT_STEPS)
		return;
	s = &cpu->steps[n];
	s->rule = act >> 32;
	s->ns = 0;
	if (cpu->pkt.tap_flags & SESSION_STEP_TIMES)
		s->ns = bpf_ktime_get_ns() - cpu->event.time_ns;
	s->instance = stage_instance;
	s->reason = act >> 8;
	s->slot = stage_slot;
	s->verdict = act & 0xff;
	cpu->event.steps = n + 1;
}

static __always_inline int stage_finish(struct xdp_md *ctx, struct chain_cpu *cpu, stage_act act)
{
	__u32 verdict = act & (CHAIN_VERDICTS - 1), reason = act >> 8 & (CHAIN_REASONS - 1);

	if (stage_shadow && verdict != CHAIN_NEXT) {
		act |= EVENT_SHADOW;
		verdict = CHAIN_NEXT;
	}
	stage_count(&cpu->verdicts[stage_slot & (CHAIN_SLOTS - 1)][verdict], cpu->pkt.len);
	if (reason)
		stage_count(&cpu->reasons[stage_slot & (CHAIN_SLOTS - 1)][reason], cpu->pkt.len);
	if (stage_trace && cpu->pkt.tap_mask)
		stage_step(cpu, act);
	if (verdict == CHAIN_NEXT)
		return stage_hand_on(ctx, cpu);
	return stage_end(ctx, cpu, verdict);
}

/*
 * @size bytes (a constant) of the packet at offset @off, to read or to write in place; NULL if
 * the linear part is shorter. For headers: deep payload may be in a later buffer, where only
 * bpf_xdp_load_bytes() reaches.
 */
static __always_inline void *stage_bytes(struct xdp_md *ctx, __u32 off, __u32 size)
{
	void *end = (void *)(long)ctx->data_end;
	void *p = (void *)(long)ctx->data + (off & 0x3fff); /* the verifier wants a bound */

	return off > 0x3fff || p + size > end ? (void *)0 : p;
}

#define STAGE(NAME)                                                                                \
	const volatile enum NAME##_reason stage_reason_type;                                       \
	static __always_inline stage_act NAME##_stage(struct xdp_md *ctx __attribute__((unused)),  \
						      struct pkt *pkt);                            \
	SEC("xdp.frags") int NAME(struct xdp_md *ctx)                                              \
	{                                                                                          \
		__u32 zero = 0;                                                                    \
		struct chain_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);                         \
                                                                                                   \
		if (!cpu)                                                                          \
			return XDP_PASS;                                                           \
		return stage_finish(ctx, cpu, NAME##_stage(ctx, &cpu->pkt));                       \
	}                                                                                          \
	char _license[] SEC("license") = "GPL";                                                    \
	static __always_inline stage_act NAME##_stage(struct xdp_md *ctx __attribute__((unused)),  \
						      struct pkt *pkt __attribute__((unused)))

#endif
