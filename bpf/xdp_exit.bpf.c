// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_exit - the end of a traced packet: write one event for each session that wants it.
 *
 * Whoever ends a packet whose tap_mask is set calls it, with the verdict in cpu->event.
 */
#include "dump.h"

#define EXIT_EVENTS(name)                                                                          \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);                                       \
		__uint(key_size, sizeof(__u32));                                                   \
		__uint(value_size, sizeof(__u32));                                                 \
	} name SEC(".maps")

/* By session; key: CPU. The kernel takes a reader's rings out when the reader is gone. */
EXIT_EVENTS(events0);
EXIT_EVENTS(events1);
EXIT_EVENTS(events2);
EXIT_EVENTS(events3);

/* The slots that decided or gave a reason, as a bit mask; CHAIN_SLOT_END when none decided. */
static __always_inline __u32 exit_said(const struct chain_cpu *cpu)
{
	__u32 mask = 0, end = 1u << CHAIN_SLOT_END;

	for (int i = 0; i < EVENT_STEPS; i++) {
		if (i >= cpu->event.steps)
			break;
		if (cpu->steps[i].verdict != CHAIN_NEXT || cpu->steps[i].reason)
			mask |= 1u << (cpu->steps[i].slot & 31);
		if (cpu->steps[i].verdict < CHAIN_NEXT)
			end = 0;
	}
	return mask | end;
}

/* What the steps have to say about --reason and --rule; for bpf_loop(). */
struct exit_search {
	const struct chain_cpu *cpu;
	const struct session_conf *conf;
	__u32 reason, rule; /* found */
};

/*
 * A callback and not a loop: the verifier walks it once, where it took 1.3 s for the loops of
 * four sessions, which every capture waits for.
 */
static long exit_step(__u32 i, struct exit_search *x)
{
	const struct event_step *step;
	__u32 slot;

	if (i >= EVENT_STEPS || i >= x->cpu->event.steps)
		return 1;
	step = &x->cpu->steps[i];
	slot = step->slot & (SESSION_SLOTS - 1);
	if (step->reason && x->conf->reasons[slot] >> (step->reason & 63) & 1)
		x->reason = 1;
	for (__u32 r = 0; r < SESSION_RULES; r++)
		if (r < x->conf->rule_count && step->rule == x->conf->rules[r])
			x->rule = 1;
	return 0;
}

/* Did a stage give one of the reasons that are asked for, and one name one of the rules? */
static __always_inline int exit_steps(const struct chain_cpu *cpu, const struct session_conf *s)
{
	struct exit_search x = { .cpu = cpu,
				 .conf = s,
				 .reason = !(s->flags & SESSION_REASONS),
				 .rule = !s->rule_count };

	bpf_loop(EVENT_STEPS, exit_step, &x, 0);
	return x.reason && x.rule;
}

static __always_inline int exit_wanted(const struct chain_cpu *cpu, const struct session_conf *s)
{
	if (s->verdicts && !(s->verdicts & 1u << (cpu->event.verdict & 31)))
		return 0;
	if (s->slots && !(s->slots & exit_said(cpu)))
		return 0;
	if (!(s->flags & SESSION_REASONS) && !s->rule_count)
		return 1;
	return exit_steps(cpu, s);
}

/* Bytes of the event and its steps. */
static __always_inline __u64 exit_head(const struct chain_cpu *cpu)
{
	__u64 steps = cpu->event.steps;

	if (steps > EVENT_STEPS)
		steps = EVENT_STEPS;
	return sizeof(cpu->event) + steps * sizeof(struct event_step);
}

static __always_inline __u32 exit_cap(__u32 len, const struct session_conf *s)
{
	if (len > s->snaplen)
		len = s->snaplen;
	return len > EVENT_SNAPLEN_MAX ? EVENT_SNAPLEN_MAX : len;
}

/* The packet as it is now. What the kernel said. */
static __always_inline long exit_leaves(struct xdp_md *ctx, struct chain_cpu *cpu,
					const struct session_conf *s, void *events, __u32 len)
{
	__u64 head = exit_head(cpu), cap = exit_cap(len, s);

	cpu->event.point = EVENT_EXIT;
	cpu->event.len = len;
	cpu->event.cap_len = cap;
	cpu->event.size = head + cap;
	return bpf_perf_event_output(ctx, events, BPF_F_CURRENT_CPU | cap << 32, &cpu->event, head);
}

/* The packet as it came: event and steps are put before the bytes that slot 0 has kept. */
static __always_inline long exit_came(struct xdp_md *ctx, struct chain_cpu *cpu,
				      const struct session_conf *s, void *events)
{
	__u32 key = bpf_get_smp_processor_id();
	struct session_entry *e = bpf_map_lookup_elem(&entries, &key);
	__u64 head = exit_head(cpu), room, cap;

	if (!e || e->time_ns != cpu->event.time_ns)
		return -ENODATA;
	cap = exit_cap(e->len, s);
	cpu->event.point = EVENT_ENTRY;
	cpu->event.len = cpu->pkt.len;
	cpu->event.cap_len = cap;
	cpu->event.size = head + cap;
	room = SESSION_HEAD - head;
	barrier_var(room); /* or it becomes a pointer minus something that has no bound */
	if (room > SESSION_HEAD - sizeof(cpu->event))
		return -EINVAL;
	bpf_probe_read_kernel(e->head + room, head, &cpu->event);
	return bpf_perf_event_output(ctx, events, BPF_F_CURRENT_CPU, e->head + room, head + cap);
}

/* @len: bytes of the packet as it leaves. */
static __always_inline void exit_emit(struct xdp_md *ctx, struct chain_cpu *cpu, __u32 i,
				      void *events, __u32 len)
{
	struct session_count *n = &cpu->sessions[i];
	struct session_conf *s;
	__u32 key = i;
	long err;

	if (!(cpu->pkt.tap_mask & 1 << i))
		return;
	s = bpf_map_lookup_elem(&sessions, &key);
	if (!s)
		return;
	if (!s->id) { /* it ended while the packet was on its way */
		n->lost += session_points(s);
		n->entry_lost += s->flags & SESSION_ENTRY ? 1 : 0;
		return;
	}
	if (!exit_wanted(cpu, s) || session_thin(s, n, cpu->event.time_ns)) {
		n->filtered += session_points(s);
		return;
	}
	cpu->event.session = s->id;
	if (s->flags & SESSION_ENTRY) {
		cpu->event.seq = n->entry_captured + n->entry_lost + 1;
		err = exit_came(ctx, cpu, s, events);
		session_account(s, err, &n->captured, &n->lost);
		session_account(s, err, &n->entry_captured, &n->entry_lost);
	}
	if (s->flags & SESSION_NO_EXIT)
		return;
	cpu->event.seq = n->captured + n->lost - n->entry_captured - n->entry_lost + 1;
	session_account(s, exit_leaves(ctx, cpu, s, events, len), &n->captured, &n->lost);
}

SEC("xdp.frags")
int xdp_exit(struct xdp_md *ctx)
{
	__u32 zero = 0, len = bpf_xdp_get_buff_len(ctx);
	struct chain_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);

	if (!cpu)
		return XDP_ABORTED;
	cpu->event.cpu = bpf_get_smp_processor_id();
	cpu->event.ifindex = cpu->pkt.ifindex;
	cpu->event.rxq = cpu->pkt.rxq;
	cpu->event.version = EVENT_VERSION;
	cpu->event.type = EVENT_PACKET;
	cpu->event.flags = cpu->pkt.tap_flags & SESSION_STEP_TIMES ? EVENT_STEP_TIMES : 0;
	exit_emit(ctx, cpu, 0, &events0, len);
	exit_emit(ctx, cpu, 1, &events1, len);
	exit_emit(ctx, cpu, 2, &events2, len);
	exit_emit(ctx, cpu, 3, &events3, len);
	return cpu->event.verdict;
}

char _license[] SEC("license") = "GPL";
