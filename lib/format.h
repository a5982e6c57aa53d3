/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/format.h - output formats behind one table. A format is one file in lib/ that defines its
 * format_ops, and one row in lib/format.c.
 *
 * Writers put bytes into the caller's buffer, so that many packets go out in one write. None
 * allocates for a packet. Each returns the bytes it wrote, or 0 if they do not fit: then the
 * caller writes out what it has and comes again with an empty buffer.
 */
#ifndef LIB_FORMAT_H
#define LIB_FORMAT_H

#include <stddef.h>

#include "lib/record.h"
#include "xdpchain/session.h"

/* One for each network interface and point of it. Strings may be NULL. */
struct format_if {
	const char *name;
	const char *description;
	const char *filter; /* pcap-filter expression, as typed */
	__u32 ifindex;
	__u32 linktype; /* LINKTYPE_*, 1: Ethernet */
};

enum format_flag {
	FORMAT_DATA = 1 << 0, /* the packet's bytes too, where a format has them only when asked */
};

struct format_file {
	const char *hardware; /* these four may be NULL */
	const char *os;
	const char *application;
	const char *comment;
	const struct format_if *ifs;
	__u32 n_ifs;
	__u32 flags;   /* enum format_flag */
	__u32 snaplen; /* bytes, of all interfaces: libpcap wants one */
};

/*
 * Of one interface, when the file ends. offered = filtered + captured + lost, and what a flight
 * recorder captured and did not write: captured is what is in the file.
 */
struct format_stats {
	__u64 start_ns, end_ns; /* since 1970, UTC */
	struct session_count count;
};

enum format_wants {
	FORMAT_COMMENT = 1 << 0, /* record.comment, a trail in the form TRAIL_COMMENT */
	FORMAT_TRAIL = 1 << 1,	 /* record.trail */
};

struct format_ops {
	const char *name;
	const char *suffix; /* of file names: ".pcapng" */
	unsigned int wants; /* enum format_wants: what it can use of a record */
	size_t (*header)(const struct format_file *f, void *buf, size_t size); /* NULL: none */
	/* Tell of interface @i, which came to @f->ifs behind the header. NULL: no need to */
	size_t (*iface)(const struct format_file *f, unsigned int i, void *buf, size_t size);
	size_t (*packet)(const struct format_file *f, const struct record *r, void *buf,
			 size_t size);
	/* @stats: one for each interface. NULL: none */
	size_t (*trailer)(const struct format_file *f, const struct format_stats *stats, void *buf,
			  size_t size);
};

/** format_find - the format called @name, or NULL. */
const struct format_ops *format_find(const char *name);

/** format_for_path - the format that the end of @path asks for; pcapng if it asks for none. */
const struct format_ops *format_for_path(const char *path);

/** format_at - the @i-th format, to list them; NULL behind the last. */
const struct format_ops *format_at(unsigned int i);

#endif
