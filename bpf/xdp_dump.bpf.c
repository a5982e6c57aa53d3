// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_dump - slot 0, there only while somebody captures: which session wants this packet.
 *
 * The loader replaces dump_match() by the translated filters of all sessions, as one function.
 * It must stay the last static function of this file.
 */
#include "dump.h"

const volatile __u32 dump_sessions; /* bit i: session i is in dump_match() */

static __noinline __u32 dump_match(struct xdp_md *ctx);

/* Count the packet as offered to session @i. Its bit, or 0 when it has ended or filters it. */
static __always_inline __u32 dump_offer(struct chain_cpu *cpu, __u32 i, __u32 match, __u32 *keep)
{
	struct session_conf *s;
	__u32 key = i; /* once its address is taken, the verifier knows no number any more */
	__u32 points;

	if (!(dump_sessions & 1 << i))
		return 0;
	s = bpf_map_lookup_elem(&sessions, &key);
	if (!s || !s->id)
		return 0;
	points = session_points(s);
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

SEC("xdp.frags")
int xdp_dump(struct xdp_md *ctx)
{
	__u32 zero = 0, match, mask, keep = 0;
	struct chain_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);

	if (!cpu)
		return XDP_PASS;
	match = dump_match(ctx);
	mask = dump_offer(cpu, 0, match, &keep) | dump_offer(cpu, 1, match, &keep) |
	       dump_offer(cpu, 2, match, &keep) | dump_offer(cpu, 3, match, &keep);
	if (mask) {
		cpu->pkt.tap_mask = mask;
		cpu->event.time_ns = bpf_ktime_get_ns();
		cpu->event.steps = 0;
		if (keep)
			dump_keep(ctx, cpu, keep);
	}
	return stage_hand_on(ctx, cpu);
}

char _license[] SEC("license") = "GPL";

static __noinline __u32 dump_match(struct xdp_md *ctx)
{
	__u32 mask = ctx->rx_queue_index;

	/* Or the compiler would conclude from this body what the real one can return. */
	asm volatile("" : "+r"(mask));
	return mask;
}
