/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/source.h - one interface that packets are captured from, in one of several ways.
 *
 * Whatever the way, packets come as events (xdpchain/event.h) through rings that all sources
 * share, so what shows, writes, orders and counts them knows nothing of where they are from.
 */
#ifndef XDPDUMP_SOURCE_H
#define XDPDUMP_SOURCE_H

#include <net/if.h>

#include "lib/fail.h"
#include "lib/filter.h"
#include "lib/session.h"
#include "lib/trail.h"
#include "xdpdump/opts.h"
#include "xdpdump/tally.h"

struct rings;
struct source;

struct source_ops {
	/*
	 * Start: from here on events come through @rings, with source->number. Fills source->names
	 * and source->what. 0, or -errno with @f.
	 */
	int (*open)(struct source *s, struct rings *rings, struct fail *f);
	/* The process that looks after it lives; twice a second, check or no check. May be NULL. */
	void (*beat)(struct source *s);
	/* After fork(), in the one that leaves it to the other: give up all but what rings say.
	 * May be NULL. */
	void (*leave)(struct source *s);
	/* Twice a second: 0, or -errno with @f when no more packets will come. */
	int (*check)(struct source *s, struct fail *f);
	/* Since open: offered = filtered + captured + lost. 0 or -errno. */
	int (*counts)(struct source *s, struct session_count *n);
	/* What triggers count. 0 or -errno; NULL: nothing counts here. */
	int (*tally)(struct source *s, struct tally_counts *n);
	/* No more events after this; those that were written can still be read. */
	void (*stop)(struct source *s);
	/* Free it all; also after an open() that failed. */
	void (*close)(struct source *s);
	const char *points[EVENT_POINTS]; /* what its interfaces in a file are, for people */
	bool local; /* check, counts and stop need the process that reads, and no privileges */
};

struct source {
	const struct source_ops *ops;
	const struct opts *opts;
	const struct filter *filter;
	char ifname[IF_NAMESIZE];
	__u32 number; /* of it in the rings */
	__u32 ifindex;
	__u32 points;	  /* bit i: events of enum event_point i come */
	__u32 no_trigger; /* bit i: opts->triggers[i] asks for what is not there */
	bool nothing;	  /* it has no such stage or reason as is asked for: nothing will come */
	bool over;	  /* no more packets will come */
	size_t cut;	  /* bytes of each ring, if the kernel allowed less than the default */
	char what[600];	  /* how it listens, for people: "native XDP: blocklist" */
	char note[1024];  /* and why it is no chain; "" where it is one */
	struct trail_names names;
	void *priv; /* of ops */
};

/*
 * The chain of the interface; the XDP program on it, of whatever origin; what libpcap sees of it.
 * The second is one for source_pick() alone, which has made it ready.
 */
extern const struct source_ops source_chain, source_program, source_pcap;

/**
 * source_pick - set s->ops: the chain, or what else can be had, or what --source says, and
 * s->note. 0, or -errno with @f; close it in any case.
 */
int source_pick(struct source *s, struct fail *f);

/** source_spec - what every kind of source is asked for. Filters on stages are not in it. */
void source_spec(const struct source *s, struct rings *rings, struct session_spec *spec);

/** source_tally - its tally(), where it has one. */
int source_tally(struct source *s, struct tally_counts *n);

/** source_points - how many events a packet makes: one a point. */
static inline __u32 source_points(const struct source *s)
{
	return (s->points & 1) + (s->points >> 1 & 1); /* without a call, which popcount is */
}

/** source_point_count - of the counts of a source, those of one point of it. */
void source_point_count(const struct source *s, __u32 point, const struct session_count *all,
			struct session_count *n);

#endif
