/* SPDX-License-Identifier: GPL-2.0 */
/* lib/ring_int.h - what the files of the ring share. For lib/ring*.c only. */
#ifndef LIB_RING_INT_H
#define LIB_RING_INT_H

#include <linux/perf_event.h>

#include "lib/ring.h"

#define RING_NEVER (~0ULL)

/* A perf sample of type PERF_SAMPLE_RAW, as perf_event_open(2) describes it. */
struct raw {
	struct perf_event_header header;
	__u32 size; /* bytes of data, with padding */
	__u8 data[];
};

struct ring {
	struct perf_event_mmap_page *page;
	const __u8 *data;
	__u64 mask;	  /* size of data - 1 */
	__u64 head, tail; /* of this round */
	__u64 given;	  /* tail that the kernel knows of */
	int fd;
	struct raw *cur; /* the event at tail, or NULL: none in this round */
	__u64 cur_ns;	 /* its time; RING_NEVER without one */
	__u32 cur_len;	 /* bytes of its record */
	__u32 session, source;
	__u8 *wrap; /* copy of the one record that wraps */
	size_t map_len;
	ring_fill *fill; /* of a ring that this process writes; else NULL */
	void *fill_arg;
	__u64 put_ns; /* time of the event put last */
};

struct rings {
	struct ring **ring;
	struct ring **heap; /* those that have an event, the one with the oldest first */
	int n, heaped, epoll, pending;
	__u64 last_ns; /* of the event handed over last */
	__u64 slack_ns;
	struct ring_stats stats;
};

/** ring_size - @bytes rounded up to a power of two of pages. */
size_t ring_size(size_t bytes);

/** ring_map - the memory of a ring of ring_size() @bytes: of its descriptor, or -1: our own. */
int ring_map(struct ring *g, size_t bytes);

/** ring_free - also one that was not mapped. */
void ring_free(struct ring *g);

/** rings_grow - room for @more rings. 0 or -ENOMEM. */
int rings_grow(struct rings *r, int more);

#endif
