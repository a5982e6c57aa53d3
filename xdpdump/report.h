/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/report.h - what is said of a capture on standard error. */
#ifndef XDPDUMP_REPORT_H
#define XDPDUMP_REPORT_H

#include "lib/ring.h"
#include "lib/session.h"
#include "xdpdump/recorder.h"
#include "xdpdump/sources.h"

/** report_start - that it listens, on what. */
void report_start(const struct sources *ss, const struct opts *o);

/** report_cut - that the rings are smaller than they should be, if so. */
void report_cut(const struct source *s);

/** report_end - tcpdump's three lines, and where every packet went. @shown: packets put out. */
void report_end(unsigned long shown, const struct session_count *n);

/** report_source - one more line of report_end(), of one source where there are several. */
void report_source(const struct source *s, const struct session_count *n);

/**
 * report_kept - behind report_end(): what a flight recorder did with what was captured.
 * @failed: of the written, those that are in no file
 */
void report_kept(const struct session_count *n, const struct recorder_stats *st,
		 unsigned long long failed);

/** report_trigger - one fired, at @time and @us; @st is what is in memory. */
void report_trigger(const char *why, const char *time, unsigned long long us,
		    const struct recorder_stats *st, const struct opts *o);

/** report_written - all that a trigger asked for is written. */
void report_written(unsigned long long packets);

/** report_info - what tcpdump answers to SIGUSR1. */
void report_info(unsigned long shown, const struct session_count *n);

/* What report_live() has said before. */
struct report_live {
	__u64 at_ns, records;
};

/* Memory of this process beside the rings, in bytes. */
struct report_memory {
	size_t most;	 /* buffers and caches, when they are full */
	size_t resident; /* all that is in memory now */
};

/* What is true now. */
struct report_state {
	struct session_count count;
	struct ring_stats ring;
	struct recorder_stats recorder; /* if there is one */
	struct report_memory memory;
};

/** report_live - the line of --stats. */
void report_live(struct report_live *l, const struct report_state *s, const struct opts *o);

#endif
