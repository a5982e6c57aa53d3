/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/tap.h - when there is a capture: while a view shows packets; for a moment now and then, to
 * time the stages; and for the first packet of an incident. At all other times there is none.
 */
#ifndef VIEWER_TAP_H
#define VIEWER_TAP_H

#include "viewer/capture.h"
#include "viewer/intake.h"

enum tap_what { TAP_NONE, TAP_VIEW, TAP_TIMES, TAP_SAMPLE };

struct tap {
	struct capture *capture;
	enum tap_what what;
	__u64 since_ns, checked_ns, times_ns, retry_ns, sample_ns; /* CLOCK_MONOTONIC */
	__u64 taken;						   /* packets of this capture */
	__u32 sample;						   /* one in so many is taken */
	__u32 generation, ifs; /* of query and model when it was opened */
	struct session_count count;
	char why[256]; /* why there is none, though one is wanted; "": there is */
	__u64 epoch_ns;
	struct intake *in;
};

struct tap_want {
	struct live *live;
	struct intake *in;
	__u32 rate, snaplen;
	bool packets; /* a view shows some */
	bool times;   /* a view shows the times of stages */
};

/** tap_tick - open, read, close. How many packets came. */
long tap_tick(struct tap *t, const struct tap_want *w);

/** tap_close - there is none any more. */
void tap_close(struct tap *t);

#endif
