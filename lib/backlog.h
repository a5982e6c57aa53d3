/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/backlog.h - records in one piece of memory, first in, first out.
 *
 * The memory is taken when it is made, all of it, and nothing is allocated for a record: what a
 * flight recorder keeps must not depend on what is free when it matters. It is not there in a
 * child of the process.
 */
#ifndef LIB_BACKLOG_H
#define LIB_BACKLOG_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#define BACKLOG_OVERHEAD 32 /* bytes that a record takes beside its own, at most */

struct backlog;

struct backlog_record {
	const void *data; /* len bytes; where it was taken out, aligned to 8 */
	__u64 time_ns;	  /* these three are the caller's */
	__u64 lost;
	__u32 source;
	__u32 len;
};

/** backlog_new - @bytes of memory. NULL and errno. */
struct backlog *backlog_new(size_t bytes);

/** backlog_free - NULL is allowed. */
void backlog_free(struct backlog *b);

/** backlog_put - copy @r in as the newest. false: no room, drop the oldest and come again. */
bool backlog_put(struct backlog *b, const struct backlog_record *r);

/** backlog_oldest - see the oldest, where it lies: until backlog_drop(). false: there is none. */
bool backlog_oldest(const struct backlog *b, struct backlog_record *r);

/** backlog_drop - forget the oldest, of which there must be one. */
void backlog_drop(struct backlog *b);

/** backlog_count - how many are in it. */
__u64 backlog_count(const struct backlog *b);

/** backlog_bytes - of the memory that they take. */
size_t backlog_bytes(const struct backlog *b);

#endif
