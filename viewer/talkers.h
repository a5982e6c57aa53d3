/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/talkers.h - who sends most, from a sample of packets, in bounded memory.
 *
 * Space-Saving (Metwally and others, 2005): a fixed number of counters; who is in none takes that
 * of the least, with its count as the error. So a count is too high by its error at most, never
 * too low, and whoever sent more than 1/TALKERS_ROOM of all has one. All counts fade, to half in
 * TALKERS_HALF seconds, so that they say of now.
 */
#ifndef VIEWER_TALKERS_H
#define VIEWER_TALKERS_H

#include <stddef.h>

#include "lib/prefix.h"

#define TALKERS_ROOM 512
#define TALKERS_HALF 10 /* seconds */

struct talkers_key {
	__be32 addr[4]; /* IPv4 in [0], and zeros */
	__u32 family;	/* AF_INET, AF_INET6 */
	__u32 len;	/* bits */
};

struct talker {
	struct talkers_key key;
	double count; /* too high by error at most */
	double error;
};

struct talkers;

/** talkers_new - NULL and errno. */
struct talkers *talkers_new(void);

/** talkers_free - NULL is allowed. */
void talkers_free(struct talkers *t);

/** talkers_clear - forget them all. */
void talkers_clear(struct talkers *t);

/** talkers_add - a packet of @key. */
void talkers_add(struct talkers *t, const struct talkers_key *key);

/** talkers_fade - @seconds have gone by. */
void talkers_fade(struct talkers *t, double seconds);

/** talkers_list - in no order; valid until the next call of another function. */
const struct talker *talkers_list(const struct talkers *t, size_t *n);

/** talkers_find - NULL: it has no counter. */
const struct talker *talkers_find(const struct talkers *t, const struct talkers_key *key);

/** talkers_total - of all that was added, faded. */
double talkers_total(const struct talkers *t);

/** talkers_least - what one without a counter may have at most. */
double talkers_least(const struct talkers *t);

/**
 * talkers_error - of the estimate of a share: by how much it may be wrong, either way, in 95 of
 * 100 samples of so many packets; and the error of the counter, which makes it too high.
 */
double talkers_error(const struct talker *k, double total);

#endif
