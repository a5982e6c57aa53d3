/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lb_int.h - what the files of the balancer share. For lib/lb*.c only. */
#ifndef LIB_LB_INT_H
#define LIB_LB_INT_H

#include "lib/lb.h"

struct lb {
	const struct chain *chain;
	int rings, vip_counts, real_counts, rules; /* map descriptors */
	struct lb_heads *heads;			   /* these are mapped */
	struct lb_vip *vips;			   /* LB_VIP_SLOTS */
	struct lb_real *reals;			   /* LB_REALS */
};

/** lb_vip_number - the number of VIP @s, or 0. */
__u32 lb_vip_number(const struct lb *lb, const struct lb_service *s);

/** lb_vip_missing - the failure that says so. */
int lb_vip_missing(const struct lb *lb, const struct lb_service *s, struct fail *f);

/** lb_vip_service - the VIP of @number. 0; -ENOENT. */
int lb_vip_service(const struct lb *lb, __u32 number, struct lb_service *s);

/** lb_ring_map - the mapped ring of VIP @number, LB_RING entries, or NULL and errno. */
struct lb_ring *lb_ring_map(const struct lb *lb, __u32 number, int write);

/** lb_ring_unmap - NULL is allowed. */
void lb_ring_unmap(struct lb_ring *ring);

/** lb_ring_new - put an empty ring in the place of VIP @number. -errno. */
int lb_ring_new(const struct lb *lb, __u32 number);

/**
 * lb_ring_wait - wait until no packet in flight holds what it read before now.
 * By the ring of VIP @number, which must be there. -errno.
 */
int lb_ring_wait(const struct lb *lb, __u32 number);

/** lb_ring_build - bring the ring of VIP @number up to its reals, but for @without (or 0). */
int lb_ring_build(const struct lb *lb, __u32 number, __u32 without);

/** lb_real_drop_all - invalidate all reals of VIP number @vip. */
void lb_real_drop_all(struct lb *lb, __u32 vip);

/** lb_count_clear - zero entry @key of a per-CPU array of values of @size bytes, at most 32. */
int lb_count_clear(const struct lb *lb, int fd, __u32 key, size_t size);

/** lb_rule_set - the text that tools show for rule @id. */
int lb_rule_set(const struct lb *lb, __u32 id, const char *text, const char *note);

#endif
