/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/ifaces.h - the interfaces of a file that is written, and what was counted on each. */
#ifndef XDPDUMP_IFACES_H
#define XDPDUMP_IFACES_H

#include "lib/capfile.h"
#include "lib/format.h"

/* One of the file that is read; what its strings say is copied. */
struct iface {
	struct capfile_if from;
	__u32 index; /* in its section */
	__u64 first_ns, last_ns;
	__u64 packets, lost;
};

struct ifaces {
	struct format_if *v; /* n of them, for struct format_file */
	struct iface **of;   /* the same, where they come from */
	__u32 n, room;
};

/** ifaces_find - the number of interface @index of a section, described by @from; or -ENOENT. */
int ifaces_find(const struct ifaces *is, __u32 index, const struct capfile_if *from);

/** ifaces_add - one more. @from may be NULL. Its number, or -ENOMEM. */
int ifaces_add(struct ifaces *is, __u32 index, const struct capfile_if *from);

/** ifaces_count - @r was written, as one of interface @i. */
void ifaces_count(struct ifaces *is, __u32 i, const struct record *r);

/**
 * ifaces_stats - what is known of interface @i, for the end of the file.
 * @file: where it came from; if it has counters of its own, what was filtered or lost there
 * still is. Packets of it that are not written here were filtered.
 */
void ifaces_stats(const struct ifaces *is, __u32 i, const struct capfile *file,
		  struct format_stats *st);

/** ifaces_free - free what is in it. */
void ifaces_free(struct ifaces *is);

#endif
