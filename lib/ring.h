/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/ring.h - read perf rings, one a CPU of each perf event array, merged by kernel time.
 *
 * Several arrays can be read at once: each is a source, with a number of the caller's. No wake-up
 * an event: the kernel wakes the reader when a ring is filled to its watermark, and the reader's
 * own timer does it when traffic is slow. Events are handed over where they lie in the ring; none
 * is copied, but those that wrap around its end.
 */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "xdpchain/event.h"

struct ring;
struct rings;

struct ring_stats {
	__u64 records; /* handed over */
	__u64 bytes;   /* of ring memory, all rings */
	__u64 aside;   /* bytes for records that wrap around the end of a ring */
	__u64 late;    /* out of order: came more than 5 ms after their time */
	__u64 foreign; /* records of another kind or session, or damaged: skipped */
};

/**
 * ring_fn - sees one perf sample, 4-byte aligned, @len bytes, valid during the call; @source is
 * where it came from. Nonzero ends the round behind this record.
 */
typedef int ring_fn(const void *sample, size_t len, __u32 source, void *arg);

/** rings_new - without any ring yet. NULL with errno. */
struct rings *rings_new(void);

/**
 * rings_add - a ring for each CPU that is online, put into the perf event array @map_fd.
 * @bytes:   of one ring; rounded up to a power of two of pages
 * @session: events of other sessions are skipped
 * @source:  what rings_read() says with each event of it
 *
 * The array must be empty. Closing @map_fd takes the rings out of it.
 * Return: 0; -EPERM (perf_event_paranoid 3 wants CAP_SYS_ADMIN to open, none to read);
 * -ENOMEM: not that much memory, or more than RLIMIT_MEMLOCK allows; -errno. On an error there
 * are as many rings as before.
 */
int rings_add(struct rings *r, int map_fd, size_t bytes, __u32 session, __u32 source);

/*
 * Has events: puts them into its ring by ring_put(), as far as there is room. True if there are
 * more: then nothing is handed over that is younger than the last it put.
 */
typedef bool ring_fill(void *arg);

struct ring_memory {
	size_t bytes;	 /* rounded up to a power of two of pages */
	int fd;		 /* readable when there is something to fill with; stays the caller's */
	ring_fill *fill; /* called in each round of rings_read() */
	void *arg;	 /* of fill */
	__u64 slack_ns;	 /* how late events may come; all rings are read that much later */
	__u32 session, source;
};

/**
 * rings_add_memory - a ring that this process fills by itself, in the order of time.
 * @out: set on success; lives as long as @r
 * Return: 0; -ENOMEM; -errno.
 */
int rings_add_memory(struct rings *r, const struct ring_memory *m, struct ring **out);

/** RING_RECORD - bytes that an event without steps takes in a ring. */
#define RING_RECORD(cap_len) ((12 + sizeof(struct event) + (cap_len) + 7) & ~(size_t)7)

/** ring_room - bytes that are free. */
size_t ring_room(const struct ring *g);

/**
 * ring_put - append an event without steps; there must be room for it.
 * @bytes: ev->cap_len of the packet
 */
void ring_put(struct ring *g, const struct event *ev, const void *bytes);

/** rings_close - NULL is allowed. */
void rings_close(struct rings *r);

/** rings_wait - sleep until a watermark is reached, a signal, or @ms. >= 0 or -errno. */
int rings_wait(struct rings *r, int ms);

/**
 * rings_read - hand over to @fn, in the order of event.time_ns across CPUs and sources, what is
 * there.
 * @final: no more events will come: hand over everything
 *
 * An event is held back until it is 5 ms old (or what rings_add_memory() said), so that no CPU can
 * come later with an older one.
 * Return: number of events handed over, or what @fn returned if negative.
 */
long rings_read(struct rings *r, int final, ring_fn *fn, void *arg);

/** rings_pending - 1 when events were held back: call rings_read() again soon. */
int rings_pending(const struct rings *r);

/** rings_stats - since rings_new(). */
void rings_stats(const struct rings *r, struct ring_stats *st);

#endif
