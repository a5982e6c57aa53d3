/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/lbapply.h - make the balancers of this machine what a configuration says: on all interfaces,
 * or on none. What differs is changed, and nothing else: table, rings and counters of what stays go
 * on.
 *
 * All stages are loaded first. Then comes what is new or changes, on one interface after the other,
 * and only then goes what is to go, everywhere: so whatever is refused is undone without a
 * connection that would notice.
 */
#ifndef LIB_LBAPPLY_H
#define LIB_LBAPPLY_H

#include "lib/lbconf.h"

/* What was changed. */
struct lbapply_result {
	__u32 attached, detached; /* interfaces */
	__u32 vips_added, vips_removed, vips_changed;
	__u32 reals_added, reals_removed, reals_changed;
	__u32 kept; /* reals */
};

/* Called when all that is new is there, and nothing gone yet. 0; -errno, and all is undone. */
struct lbapply_last {
	int (*fn)(void *arg, struct fail *f);
	void *arg;
};

/**
 * lbapply - apply @conf. VIPs that it does not name go, and so does the balancer of interfaces that
 * an earlier configuration named. New reals come before old ones go, so that a VIP is never without
 * one meanwhile. A real that is drained stays so.
 * @last: may be NULL
 * @r:    set on success
 *
 * Return: 0; -errno, and everything is as it was. Takes the lock of all chains.
 */
int lbapply(const struct lbconf *conf, const struct lbapply_last *last, struct lbapply_result *r,
	    struct fail *f);

/* Is the real to be in the ring? */
typedef int (*lbapply_up_fn)(const struct lb_service *vip, const struct lb_addr *real, void *arg);

/**
 * lbapply_modes - take reals that are not up out of their rings, and put those that are back.
 * Drained ones are left alone. Takes the lock of chains only if there is something to do.
 * Return: how many were changed, or -errno.
 */
int lbapply_modes(const struct lbconf *conf, lbapply_up_fn is_up, void *arg, struct fail *f);

#endif
