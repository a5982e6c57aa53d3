/* SPDX-License-Identifier: GPL-2.0 */
/* grab.h - sessions in tests: open them, and keep copies of the events that come out. */
#ifndef TESTS_GRAB_H
#define TESTS_GRAB_H

#include "lib/ring.h"
#include "lib/session.h"
#include "xdpchain/event.h"

struct grab_event {
	struct event head;
	struct event_step steps[EVENT_STEPS];
	unsigned char *data; /* head.cap_len bytes, in memory of just that size */
};

struct grab {
	struct session *session;
	struct grab_event *events;
	size_t count, room;
};

/** grab_open - session_open() with an expression of pcap-filter(7), NULL: all. Fails the test. */
void grab_open(struct grab *g, const char *ifname, const struct session_spec *spec,
	       const char *filter);

/** grab_keep - what rings_read() is to call, with the struct grab: of rings that are no session's.
 */
int grab_keep(const void *sample, size_t len, __u32 source, void *arg);

/** grab_read - take what is in the rings now. @final: as rings_read(). How many were new. */
size_t grab_read(struct grab *g, int final);

/** grab_stop - disarm, and take all that is left. */
void grab_stop(struct grab *g);

/** grab_counts - the session's counters. */
struct session_count grab_counts(const struct grab *g);

/** grab_close - end the session and free all. Fine on a zeroed one. */
void grab_close(struct grab *g);

#endif
