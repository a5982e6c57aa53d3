/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/recorder.h - the flight recorder: the newest events stay in memory, until a trigger
 * fires. Then they are written, oldest first, and with them what follows for --trigger-after.
 *
 * Every event goes through that memory, also while one that fired is being written: so none is
 * written twice, and none out of order.
 */
#ifndef XDPDUMP_RECORDER_H
#define XDPDUMP_RECORDER_H

#include "lib/backlog.h"
#include "lib/session.h"
#include "xdpdump/opts.h"
#include "xdpdump/tally.h"

#define RECORDER_IFACES (OPTS_IFACES * EVENT_POINTS)

struct recorder;

/* Where to: 0; > 0 not taken, and nothing will be any more; -errno. @trigger: or NULL */
typedef int recorder_write(void *arg, const struct backlog_record *r, const char *trigger);

/**
 * recorder_new - take the memory.
 * @epoch_ns: see struct sink_env
 * Return: NULL after a message.
 */
struct recorder *recorder_new(const struct opts *o, __u64 epoch_ns, recorder_write *write,
			      void *arg);

/** recorder_free - NULL is allowed. What is in memory is gone. */
void recorder_free(struct recorder *r);

/** recorder_put - keep an event of iface @in->source (below RECORDER_IFACES), in the place of the
 * oldest if need be. 0 or -errno of write. */
int recorder_put(struct recorder *r, const struct backlog_record *in);

/** recorder_due - is it time for recorder_look()? About ten times a second. */
bool recorder_due(const struct recorder *r);

/**
 * recorder_look - does a trigger fire?
 * @n:     what tally_read() says, for each of @count sources; always the same ones
 * @names: of their interfaces
 */
void recorder_look(struct recorder *r, const struct tally_counts *n, const char *const *names,
		   unsigned int count);

/** recorder_now - SIGUSR2: it fires. */
void recorder_now(struct recorder *r);

/**
 * recorder_work - write some of what is to be written.
 * @all: all of it
 * Return: 1: there is more; 0; -errno of write.
 */
int recorder_work(struct recorder *r, bool all);

struct recorder_stats {
	__u64 written, overwritten; /* overwritten: by newer ones, or older than they may be */
	__u64 kept;		    /* are in memory */
	__u64 age_ns;		    /* of the oldest of these */
	__u64 bytes, room;	    /* of memory */
	bool cut;		    /* they would be older, but for the room */
};

void recorder_stats(const struct recorder *r, struct recorder_stats *st);

#endif
