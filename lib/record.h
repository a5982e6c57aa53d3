/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/record.h - one captured packet on its way into a file or out of one: what every writer
 * (lib/format.h) takes and the reader (lib/capfile.h) gives.
 */
#ifndef LIB_RECORD_H
#define LIB_RECORD_H

#include <stdbool.h>

#include "lib/event.h"
#include "xdpchain/chain.h"

struct trail;

enum record_have {
	RECORD_FLAGS = 1 << 0,
	RECORD_DROPCOUNT = 1 << 1,
	RECORD_PACKETID = 1 << 2,
	RECORD_QUEUE = 1 << 3,
	RECORD_VERDICT = 1 << 4,
	RECORD_ALL = (1 << 5) - 1,
};

#define RECORD_TRIGGER 256 /* bytes of what a recorder was triggered by, with a NUL */

enum record_direction { RECORD_INBOUND = 1, RECORD_OUTBOUND = 2 }; /* of epb_flags, bits 0 and 1 */

struct record {
	__u64 time_ns;		   /* since 1970, UTC */
	__u64 dropcount;	   /* events lost since the last one of this interface */
	__u64 packetid;		   /* record_id() where we wrote it */
	__u64 verdict;		   /* enum chain_verdict: the values of enum xdp_action */
	const unsigned char *data; /* cap_len bytes */
	const char *comment;	   /* comment_len bytes, no NUL; NULL: none */
	const struct trail *trail; /* NULL: none, or not asked for */
	const char *trigger; /* trigger_len bytes of printable ASCII: a flight recorder wrote this
				packet and what follows, because of that; NULL: no such thing */
	__u32 iface;	     /* index in the file's interfaces */
	__u32 cap_len;
	__u32 len; /* bytes of the packet on the wire */
	__u32 queue;
	__u32 flags; /* enum record_direction, and what pcapng has in epb_flags */
	__u16 comment_len;
	__u16 trigger_len; /* below RECORD_TRIGGER */
	__u16 have;	   /* enum record_have: which of the fields are set */
};

#define RECORD_SEQ_BITS 44
#define RECORD_CPU_BITS 12

/* A number for the packet that no other in the file has; a gap in the low 44 bits is a loss. */
static inline __u64 record_id(__u32 iface, __u32 cpu, __u64 seq)
{
	return (__u64)iface << (RECORD_SEQ_BITS + RECORD_CPU_BITS) |
	       (__u64)(cpu & ((1 << RECORD_CPU_BITS) - 1)) << RECORD_SEQ_BITS |
	       (seq & ((1ULL << RECORD_SEQ_BITS) - 1));
}

static inline __u32 record_id_cpu(__u64 id)
{
	return id >> RECORD_SEQ_BITS & ((1 << RECORD_CPU_BITS) - 1);
}

static inline __u64 record_id_seq(__u64 id)
{
	return id & ((1ULL << RECORD_SEQ_BITS) - 1);
}

/**
 * record_event - make @r the record of an event; comment, trail and trigger are left empty.
 * @iface: index of the interface (and point) in the file
 * @epoch_ns: what to add to CLOCK_MONOTONIC to get the time since 1970
 * @lost: events lost on this interface since the one before
 */
static inline void record_event(struct record *r, const struct ev *ev, __u32 iface, __u64 epoch_ns,
				__u64 lost)
{
	const ev_head *h = ev->head;
	bool leaves = h->point == EVENT_EXIT && h->verdict == CHAIN_TX;

	/* field by field: a struct that is returned is copied, at 20 ns a packet */
	r->time_ns = h->time_ns + epoch_ns;
	r->dropcount = lost;
	r->packetid = record_id(iface, h->cpu, h->seq);
	r->verdict = h->verdict;
	r->data = ev->data;
	r->comment = NULL;
	r->trail = NULL;
	r->trigger = NULL;
	r->iface = iface;
	r->cap_len = h->cap_len;
	r->len = h->len;
	r->queue = h->rxq;
	r->flags = leaves ? RECORD_OUTBOUND : RECORD_INBOUND;
	r->comment_len = r->trigger_len = 0;
	/* what goes without saying costs bytes, of each packet */
	r->have = RECORD_PACKETID | (lost ? RECORD_DROPCOUNT : 0);
	if (!(h->flags & EVENT_NO_VERDICT))
		r->have |= RECORD_QUEUE | RECORD_VERDICT | (leaves ? RECORD_FLAGS : 0);
}

#endif
