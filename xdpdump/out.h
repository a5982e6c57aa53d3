/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/out.h - a buffered way out that ends at a whole record, whatever happens.
 *
 * Records are put together in one large buffer and go out in one write. When a disk is full in
 * the middle of it, the file is cut back to the last record that is whole.
 */
#ifndef XDPDUMP_OUT_H
#define XDPDUMP_OUT_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define OUT_BYTES   (1u << 20)	 /* a packet of any size that a ring can have fits, as text too */
#define OUT_FLUSH   (256u << 10) /* so much goes out at once: it is still in a cache of its CPU */
#define OUT_LARGE   (32u << 20)	 /* for packets of any size that a file may have */
#define OUT_RECORDS (1u << 15)
#define OUT_OTHER   (1u << 31) /* in struct out.ends */

struct out {
	int fd;
	bool file; /* regular: can be cut back */
	char *buf;
	size_t size; /* bytes of buf */
	size_t len;
	__u32 *ends; /* where each record in buf ends, | OUT_OTHER for what is no packet;
			OUT_RECORDS */
	__u32 records;
	__u32 others;  /* of them */
	__u64 offset;  /* bytes that are out */
	__u64 written; /* records that are out, whole, but for the others */
};

/**
 * out_open - write to @fd, which out_close() closes unless it is standard output.
 * @size: bytes of the buffer; memory is taken as it fills. 0, -ENOMEM.
 */
int out_open(struct out *o, int fd, size_t size);

/** out_room - free bytes in the buffer. */
static inline size_t out_room(const struct out *o)
{
	return o->records < OUT_RECORDS ? o->size - o->len : 0;
}

/** out_at - where the next record is to be written. */
static inline char *out_at(struct out *o)
{
	return o->buf + o->len;
}

/** out_end - @n bytes at out_at() are a record. */
static inline void out_end(struct out *o, size_t n)
{
	o->len += n;
	o->ends[o->records++] = o->len;
}

/** out_other - the same of what is no packet: a header, a trailer. */
static inline void out_other(struct out *o, size_t n)
{
	out_end(o, n);
	o->ends[o->records - 1] |= OUT_OTHER;
	o->others++;
}

/** out_flush - write what is there. 0; -EPIPE the reader went away; -ENOSPC; -errno. */
int out_flush(struct out *o);

/** out_next - close the file, and go on with @fd. The buffer must have been flushed. */
void out_next(struct out *o, int fd);

/** out_close - without a flush. */
void out_close(struct out *o);

#endif
