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

#include "xdpchain/event.h"

#define SESSIONS      4
#define SESSION_TEXT  128
#define SESSION_INSNS 4096 /* BPF_MAXINSNS, linux/bpf_common.h */
#define SESSION_RULES 8
#define SESSION_SLOTS 16 /* CHAIN_SLOTS */

/* bytes of an event with all its steps */
#define SESSION_HEAD (sizeof(struct event) + EVENT_STEPS * sizeof(struct event_step))

enum session_flag {
	SESSION_STEP_TIMES = 1 << 0, /* take the time at each stage: 20 to 40 ns each */
	SESSION_REASONS = 1 << 1,    /* reasons[] is to be heeded */
	SESSION_ENTRY = 1 << 2,	     /* an event with the bytes as they came */
	SESSION_NO_EXIT = 1 << 3,    /* and none with the bytes as they leave */
	SESSION_RESTS = 1 << 4,	     /* has all that its rate allows: it is not offered packets for
					some 0.4 s, and nothing is counted of them */
};

/*
 * An entry of the array `sessions`, which its process maps. The process counts `beat` on, twice
 * a second. The dump stage keeps in `seen` the last beat that it saw, in the low SESSION_BEAT
 * bits, and above them the jiffies when it first saw it; it passes a session over whose beat is
 * old, until it beats again.
 */
#define SESSION_BEAT 24

struct session_conf {
	__u64 seen;
	__u32 beat;	/* nonzero when the session begins */
	__u32 id;	/* nonzero; 0: nobody, or its reader died and the exit saw it */
	__u64 since_ns; /* CLOCK_MONOTONIC */
	__u64 reasons[SESSION_SLOTS]; /* by slot, bit i: wanted when it gave reason i */
	__u64 window_ns;	      /* kernel's: start of the second that rate is counted in */
	__u32 window;		      /* kernel's: events in it, all CPUs */
	__u32 rate;		      /* events a second at most; 0: no limit */
	__u32 sample;		      /* one in so many of the wanted, by CPU; 0 and 1: all */
	__u32 rule_count;	      /* of rules[]; 0: any */
	__u32 rules[SESSION_RULES];   /* wanted when a stage named one of these */
	__u32 snaplen;		      /* bytes, <= EVENT_SNAPLEN_MAX */
	__u32 flags;		      /* enum session_flag */
	__u32 verdicts;		      /* bit i: wanted when the final verdict is i; 0: all */
	__u32 slots;		      /* bit i: wanted when slot i decided or gave a reason, bit
					 CHAIN_SLOT_END: when none decided; 0: all */
	__s32 pid;		      /* for the message that names the holders */
	__u32 rested;		      /* kernel's: jiffies when its rate was exceeded; 0: never */
	char comm[16];
	char filter[SESSION_TEXT]; /* as typed, cut to fit; for people */
};
_Static_assert(sizeof(struct session_conf) == 376, "session_conf");

/*
 * By session, in struct chain_cpu. They go on growing when the entry changes hands: a session
 * takes what it finds as its zero. Exactly offered = filtered + captured + lost whenever no
 * packet is in flight. A session that takes both points counts each packet twice, once a point.
 */
struct session_count {
	__u64 offered;	      /* packets that reached slot 0 */
	__u64 filtered;	      /* not wanted: by a filter, by sample or by rate */
	__u64 captured;	      /* written into the ring */
	__u64 lost;	      /* wanted, and the ring was full or its reader dead */
	__u64 capped;	      /* of `filtered`: by rate */
	__u64 matched;	      /* passed the filters, each packet once; what sample counts by */
	__u64 entry_captured; /* of `captured` and `lost`: with the bytes as they came */
	__u64 entry_lost;
};
_Static_assert(sizeof(struct session_count) == 64, "session_count");

/*
 * A value of the array `entries`, by CPU: the bytes of a packet as it came, kept at slot 0 for the
 * exit to send with the verdict. They are those of the packet whose time_ns it is: in the
 * moment in which one program of the two is replaced, the other may write or read another map.
 */
struct session_entry {
	__u64 time_ns;
	__u32 len; /* bytes at `bytes` */
	__u32 pad;
	__u8 head[SESSION_HEAD]; /* event and steps go here, right before the bytes */
	__u8 bytes[EVENT_SNAPLEN_MAX];
	__u8 slack[SESSION_HEAD]; /* the verifier adds the longest head to the most bytes */
};
_Static_assert(sizeof(struct session_entry) == 16 + 2 * SESSION_HEAD + EVENT_SNAPLEN_MAX,
	       "session_entry");

/* An entry of the array `filters`: the classic program of a session, to rebuild the dump stage. */
struct session_filter {
	__u32 id;		    /* session_conf.id */
	__u32 count;		    /* instructions; 0: every packet matches */
	__u64 insns[SESSION_INSNS]; /* struct sock_filter, linux/filter.h */
};
_Static_assert(sizeof(struct session_filter) == 8 + 8 * SESSION_INSNS, "session_filter");

#endif
