/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/event.h - the only definition of what comes out of a perf ring.
 *
 * One raw perf sample is: struct event, `steps` times struct event_step, `cap_len` bytes of
 * the packet, padding that perf adds. Fixed width, host byte order (producer and reader are
 * the same machine), explicitly padded. A change of layout is a new `type`, never a changed one.
 */
#ifndef XDPCHAIN_EVENT_H
#define XDPCHAIN_EVENT_H

#include <linux/types.h>

#define EVENT_VERSION 1
#define EVENT_STEPS   16 /* at most: one a slot */

/*
 * A perf record is limited to 64 KiB in all, and one above that is not refused but corrupt
 * (perf_event_header.size is 16 bits, include/uapi/linux/perf_event.h).
 */
#define EVENT_SNAPLEN_MAX 65000

enum event_type { EVENT_PACKET = 1 };

#define EVENT_POINTS 2

enum event_point {
	EVENT_EXIT = 0,	 /* bytes as the packet leaves the chain */
	EVENT_ENTRY = 1, /* bytes as it came */
};

enum event_flag {
	EVENT_STEP_TIMES = 1 << 0, /* event_step.ns is filled */
	EVENT_NO_VERDICT = 1 << 1, /* nobody knows it, nor direction and queue; no steps */
};

/* In event_step.verdict: the stage runs in shadow mode; it would have said so, but handed on. */
#define EVENT_SHADOW 0x80

/* What one stage said of the packet, in the order in which the stages ran. */
struct event_step {
	__u32 rule;	/* rule id, 0: none */
	__u32 ns;	/* from event.time_ns to the end of this stage, see EVENT_STEP_TIMES */
	__u32 instance; /* which program: chain_stage.instance of that slot at that time */
	__u16 reason;	/* of the stage's own enum, 0: none */
	__u8 slot;	/* enum chain_slot */
	__u8 verdict;	/* enum chain_verdict, | EVENT_SHADOW */
};
_Static_assert(sizeof(struct event_step) == 16, "event_step");

struct event {
	__u64 time_ns; /* CLOCK_MONOTONIC, taken once at slot 0 */
	__u64 seq;     /* by session, point and CPU, starts anywhere; a gap is events lost */
	__u32 size;    /* bytes of event, steps and packet together */
	__u32 session; /* session.id, so that no reader takes another's */
	__u32 cpu;
	__u32 ifindex;
	__u32 rxq;     /* receive queue index */
	__u32 len;     /* bytes of the packet at `point` */
	__u32 cap_len; /* bytes of it that follow the steps, <= len and <= snaplen */
	__u16 version; /* EVENT_VERSION */
	__u8 type;     /* enum event_type */
	__u8 verdict;  /* final: enum chain_verdict, never CHAIN_NEXT */
	__u8 point;    /* enum event_point */
	__u8 steps;    /* how many follow */
	__u8 flags;    /* enum event_flag */
	__u8 pad[5];
};
_Static_assert(sizeof(struct event) == 56, "event");

#endif
