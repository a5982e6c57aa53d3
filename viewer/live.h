/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/live.h - the chains of this machine, as samples for the model. */
#ifndef VIEWER_LIVE_H
#define VIEWER_LIVE_H

#include "lib/fail.h"
#include "viewer/model.h"

struct live;
struct names;

/**
 * live_open - look at the chains of these interfaces.
 * @n: 0: of all that have one in this network namespace
 *
 * One of several that has no chain now is looked for again at each live_poll().
 * Return: 0; what chain_open() says of the first, if none has one.
 */
int live_open(const char *const *ifnames, __u32 n, struct live **out, struct fail *f);

/** live_close - NULL is allowed. */
void live_close(struct live *l);

/**
 * live_count - how many interfaces; those that are there keep their number. Where none were named,
 * chains that were made since are among them.
 */
__u32 live_count(struct live *l);

/** live_poll - read the counters of interface @i into @mi. 0; -errno: mi->gone says why not. */
int live_poll(struct live *l, __u32 i, struct model_if *mi);

/** live_chain - its chain, opened for reading, or NULL while there is none. */
struct chain *live_chain(struct live *l, __u32 i);

/** live_names - the names of that chain; valid as long as live_chain(). */
struct names *live_names(struct live *l, __u32 i);

#endif
