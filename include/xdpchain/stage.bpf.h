/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/stage.bpf.h - the SDK of a stage: all that a policer includes.
 *
 * WHAT A STAGE IS. A function that is called for each packet that comes in on an interface, in the
 * kernel, before the kernel itself looks at it. It says NEXT (none of my business: the next stage
 * of the chain is asked), or what is to become of the packet, and why. A whole one:
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
 * `droplet new NAME` writes a longer one to begin with; droplet/examples has three that are meant
 * seriously; xdpchain-policer(7) says how one gets into a configuration. One file, one STAGE().
 *
 * VERDICTS AND REASONS. STAGE(NAME) needs `enum NAME_reason`, values 1 to 63, names NAME_SOMETHING:
 * out of it every tool takes the reason's name, `something`; there is nothing to register.
 *
 *	NEXT			nothing to say
 *	NEXT_NOTE(reason)	hand on, but count and show it: "looks odd"
 *	DROP(reason)		the packet is gone
 *	PASS(reason)		to the kernel, now: no later stage is asked
 *	TX(reason)		out of the interface that it came from, as it is by now
 *	..._RULE(reason, rule)	the same, with the number of what matched
 *
 * In shadow mode a stage runs as ever, but each of its verdicts is counted and shown, and not done.
 *
 * THE PACKET. `pkt` is the packet, parsed: addresses, ports, protocols, lengths, offsets of its
 * headers, and flags: see struct pkt in xdpchain/pkt.h. It has been looked at whether they are
 * there. What is __be16 or __be32 is in network order: compare it with pkt_be16(23), or make a
 * number of it by pkt_h16(). Addresses are four __be32; of IPv4 only the first, so look at
 * pkt->proto (pkt_be16(PKT_ETH_IP4) or PKT_ETH_IP6) too. Ports are 0 unless PKT_L4 is set in
 * pkt->flags: fragments after the first have none. What is malformed or cut short comes here too,
 * flagged: nobody has dropped it for you.
 *
 * BYTES. What is not in `pkt` is read from the packet itself, by its offset:
 *
 *	const __u8 *b = stage_bytes(ctx, pkt->payload, 4);
 *
 *	if (b && b[0] == 0x17)
 *		return DROP(...);
 *
 * NULL says that the packet has no 4 bytes there: that has to be asked, or the kernel refuses the
 * program. stage_copy() takes as many as there are, also those far behind, into memory of yours.
 *
 * PARAMETERS. A global `const volatile` variable is one: `params` of the configuration sets it by
 * its name before the program is loaded, the value in the source is the default. By its type it is
 * written as a number (__u32, __s64, ...), true or false (_Bool), a port or number in network order
 * (__be16), an IPv4 address (__be32), an IPv6 address (__be32 x[4]), hex bytes (__u8 x[N]), or a
 * list (__u16 x[N]).
 *
 * MAPS. What is to outlive a packet is in maps (bpf(2)): tables of keys and values, in memory that
 * all CPUs share.
 *
 *	struct {
 *		__uint(type, BPF_MAP_TYPE_LRU_HASH);	// full: the longest unused gives way
 *		__uint(max_entries, 65536);
 *		__type(key, __be32);			// source
 *		__type(value, __u64);			// packets
 *	} seen SEC(".maps");
 *
 *	__u64 *n = bpf_map_lookup_elem(&seen, &key);	// NULL: not in there
 *	bpf_map_update_elem(&seen, &key, &value, BPF_ANY);
 *	__sync_fetch_and_add(n, 1);			// another CPU may be at it as well
 *
 * For source addresses, of which an attacker invents as many as he likes, take LRU_HASH: a HASH is
 * full some day. A map that has the name, type, sizes and flags that it had goes on with its
 * content when the program is replaced; if not, it starts empty, and the operator is told. What
 * `maps` of the configuration names is filled from a file instead, anew each time (HASH, ARRAY, or
 * LPM_TRIE for prefixes), and grows to what the file has.
 *
 * RULES. A stage whose verdicts have numbers of rules may have a map `rules` (HASH, key __u32,
 * value struct chain_rule): then tools show the text and not only the number; and a map `hits`
 * (PERCPU_ARRAY, value __u64, by number) that it counts in itself.
 *
 * WHAT THE VERIFIER WANTS. Before a program runs the kernel proves that it ends and reads nothing
 * that it may not. It refuses what it cannot prove, with the line. What it asks for mostly:
 *
 *	- a pointer from a map or from stage_bytes() is compared with NULL before it is used;
 *	- an index is proven to be below the size of its array: counts[c & 63];
 *	- a loop has an end that is a constant: for (i = 0; i < 63; i++) { if (i >= n) break; ... };
 *	- there are 512 bytes of stack: what is larger is a PERCPU_ARRAY of one value;
 *	- no floating point, no library, no memcpy() of a length that varies (__builtin_memcpy()
 *with a constant), no function calls through pointers; functions are static __always_inline;
 *	- keys are zeroed before they are filled where they have padding.
 *
 * HOW TO SEE IT WORK. `droplet test FILE.c CAPTURE.pcap` runs it over a capture, `xdpdump --stage
 * NAME` shows each packet with what was said of it, `droplet status` the counters. bpf_printk() is
 * not needed. A stage that sees what somebody should look at calls stage_trigger(pkt).
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
		if (slot < (n))                                                                    \
			bpf_tail_call_static(ctx, &slots, (bank)*CHAIN_SLOTS + (n));               \
	} while (0)

#define STAGE_FILLED(first, last) (slot < (last) && filled & ((2u << (last)) - (1u << (first))))

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

/* @slot: that it is called from; the verifier knows its number, and drops those up to it. */
static __always_inline void stage_next(struct xdp_md *ctx, __u32 filled, __u32 slot)
{
	if (filled & CHAIN_BANK)
		STAGE_WALK(1);
	else
		STAGE_WALK(0);
}

/* End a packet that somebody looks at: hand it to the exit of the capture. */
static __always_inline int stage_leave(struct xdp_md *ctx, struct chain_cpu *cpu, __u32 verdict)
{
	cpu->event.verdict = verdict;
	bpf_tail_call_static(ctx, &tap, CHAIN_TAP_EXIT);
	return verdict;
}

/* The chain after slot @slot, and its end: every packet that nobody stopped is passed. */
static __always_inline int stage_hand_on(struct xdp_md *ctx, struct chain_cpu *cpu, __u32 slot)
{
	stage_next(ctx, cpu->pkt.slots, slot);
	stage_count(&cpu->verdicts[CHAIN_SLOT_END][CHAIN_PASS], cpu->pkt.len);
	if (stage_trace && cpu->pkt.tap_mask)
		return stage_leave(ctx, cpu, CHAIN_PASS);
	return CHAIN_PASS;
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
	__u32 slot = stage_slot, bytes = cpu->pkt.len;

	if (stage_shadow && verdict != CHAIN_NEXT) {
		barrier(); /* a branch, which the verifier cuts off: arithmetic it could not */
		act |= EVENT_SHADOW;
		verdict = CHAIN_NEXT;
	}
	stage_count(&cpu->verdicts[slot & (CHAIN_SLOTS - 1)][verdict], bytes);
	if (reason)
		stage_count(&cpu->reasons[slot & (CHAIN_SLOTS - 1)][reason], bytes);
	if (stage_trace && cpu->pkt.tap_mask) {
		stage_step(cpu, act);
		if (verdict != CHAIN_NEXT)
			return stage_leave(ctx, cpu, verdict);
	}
	if (verdict != CHAIN_NEXT)
		return verdict;
	return stage_hand_on(ctx, cpu, slot);
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

/*
 * Copy @want bytes at offset @off into @to, which has room for @max, a constant; fewer if the
 * packet ends before. They may lie in any of its buffers. Return: how many; 0 also if @want is
 * more than @max.
 */
static __always_inline __u32 stage_copy(struct xdp_md *ctx, const struct pkt *pkt, __u32 off,
					__u32 want, void *to, const __u32 max)
{
	__u32 there = pkt->len > off ? pkt->len - off : 0, n = want < there ? want : there;

	/* A helper wants a length that is proven, 6.1 one that is proven to be at least 1 so. */
	n--;
	asm volatile("" : "+r"(n));
	if (n >= max)
		return 0;
	return bpf_xdp_load_bytes(ctx, off, to, n + 1) ? 0 : n + 1;
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
