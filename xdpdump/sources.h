/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/sources.h - all interfaces that a capture is of, and what a file says of them. */
#ifndef XDPDUMP_SOURCES_H
#define XDPDUMP_SOURCES_H

#include "xdpdump/sink.h"
#include "xdpdump/source.h"

struct sources {
	struct source of[OPTS_IFACES];
	__u32 n;
	struct rings *rings;
	struct sink_if ifs[OPTS_IFACES * EVENT_POINTS]; /* by source and point */
	__u32 n_ifs;
};

/**
 * sources_find - fill in which they are: what -i names, or every interface that has a chain.
 * @filter: lives as long. 0, or -errno that was printed.
 */
int sources_find(struct sources *ss, const struct opts *o, const struct filter *filter);

/** sources_open - start all of them. 0, or -errno that was printed; close them in any case. */
int sources_open(struct sources *ss);

/** sources_iface - index in ifs of @point of source @number. */
static inline __u32 sources_iface(const struct sources *ss, __u32 number, __u32 point)
{
	__u32 points = source_points(&ss->of[0]); /* the same for all */

	return number * points + (points > 1 ? point : 0);
}

/** sources_of - the number of the source that sources_iface() gave @iface for. */
__u32 sources_of(const struct sources *ss, __u32 iface);

/** sources_left - how many of them still listen. */
__u32 sources_left(const struct sources *ss);

/** sources_close - stop and free. */
void sources_close(struct sources *ss);

#endif
