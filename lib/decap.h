/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/decap.h - the stage of a chain that opens what a load balancer sent (bpf/decap.bpf.c), on a
 * server that is a real.
 */
#ifndef LIB_DECAP_H
#define LIB_DECAP_H

#include <stddef.h>

#include "lib/chain.h"
#include "lib/lb.h"

struct decap_options {
	__u16 gue_port;			/* host order; 0: none */
	struct lb_addr to[LB_DECAP_TO]; /* outer destinations; none: all */
	size_t count;
};

/** decap_slot - where the stage is, or 0. */
__u32 decap_slot(const struct chain *c);

/**
 * decap_load - put the stage into @slot, in the place of one that is there. What it opens, the
 * stages after it see opened: so give it the first slot.
 * @slot: 0: where it is, or else the first that is free
 *
 * Return: 0; -EBUSY the slot is another's, or it is in another slot; -ENOSPC no slot is free.
 */
int decap_load(struct chain *c, __u32 slot, const struct decap_options *o, struct fail *f);

/** decap_unload - -ENOENT. */
int decap_unload(struct chain *c, struct fail *f);

#endif
