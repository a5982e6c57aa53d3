// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_dump - slot 0, there only while somebody captures: which session wants this packet.
 *
 * The loader replaces dump_match() by the translated filters of all sessions, as one function.
 * It must stay the last static function of this file.
 */
#include "dump.h"

const volatile __u32 dump_sessions; /* bit i: session i is in dump_match() */
const volatile __u64 dump_patience; /* jiffies without a beat that a session lives on; 0: all */

static __noinline __u32 dump_match(struct xdp_md *ctx);

/* Has it begun and not ended, and does its process live? What it costs, every packet pays. */
static __always_inline int dump_lives(struct session_conf *s)
{
	__u64 now = bpf_jiffies64(), seen = s->seen;

	if (!s->id)
		return 0;
	if (!dump_patience)
		return 1;
	if (!((seen ^ s->beat) & ((1u << SESSION_BEAT) - 1)))
		return now - (seen >> SESSION_BEAT) <= dump_patience;
	/* In one store: CPUs that do so at once must not see the new beat with the old time. */
	s->seen = now << SESSION_BEAT | (s->beat & ((1u << SESSION_BEAT) - 1));
	return 1;
}

/* It asked for so many a second and has them: what is not offered costs a compare. */
static __always_inline int dump_rests(const struct session_conf *s)
{
	if (!(s->flags & SESSION_RESTS) || !s->rested)
		return 0;
	return ((__u32)bpf_jiffies64() | 1) - s->rested < dump_patience >> 3;
}

static __always_inline struct session_conf *dump_session(__u32 i)
{
	__u32 key = i; /* once its address is taken, the verifier knows no number any more */

	return bpf_map_lookup_elem(&sessions, &key);
}

/*
 * Count the packet as offered to session @i. Its bit, or 0 when its filter does not match. @keep:
 * how many bytes as they are now it wants.
 */
static __always_inline __u32 dump_offer(struct chain_cpu *cpu, __u32 i,
					const struct session_conf *s, __u32 match, __u32 *keep)
{
	__u32 points = session_points(s);

	cpu->sessions[i].offered += points;
	if (!(match & 1 << i)) {
		cpu->sessions[i].filtered += points;
		return 0;
	}
	cpu->pkt.tap_flags |= s->flags;
	if (s->flags & SESSION_ENTRY && *keep < s->snaplen)
		*keep = s->snaplen;
	return 1 << i;
}

/* Keep the first @len bytes as they are now, for the exit. */
static __always_inline void dump_keep(struct xdp_md *ctx, struct chain_cpu *cpu, __u32 len)
{
	__u32 key = bpf_get_smp_processor_id();
	struct session_entry *e = bpf_map_lookup_elem(&entries, &key);

	if (!e)
		return;
	if (len > cpu->pkt.len)
		len = cpu->pkt.len;
	if (len > EVENT_SNAPLEN_MAX)
		len = EVENT_SNAPLEN_MAX;
	e->time_ns = cpu->event.time_ns;
	e->len = 0;
	/* The verifier of 6.1 wants at least 1 proven, and a test for 0 is no proof to it. */
	len--;
	asm volatile("" : "+r"(len));
	if (len < EVENT_SNAPLEN_MAX && !bpf_xdp_load_bytes(ctx, 0, e->bytes, len + 1))
		e->len = len + 1;
}

/*
 * The sessions that want the packet, as a bit mask. Whatever way it takes, it comes to
 * dump_match() with the same knowledge, or the verifier would walk the filters once for each set
 * of sessions that may live: no session is NULL there, and which live is read back from memory.
 */
static __always_inline __u32 dump_mask(struct xdp_md *ctx, struct chain_cpu *cpu, __u32 *keep)
{
	struct session_conf *s[SESSIONS] = { 0 };
	__u32 live = 0, match, mask = 0;

#pragma clang loop unroll(full)
	for (int i = 0; i < SESSIONS; i++) {
		if (!(dump_sessions & 1 << i))
			continue;
		s[i] = dump_session(i);
		if (!s[i])
			return 0;
		live |= (dump_lives(s[i]) && !dump_rests(s[i])) << i;
	}
	cpu->pkt.tap_mask = live;
	live = *(volatile __u8 *)&cpu->pkt.tap_mask;
	if (!live)
		return 0;
	match = dump_match(ctx);
#pragma clang loop unroll(full)
	for (int i = 0; i < SESSIONS; i++)
		if (dump_sessions & 1 << i && live & 1 << i)
			mask |= dump_offer(cpu, i, s[i], match, keep);
	return mask;
}

SEC("xdp.frags")
int xdp_dump(struct xdp_md *ctx)
{
	__u32 zero = 0, mask, keep = 0;
	struct chain_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);

	if (!cpu)
		return XDP_PASS;
	mask = dump_mask(ctx, cpu, &keep);
	cpu->pkt.tap_mask = mask;
	if (mask) {
		cpu->event.time_ns = bpf_ktime_get_ns();
		cpu->event.steps = 0;
		if (keep)
			dump_keep(ctx, cpu, keep);
	}
	return stage_hand_on(ctx, cpu, CHAIN_SLOT_DUMP);
}

char _license[] SEC("license") = "GPL";

static __noinline __u32 dump_match(struct xdp_md *ctx)
{
	__u32 mask = ctx->rx_queue_index;

	/* Or the compiler would conclude from this body what the real one can return. */
	asm volatile("" : "+r"(mask));
	return mask;
}
