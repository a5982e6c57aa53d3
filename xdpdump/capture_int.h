/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/capture_int.h - shared by the files of capture alone. */
#ifndef XDPDUMP_CAPTURE_INT_H
#define XDPDUMP_CAPTURE_INT_H

#include "xdpdump/keeper.h"
#include "xdpdump/outs.h"
#include "xdpdump/recorder.h"
#include "xdpdump/report.h"
#include "xdpdump/signals.h"
#include "xdpdump/sources.h"

struct capture {
	const struct opts *o;
	struct signals *sig;
	struct sink_env env;
	struct outs outs;
	struct sources sources;
	struct recorder *recorder; /* NULL: none */
	bool more;		   /* it has more to write */
	struct tally_counts tallies[OPTS_IFACES];
	struct keeper keeper;
	struct filer filer;
	struct trail_names names[OPTS_IFACES]; /* of each source */
	unsigned long shown;
	__u64 start_ns; /* CLOCK_MONOTONIC */
	__u64 looked_ns;
	struct report_live live;
	int statm;  /* of --stats */
	__u64 *seq; /* of the last event, by interface of the file and CPU */
	__u32 ncpus;
	int err; /* of the sink, or a damaged event */
};

/** capture_enough - is all written that -c or -W asks for? */
static inline bool capture_enough(const struct capture *c)
{
	return c->outs.full || (c->o->count && c->shown >= c->o->count);
}

/** capture_event - of rings_read(): to the sinks, or into the memory of the flight recorder. */
int capture_event(const void *sample, size_t len, __u32 source, void *arg);

/** capture_kept - from the memory of the flight recorder to the sinks. */
recorder_write capture_kept;

/**
 * capture_record - does a trigger fire, and is there something to write?
 * @all: write all of it
 * Return: 0 or -errno; c->more: there is more to write.
 */
int capture_record(struct capture *c, bool all);

#endif
