/* SPDX-License-Identifier: GPL-2.0 */
/* lib/health_items.h - what is known of all targets. For lib/health.c and lib/health_through.c. */
#ifndef LIB_HEALTH_ITEMS_H
#define LIB_HEALTH_ITEMS_H

#include "lib/health_int.h"

struct health_item {
	struct health_target target;
	struct health_plan plan;
	struct health_probe probe;
	__u32 last_flow; /* of the probe before this one, which may still say goodbye */
	__u64 passed, failed, since_ns;
	char why[HEALTH_WHY];
	int is_kept; /* in health_set() */
};

struct health {
	int epoll, timer;
	int tunnel; /* health_route_open(), -1 while no target asks for it */
	struct health_curl *curl;
	struct health_item **items;
	size_t count;
	health_fn fn;
	void *arg;
};

/** health_finish - the check under way has ended: 1 it passes, -errno. */
void health_finish(struct health *h, struct health_item *i, int result);

/**
 * health_through_set - have a tunnel if one of @targets asks for it, and none else.
 * The tunnel's descriptor is in the epoll of @h, with @h as its data.
 */
int health_through_set(struct health *h, const struct health_target *targets, size_t count,
		       struct fail *f);

/** health_through_mend - a check is about to start: is its tunnel there? Made anew if not. */
int health_through_mend(struct health *h, struct health_item *i);

/** health_through_serve - send what is there to the reals that it is for. */
void health_through_serve(struct health *h);

/** health_through_judge - no check passes that did not go through its tunnel. @result or -errno. */
int health_through_judge(struct health *h, struct health_item *i, int result);

#endif
