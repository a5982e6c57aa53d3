/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/sink.h - where the events go: text, or one of the formats of lib/format.h.
 */
#ifndef XDPDUMP_SINK_H
#define XDPDUMP_SINK_H

#include "lib/event.h"
#include "lib/session.h"
#include "lib/trail.h"
#include "xdpdump/opts.h"
#include "xdpdump/out.h"

struct sink;

/* What a sink is told of the capture, before the first event. Lives as long as the sink. */
struct sink_env {
	const struct opts *opts;
	struct trail_names *names;
	__u32 ifindex;
	__u64 epoch_ns; /* add to CLOCK_MONOTONIC for the time since 1970 */
};

struct sink_ops {
	/* Room for one event at least is in the buffer. 0; -ENOSPC: flush, and come again; -errno
	 */
	int (*event)(struct sink *s, const struct ev *ev, __u64 lost);
	/* The end: a trailer, after the last event. May be NULL. Errors as event */
	int (*end)(struct sink *s, const struct session_count *n);
	void (*free)(struct sink *s);
};

struct sink {
	const struct sink_ops *ops;
	const struct sink_env *env;
	struct out out;
};

/*
 * Constructors. 0 or -errno; @fd is closed with the sink, standard output excepted.
 * The header of a file is in the buffer when they return.
 */
int sink_text(const struct sink_env *env, int fd, struct sink **out);
int sink_file(const struct sink_env *env, int fd, struct sink **out);

/** sink_event - write an event, flush when the buffer is full. 0 or -errno (as out_flush()). */
int sink_event(struct sink *s, const struct ev *ev, __u64 lost);

/** sink_end - trailer and flush. */
int sink_end(struct sink *s, const struct session_count *n);

/** sink_free - NULL is allowed. */
void sink_free(struct sink *s);

#endif
