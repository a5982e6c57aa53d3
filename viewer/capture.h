/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/capture.h - a capture session on each chain, while a view shows packets and no longer.
 * The kernel thins it out, so what it costs does not grow with the traffic.
 */
#ifndef VIEWER_CAPTURE_H
#define VIEWER_CAPTURE_H

#include "lib/event.h"
#include "lib/session.h"
#include "lib/trail.h"
#include "viewer/live.h"
#include "viewer/query.h"

struct capture;

struct capture_spec {
	const struct query *query; /* what is wanted; NULL: everything */
	__u32 rate;		   /* packets a second of each interface, at most */
	__u32 sample;		   /* one in so many, before that; 0: all */
	__u32 snaplen;		   /* bytes of each */
	__u32 verdicts, slots;	   /* beside the query, as in struct session_spec; 0: any */
	int only;		   /* one interface, or -1: all */
};

/** capture_fn - sees one packet of interface @iface, valid during the call. */
typedef void capture_fn(void *arg, __u32 iface, const struct ev *ev,
			const struct trail_names *names);

/**
 * capture_open - begin. Interfaces without a chain are left out.
 * Return: 0; what session_open() says, if none could be captured on.
 */
int capture_open(struct live *l, const struct model *m, const struct capture_spec *spec,
		 struct capture **out, struct fail *f);

/** capture_close - end; NULL is allowed. */
void capture_close(struct capture *c);

/** capture_read - hand over what has come. How many, or -errno. */
long capture_read(struct capture *c, capture_fn *fn, void *arg);

/** capture_check - twice a second. 0; -errno: it is of no use any more, open another. */
int capture_check(struct capture *c, struct fail *f);

/** capture_counts - of all interfaces together, since it was opened. */
void capture_counts(struct capture *c, struct session_count *n);

#endif
