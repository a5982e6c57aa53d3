/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lb_int.h - what the files of the balancer share. For lib/lb*.c only. */
#ifndef LIB_LB_INT_H
#define LIB_LB_INT_H

#include "lib/lb.h"

struct lb {
	const struct chain *chain;
	/* map descriptors */
	int rings, vip_counts, real_counts, rules, prefixes, ids, sources, guards;
	/* these are mapped */
	struct lb_heads *heads;
	struct lb_vip *vips;   /* LB_VIP_SLOTS */
	struct lb_real *reals; /* LB_REALS */
};

/* What an entry of `vips` is known by. */
struct lb_slot {
	__be32 addr[4];
	union lb_what what;
	__u8 plen;
};

/** lb_slot_of - of a VIP. */
struct lb_slot lb_slot_of(const struct lb_service *s);

/** lb_slot_alone - of the VIP's address or prefix alone, that all VIPs there share. */
struct lb_slot lb_slot_alone(const struct lb_service *s);

/** lb_slot_find - the entry, or 0. */
__u32 lb_slot_find(const struct lb *lb, const struct lb_slot *key);

/** lb_slot_free - an entry that is free for a VIP, or for an address alone, or 0. */
__u32 lb_slot_free(const struct lb *lb, union lb_what what);

/** lb_slot_is_of - is entry @i a VIP of just that address or prefix? */
int lb_slot_is_of(const struct lb *lb, __u32 i, const struct lb_slot *alone);

/** lb_slot_link - fill entry @slot, and make it reachable last. @o may be NULL. -ENOSPC. */
int lb_slot_link(struct lb *lb, __u32 slot, const struct lb_slot *key,
		 const struct lb_vip_options *o);

/** lb_slot_unlink - take the entry out of whatever chain it is in. 1 if it was in one. */
int lb_slot_unlink(struct lb *lb, __u32 slot);

/** lb_slot_kill - nobody finds it any more; packets may stand on it still. */
void lb_slot_kill(struct lb *lb, __u32 slot, const struct lb_slot *key);

/** lb_slot_tell_also - tell packets what else than chains they must ask. */
void lb_slot_tell_also(struct lb *lb);

/** lb_alone_add - the entry of the address alone, when VIP @number comes. -ENOSPC. */
int lb_alone_add(struct lb *lb, const struct lb_service *s, __u32 number);

/** lb_alone_del - kill that, if VIP @number is the last of it. */
void lb_alone_del(struct lb *lb, const struct lb_service *s, __u32 number);

/** lb_alone_frags - tell it which VIPs take its fragments. */
void lb_alone_frags(struct lb *lb, const struct lb_service *s);

/** lb_vip_options - those of VIP @number. */
void lb_vip_options(const struct lb *lb, __u32 number, struct lb_vip_options *o);

/** lb_claims_drop - forget the server ids and sources of real @number of VIP @vip. */
void lb_claims_drop(struct lb *lb, __u32 vip, __u32 number);

/** lb_claims_list - what it claims, into @r; freed with lb_claims_free(). -ENOMEM. */
int lb_claims_list(const struct lb *lb, __u32 vip, struct lb_real_state *r);

/** lb_claims_free - of what that set. */
void lb_claims_free(struct lb_real_state *r);

/** lb_real_number - the number of @real of VIP @vip, or 0. */
__u32 lb_real_number(const struct lb *lb, __u32 vip, const struct lb_addr *real);

/** lb_real_find - VIP and real by what they are called. -ENOENT and @f says which. */
int lb_real_find(const struct lb *lb, const struct lb_service *s, const struct lb_addr *real,
		 __u32 *vip, __u32 *number, struct fail *f);

struct bpf_object;

/** lb_options_store - put @o into the .rodata of the stage's object. -errno. */
int lb_options_store(struct bpf_object *obj, const struct lb_options *o);

/** lb_hz - jiffies a second. */
__u32 lb_hz(void);

/** lb_stamp - the stamp of an entry that is used now, but for a few units. */
__u32 lb_stamp(void);

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

/**
 * lb_ring_write - make @ring what @next is, by stores to the entries that differ and to no other.
 * Packets read it meanwhile: old entries and new ones all name reals that are there.
 */
void lb_ring_write(struct lb_ring *ring, const struct lb_ring *next);

/** lb_ring_build - bring the ring of VIP @number up to its reals, but for @without (or 0). */
int lb_ring_build(const struct lb *lb, __u32 number, __u32 without);

/** lb_real_drop_all - invalidate all reals of VIP number @vip. */
void lb_real_drop_all(struct lb *lb, __u32 vip);

/** lb_count_clear - zero entry @key of a per-CPU array of values of @size bytes, at most 32. */
int lb_count_clear(const struct lb *lb, int fd, __u32 key, size_t size);

/** lb_rule_set - the text that tools show for rule @id. */
int lb_rule_set(const struct lb *lb, __u32 id, const char *text, const char *note);

#endif
