/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/trigger.h - what a flight recorder waits for: how a person writes it, and when it fires.
 *
 *	WHAT>N/s	more than N packets within a second; WHAT is a verdict (drop), a reason as
 *			--reason writes it (reason:rate, ratelimit:rate), stage:NAME (what it
 *			drops) or lost (events that the capture lost)
 *	reason=NAME	one packet for which a stage gave that reason (rate, ratelimit:rate)
 *	stage=NAME	one packet that the stage decided, or gave a reason for
 *	verdict=NAME	one packet with that verdict
 *
 * What is counted, the caller reads: these functions see numbers alone.
 */
#ifndef LIB_TRIGGER_H
#define LIB_TRIGGER_H

#include <stdbool.h>

#include "lib/fail.h"

#include <linux/types.h>

#define TRIGGER_TEXT 96	       /* bytes of one as typed, with its NUL */
#define TRIGGER_OVER 100000000 /* N at most: 10 ns a packet */
#define TRIGGER_TICK 100000000 /* ns between two calls of trigger_step(), about */

enum trigger_kind {
	TRIGGER_VERDICT,
	TRIGGER_REASON,
	TRIGGER_DROPS, /* of a stage */
	TRIGGER_STAGE, /* what it decided or gave a reason for */
	TRIGGER_LOST,
	TRIGGER_ASKED, /* stage_trigger() of xdpchain/stage.bpf.h; nobody types it */
};

struct trigger {
	char text[TRIGGER_TEXT]; /* as typed */
	char name[TRIGGER_TEXT]; /* of the reason (perhaps with its stage) or the stage */
	enum trigger_kind kind;
	__u32 verdict;
	__u32 over; /* packets within a second: it fires when there are more */
};

/** trigger_parse - 0; -EINVAL: @f says in one line what is wrong with it, and what is right. */
int trigger_parse(const char *text, struct trigger *t, struct fail *f);

#define TRIGGER_SAMPLES 16

/* One trigger at work. All zero to begin with. */
struct trigger_state {
	struct {
		__u64 ns, count;
	} sample[TRIGGER_SAMPLES];
	__u32 samples; /* taken so far */
	bool fired;
	__u64 below_ns; /* since when it is below, after it fired; 0: it is not */
};

/**
 * trigger_step - look at the counter, about ten times a second.
 * @count: what there was so far; never goes back
 * @rate:  set: packets within the last second
 *
 * It fires as soon as the last second has more than @over, so the sooner, the more there are. It
 * does not fire again before that was not so for a second.
 * Return: true when it fires.
 */
bool trigger_step(struct trigger_state *s, __u32 over, __u64 now_ns, __u64 count, __u64 *rate);

#endif
