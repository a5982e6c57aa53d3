/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lb_simulate.h - what a change of reals would do to the ring of a VIP. Pure. */
#ifndef LIB_LB_SIMULATE_H
#define LIB_LB_SIMULATE_H

#include "lib/lb.h"

/* A real before the change and after it; weight 0: it is not in the ring. */
struct lb_sim_real {
	struct lb_addr addr;
	__u32 weight_now, weight_then;
	__u32 now, then; /* set: entries of the ring, of LB_RING */
};

struct lb_sim {
	__u32 moved;  /* entries that would name another real */
	__u32 needed; /* how many that must be, by the shares */
};

/** lb_simulate - fill in what is set; all of different addresses. -ENOMEM; -EINVAL. */
int lb_simulate(struct lb_sim_real *reals, size_t count, struct lb_sim *out);

#endif
