/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/report.h - what is said of a capture on standard error. */
#ifndef XDPDUMP_REPORT_H
#define XDPDUMP_REPORT_H

#include "lib/ring.h"
#include "lib/session.h"
#include "xdpdump/sources.h"

/** report_start - that it listens, on what. */
void report_start(const struct sources *ss, const struct opts *o);

/** report_cut - that the rings are smaller than they should be, if so. */
void report_cut(const struct source *s);

/** report_end - tcpdump's three lines, and where every packet went. @shown: packets put out. */
void report_end(unsigned long shown, const struct session_count *n);

/** report_source - one more line of report_end(), of one source where there are several. */
void report_source(const struct source *s, const struct session_count *n);

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

/** report_live - the line of --stats. */
void report_live(struct report_live *l, const struct session_count *n, const struct ring_stats *r,
		 const struct report_memory *m);

#endif
