/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpchain/watch.h - what the programs that watch a foreign XDP program (bpf/xdp_watch.bpf.c)
 * and the user side (lib/watch) agree on. The session and its counters are those of a chain.
 */
#ifndef XDPCHAIN_WATCH_H
#define XDPCHAIN_WATCH_H

#include <stddef.h>

#include <linux/types.h>

#include "xdpchain/event.h"
#include "xdpchain/session.h"

#define WATCH_BYTES 65536 /* of a packet, that a filter may look at */
#define WATCH_CHUNK 32767 /* of one of its buffers, where it has several */
#define WATCH_HEAD  72	  /* of an event, before the packet */
#define WATCH_ODD   127	  /* stands for a verdict that a step has no number for */

/* A packet as the filter sees it: in one piece. */
struct watch_view {
	__u64 data; /* kernel address of the first byte */
	__u32 len;
	__u32 pad;
};
_Static_assert(sizeof(struct watch_view) == 16, "watch_view");

/* By CPU: the packet between the entry of the program and its exit. */
struct watch_cpu {
	struct watch_view view;
	__u64 pending; /* 1: a packet that the filter wants is on its way through */
	struct session_count count;
};
_Static_assert(sizeof(struct watch_cpu) == 88, "watch_cpu");

/* An entry of the array `kept`, by CPU; it goes out as it is. */
struct watch_kept {
	struct event event;
	struct event_step step;
	__u8 data[WATCH_BYTES + WATCH_CHUNK +
		  1]; /* as it came in; the last buffer may reach over */
};
_Static_assert(offsetof(struct watch_kept, data) == WATCH_HEAD, "watch_kept");

#endif
