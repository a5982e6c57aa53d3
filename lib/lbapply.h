/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/lbapply.h - make the balancers of this machine what a configuration says: what differs is
 * changed, and nothing else. Table, rings and counters of what stays go on.
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

/**
 * lbapply - apply @conf. VIPs that it does not name go. New reals come before old ones go, so that
 * a VIP is never without one meanwhile. A real that is drained stays so.
 * @old: what was applied before, or NULL: interfaces that are no more in @conf lose the balancer
 * @r: set on failure, too: what was done until then
 */
int lbapply(const struct lbconf *conf, const struct lbconf *old, struct lbapply_result *r,
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
