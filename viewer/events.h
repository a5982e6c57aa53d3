/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/events.h - the newest packets, with their trails, in bounded memory: what the views of
 * packets show and `w` writes. The oldest give way.
 */
#ifndef VIEWER_EVENTS_H
#define VIEWER_EVENTS_H

#include <stddef.h>

#include "lib/record.h"
#include "lib/trail.h"

#define EVENTS	     16384	/* packets, at most */
#define EVENTS_BYTES (24 << 20) /* of packets and trails together, at most */

struct events_packet {
	__u64 number;  /* from 1 on */
	__u64 time_ns; /* since 1970 */
	__u64 packetid;
	__u32 len, cap_len, iface, queue, flags, have; /* as in struct record */
	__u8 verdict;
	bool known; /* the verdict */
	__u16 comment_len;
	__u32 judged; /* by the filter of that generation, and */
	bool wanted;  /* what it said */
	/* the packet, then the trail as in a file */
	unsigned char bytes[] __attribute__((aligned(8)));
};

struct events;

/** events_new - NULL and errno. */
struct events *events_new(void);

/** events_free - NULL is allowed. */
void events_free(struct events *e);

/**
 * events_add - keep a packet; its trail is r->trail, or none.
 * Return: its number; 0: no memory for it.
 */
__u64 events_add(struct events *e, const struct record *r);

/** events_first, events_last - numbers of the oldest and newest; last is first - 1 if none is. */
__u64 events_first(const struct events *e);
__u64 events_last(const struct events *e);

/** events_get - a packet that is there, or NULL. */
struct events_packet *events_get(const struct events *e, __u64 number);

/** events_trail - its trail. 0; -ENOENT: it has none. */
int events_trail(const struct events_packet *p, struct trail *t);

/** events_data - its p->cap_len bytes. */
const unsigned char *events_data(const struct events_packet *p);

/** events_record - as a record to be written; valid as long as the packet. */
void events_record(const struct events_packet *p, struct record *r);

#endif
