/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/chain.h - what the BPF side and the user side agree on about a chain.
 *
 * A chain is one per network interface: a root program on the interface (a pinned
 * bpf_link), a program array whose index is the slot number, and one value a CPU
 * that carries the parsed packet from stage to stage and holds the counters.
 * All quantities are host byte order unless the type says __be*.
 */
#ifndef XDPCHAIN_CHAIN_H
#define XDPCHAIN_CHAIN_H

#include <linux/types.h>

#include "xdpchain/event.h"
#include "xdpchain/pkt.h"
#include "xdpchain/session.h"

/* Raised when a struct below or the meaning of a field changes: tools of another ABI are refused.
 */
#define CHAIN_ABI 4

/*
 * Pins are under CHAIN_PIN_ROOT/<ifname>/, for root alone, or for the group too that
 * CHAIN_PIN_ROOT was given to.
 */
#define CHAIN_PIN_ROOT "/sys/fs/bpf/xdpchain"

/*
 * Slots. 0 is the dump stage; it stands in the array `tap`, not in `slots`, and only while
 * somebody captures. 1 to 14 are policers, 15 is the load balancer. CHAIN_SLOT_END is no
 * program: it is where packets are counted that every stage handed on (verdict XDP_PASS).
 */
enum chain_slot {
	CHAIN_SLOT_DUMP = 0,
	CHAIN_SLOT_POLICER_MIN = 1,
	CHAIN_SLOT_POLICER_MAX = 14,
	CHAIN_SLOT_LB = 15,
	CHAIN_SLOTS = 16,
	CHAIN_SLOT_END = 16,
	CHAIN_COUNTED = 17, /* slots that have counters, CHAIN_SLOT_END among them */
};

/*
 * The arrays `slots`, `stages` and `bases` hold the chain twice: two banks of CHAIN_SLOTS entries,
 * entry i of bank b at chain_at(b, i). The root tells a packet its bank, by the bit CHAIN_BANK of
 * chain_info.slots, and it keeps to that one. A change of any number of slots is made in the other
 * bank, where no packet is, and holds from the next packet on by one store.
 */
#define CHAIN_BANKS 2
#define CHAIN_BANK  1u /* bit 0: slot 0 is not in these arrays */

static inline __attribute__((always_inline)) __u32 chain_at(__u32 bank, __u32 slot)
{
	return bank * CHAIN_SLOTS + slot;
}

/* Indices of the array `tap`. */
enum chain_tap { CHAIN_TAP_DUMP = 0, CHAIN_TAP_EXIT = 1, CHAIN_TAPS = 2 };

/* What a stage says of a packet: the values of enum xdp_action (linux/bpf.h), and one more. */
enum chain_verdict {
	CHAIN_ABORTED = 0,
	CHAIN_DROP = 1,
	CHAIN_PASS = 2,
	CHAIN_TX = 3,
	CHAIN_REDIRECT = 4,
	CHAIN_NEXT = 5,	    /* on to the next slot; never a packet's final verdict */
	CHAIN_VERDICTS = 8, /* size of a row of counters; the rest is unused */
};

/* Reasons are 1 to 63, from an enum in the stage's own source; 0 is "none". */
#define CHAIN_REASONS  64
#define CHAIN_NAME_LEN 32 /* a stage's name, with its NUL */
#define CHAIN_KIND_LEN 16 /* its kind, with its NUL */

struct chain_count {
	__u64 packets;
	__u64 bytes; /* as the packets came in, Ethernet header included, no FCS */
};
_Static_assert(sizeof(struct chain_count) == 16, "chain_count");

/*
 * The one value of the per-CPU array `cpus`: scratch of the packet that this CPU is working
 * on, and the counters of the chain on this CPU. User space only reads it, and sums over
 * CPUs; counters only grow, for as long as the chain is attached.
 */
struct chain_cpu {
	struct pkt pkt;
	struct event event; /* under construction; valid while pkt.tap_mask is set */
	struct event_step steps[EVENT_STEPS]; /* follow the event, as they go out */
	struct session_count sessions[SESSIONS];
	struct chain_count verdicts[CHAIN_COUNTED][CHAIN_VERDICTS];
	struct chain_count reasons[CHAIN_COUNTED][CHAIN_REASONS];
	__u64 asked[CHAIN_SLOTS]; /* how often a stage called stage_trigger() */
};
_Static_assert(sizeof(struct chain_cpu) < 32768, "a per-CPU value is limited to 32 KiB");
_Static_assert(__builtin_offsetof(struct chain_cpu, pkt) == 0, "stage_trigger() counts on it");

enum chain_flag {
	CHAIN_PANIC = 1 << 0, /* policers are stepped over: everything passes, or goes to lb */
};

/*
 * The one value of the array `info`. Written by the tools, under the lock of all chains, each field
 * by itself through a mapping of the array: `slots` holds for a packet by one store.
 */
struct chain_info {
	__u64 created_ns; /* CLOCK_MONOTONIC */
	__u64 netns_ino;  /* inode of the network namespace the interface is in */
	__u64 netns_dev;
	__u32 abi; /* CHAIN_ABI */
	__u32 ifindex;
	__u32 generic;	     /* 1: generic (skb) mode, 0: native */
	__u32 last_instance; /* of struct chain_stage, last number given out */
	__u32 slots;	     /* CHAIN_BANK; bit i: slot i is filled, holes are stepped over by it */
	__u32 flags;	     /* enum chain_flag */
	__u32 tapped;	     /* 1: somebody captures, the root asks the array `tap` */
	__u32 pad;
};
_Static_assert(sizeof(struct chain_info) == 56, "chain_info");

/*
 * An entry of the array `bases`: what the counters of a slot were when the stage in it came there,
 * mod 2^64. What a stage has counted is chain_cpu less this; a stage that moves to another slot
 * takes its counters along.
 */
struct chain_base {
	struct chain_count verdicts[CHAIN_VERDICTS];
	struct chain_count reasons[CHAIN_REASONS];
};
_Static_assert(sizeof(struct chain_base) == 1152, "chain_base");

enum chain_stage_flag {
	CHAIN_STAGE_SHADOW = 1 << 0, /* counts and traces its verdicts, and hands on */
};

/* An entry of the array `stages`: who is there. prog_id 0: nobody. */
struct chain_stage {
	__u64 since_ns; /* CLOCK_MONOTONIC, when it was loaded */
	__u64 digest;	/* of its configuration, see lib/policer.h; 0: it has none */
	__u32 prog_id;	/* of the kernel */
	__u32 instance; /* unique in this chain; every step carries it, see event.h */
	__u32 flags;	/* enum chain_stage_flag */
	__u32 pad;
	char name[CHAIN_NAME_LEN]; /* the operator's name for it */
	char kind[CHAIN_KIND_LEN]; /* of policer, see lib/policer.h; "": not known */
};
_Static_assert(sizeof(struct chain_stage) == 80, "chain_stage");

/*
 * An entry of the hash `programs`, by chain_stage.instance: what a program calls itself and its
 * reasons. It is there before the program is in its slot and never changes, so that events are
 * read right when their program was replaced; of CHAIN_PROGRAMS, the oldest gives way.
 */
#define CHAIN_PROGRAMS	 64
#define CHAIN_REASON_LEN 64 /* with its NUL */

struct chain_program {
	char name[CHAIN_NAME_LEN];		       /* as in struct chain_stage */
	char reasons[CHAIN_REASONS][CHAIN_REASON_LEN]; /* "": no such reason */
};
_Static_assert(sizeof(struct chain_program) == 4128, "chain_program");

/*
 * A stage that gives rules an id may have a map `rules` (hash, key: __u32 rule id) with this
 * value: then every tool shows the rule by its text. For user space; the stage never reads it.
 */
struct chain_rule {
	__u64 since_ns; /* CLOCK_MONOTONIC */
	char text[56];	/* what the rule matches: "203.0.113.0/24" */
	char note[64];	/* why, in the words of who set it; may be empty */
};
_Static_assert(sizeof(struct chain_rule) == 128, "chain_rule");

#endif
