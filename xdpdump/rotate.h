/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/rotate.h - -C, -G, -W: when the next file begins and what it is called. As tcpdump does
 * it, names too.
 */
#ifndef XDPDUMP_ROTATE_H
#define XDPDUMP_ROTATE_H

#include <limits.h>
#include <stdbool.h>
#include <time.h>

#include "xdpdump/opts.h"

struct rotate {
	const struct opts *o;
	time_t since;	    /* when the file of -G began */
	unsigned int files; /* that -G ended */
	unsigned int part;  /* number of the file of -C */
	char name[PATH_MAX];
};

enum rotate_due { ROTATE_NEXT, ROTATE_END };

/** rotate_start - the first file, at @time_ns since 1970. -ENAMETOOLONG, 0. */
int rotate_start(struct rotate *r, const struct opts *o, __u64 time_ns);

/** rotate_at - the file of that time, in seconds since 1970, and number. As rotate_start(). */
int rotate_at(struct rotate *r, const struct opts *o, time_t since, unsigned int part);

/** rotate_on - does @o ask for more than one file? */
bool rotate_on(const struct opts *o);

/**
 * rotate_is_due - must a packet of time @time_ns go into another file?
 * @bytes: that are in this one
 */
bool rotate_is_due(const struct rotate *r, __u64 time_ns, __u64 bytes);

/**
 * rotate_next - it must: which one.
 * Return: ROTATE_NEXT: @r->name is the next file; ROTATE_END: the last one is full.
 */
enum rotate_due rotate_next(struct rotate *r, __u64 time_ns);

#endif
