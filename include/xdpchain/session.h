/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/session.h - a capture session, as the dump stage and its exit see it.
 *
 * Up to SESSIONS at once on a chain. Which are taken is known by the lock that the capturing
 * process holds on the pin directory session<N>; the kernel drops that lock with the process.
 */
#ifndef XDPCHAIN_SESSION_H
#define XDPCHAIN_SESSION_H

#include <linux/types.h>

#define SESSIONS      4
#define SESSION_TEXT  128
#define SESSION_INSNS 4096 /* BPF_MAXINSNS, linux/bpf_common.h */
#define SESSION_RULES 8
#define SESSION_SLOTS 16 /* CHAIN_SLOTS */

enum session_flag {
	SESSION_STEP_TIMES = 1 << 0, /* take the time at each stage: 20 to 40 ns each */
	SESSION_REASONS = 1 << 1,    /* reasons[] is to be heeded */
};

/* An entry of the array `sessions`. */
struct session_conf {
	__u64 since_ns;		      /* CLOCK_MONOTONIC */
	__u64 reasons[SESSION_SLOTS]; /* by slot, bit i: wanted when it gave reason i */
	__u64 window_ns;	      /* kernel's: start of the second that rate is counted in */
	__u32 window;		      /* kernel's: events in it, all CPUs */
	__u32 rate;		      /* events a second at most; 0: no limit */
	__u32 sample;		      /* one in so many of the wanted, by CPU; 0 and 1: all */
	__u32 rule_count;	      /* of rules[]; 0: any */
	__u32 rules[SESSION_RULES];   /* wanted when a stage named one of these */
	__u32 id;	/* nonzero; 0: nobody, or its reader died and the exit saw it */
	__u32 snaplen;	/* bytes, <= EVENT_SNAPLEN_MAX */
	__u32 flags;	/* enum session_flag */
	__u32 verdicts; /* bit i: wanted when the final verdict is i; 0: all */
	__u32 slots;	/* bit i: wanted when slot i decided or gave a reason, bit
			   CHAIN_SLOT_END: when none decided; 0: all */
	__s32 pid;	/* for the message that names the holders */
	char comm[16];
	char filter[SESSION_TEXT]; /* as typed, cut to fit; for people */
};
_Static_assert(sizeof(struct session_conf) == 360, "session_conf");

/*
 * By session, in struct chain_cpu. They go on growing when the entry changes hands: a session
 * takes what it finds as its zero. Exactly offered = filtered + captured + lost whenever no
 * packet is in flight.
 */
struct session_count {
	__u64 offered;	/* packets that reached slot 0 */
	__u64 filtered; /* not wanted: by a filter, by sample or by rate */
	__u64 captured; /* written into the ring */
	__u64 lost;	/* wanted, and the ring was full or its reader dead */
	__u64 capped;	/* of `filtered`: by rate */
	__u64 matched;	/* passed the filters; what sample counts by */
};
_Static_assert(sizeof(struct session_count) == 48, "session_count");

/* An entry of the array `filters`: the classic program of a session, to rebuild the dump stage. */
struct session_filter {
	__u32 id;		    /* session_conf.id */
	__u32 count;		    /* instructions; 0: every packet matches */
	__u64 insns[SESSION_INSNS]; /* struct sock_filter, linux/filter.h */
};
_Static_assert(sizeof(struct session_filter) == 8 + 8 * SESSION_INSNS, "session_filter");

#endif
