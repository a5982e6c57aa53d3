/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/sink.h - where the packets go: text, or one of the formats of lib/format.h.
 */
#ifndef XDPDUMP_SINK_H
#define XDPDUMP_SINK_H

#include "lib/capfile.h"
#include "lib/event.h"
#include "lib/format.h"
#include "lib/session.h"
#include "lib/trail.h"
#include "xdpdump/opts.h"
#include "xdpdump/out.h"
#include "xdpdump/signals.h"

struct filer;
struct sink;

/* One of the interfaces, or points of them, that are captured from. */
struct sink_if {
	struct format_if file; /* as a file has it */
	const char *shown;     /* before each line of text: the name, where there are several */
	const char *mark;      /* and the point, where there are both; may be NULL like `shown` */
};

/* What a sink is told of the capture, before the first packet. Lives as long as the sink. */
struct sink_env {
	const struct opts *opts;
	const struct signals *sig;
	const struct filer *filer;  /* opens files; NULL: they are opened here */
	const struct capfile *file; /* that is read; NULL: a live capture */
	const struct sink_if *ifs;  /* n_ifs of them, of a live capture */
	__u32 n_ifs;
	__u32 snaplen;	/* bytes, 0: all */
	__u64 epoch_ns; /* add to CLOCK_MONOTONIC for the time since 1970 */
	__u64 start_ns; /* since 1970; of the first packet where a file is read */
	/* What was counted so far on each of ifs; NULL where a file is read */
	int (*counts)(void *arg, struct session_count *n);
	void *counts_arg;
};

/* An event of the kernel, or a record of a file. */
struct sink_packet {
	const struct ev *ev;		 /* NULL: it is a record */
	const struct trail_names *names; /* of the event's numbers */
	__u64 lost;		     /* events lost since the one before of this iface and CPU */
	__u32 iface;		     /* of an event: index in env->ifs */
	const struct record *record; /* NULL: it is an event */
	const struct capfile_if *from;
	const char *trigger; /* why a flight recorder writes it and what follows; or NULL */
	__u64 time_ns;	     /* since 1970 */
};

struct sink_ops {
	/*
	 * Put a packet, or a trailer after the last one, into the buffer, which has some room.
	 * 0; -ENOSPC: flush, and come again; -errno. end may be NULL.
	 */
	int (*packet)(struct sink *s, const struct sink_packet *p);
	int (*end)(struct sink *s, const struct session_count *n); /* one for each of env->ifs */
	/* The header of one more file; NULL: such a sink has but one */
	int (*again)(struct sink *s);
	void (*free)(struct sink *s);
};

struct sink {
	const struct sink_ops *ops;
	const struct sink_env *env;
	struct out out;
	size_t most; /* bytes of its caches when they are full */
};

/*
 * Constructors. 0 or -errno; @fd is closed with the sink, standard output excepted.
 * The header of a live file is in the buffer when they return.
 */
int sink_text(const struct sink_env *env, int fd, struct sink **out);
int sink_file(const struct sink_env *env, int fd, struct sink **out);

/** sink_packet - write a packet, flush when the buffer is full. 0 or -errno (as out_flush()). */
int sink_packet(struct sink *s, const struct sink_packet *p);

/** sink_end - trailer and flush. @n: for each of env->ifs, what was counted; of a file: one. */
int sink_end(struct sink *s, const struct session_count *n);

/** sink_next - after sink_end(): go on with the file @fd. */
int sink_next(struct sink *s, int fd);

/** sink_most - bytes of memory that it takes at most. */
size_t sink_most(const struct sink *s);

/** sink_buffer - bytes that a sink's buffer is to have. */
size_t sink_buffer(const struct sink_env *env);

/** sink_free - NULL is allowed. */
void sink_free(struct sink *s);

#endif
