/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/ptables.h - the table of a family that packets are looked up in, and how one takes the place
 * of another (xdpchain/ptable.h). There is one writer at a time, which the lock of the chain sees
 * to.
 */
#ifndef LIB_PTABLES_H
#define LIB_PTABLES_H

#include "lib/ptable.h"
#include "xdpchain/policer.h"

struct ptables {
	int outer; /* the map `tables4` or `tables6` */
	int family;
	struct blocklist_lengths *lengths; /* mapped; of this family */
	struct ptable now;
	/* A slot passed 2^32 hits @by times, and nobody has said so; NULL: none wants to know */
	void (*carry)(void *arg, const struct prefix *p, int by);
	void *arg;
};

/**
 * ptables_open - map the table that holds now, if there is one.
 * @t: outer, family and lengths are set
 * @writes: 1: remove what a writer that was killed has left
 *
 * Return: 0; -errno. Given back with ptables_close().
 */
int ptables_open(struct ptables *t, int writes);

/** ptables_close - fine on a zeroed one. The descriptor stays. */
void ptables_close(struct ptables *t);

/** ptables_reserve - have a table for @count prefixes. 0; -errno, and the one there is holds. */
int ptables_reserve(struct ptables *t, __u32 count);

/** ptables_put - ptable_put(); for want of a place all get another one first. 0; -errno. */
int ptables_put(struct ptables *t, const struct prefix *p, __u32 rule, __u32 until);

/** ptables_trim - have a small one, if the one there is is far larger than @count prefixes need. */
int ptables_trim(struct ptables *t, __u32 count);

/* A table in the making. */
struct ptables_fresh {
	struct ptables *of;
	struct ptable table;
	int fd;
	__u32 count;	/* in it */
	__u32 *counted; /* for each slot of the old one: hits that are in the new */
};

/** ptables_begin - an empty one for @count prefixes. 0; -errno. */
int ptables_begin(struct ptables *t, __u32 count, struct ptables_fresh *fresh);

/** ptables_add - @p goes into it, with the hits that it has in the old one. 0; -errno. */
int ptables_add(struct ptables_fresh *fresh, const struct prefix *p, __u32 rule, __u32 until);

/** ptables_switch - it takes the place of the old one. 0; -errno. Takes up to some 30 ms. */
int ptables_switch(struct ptables_fresh *fresh);

/** ptables_drop - of one in the making; fine after ptables_switch() too. */
void ptables_drop(struct ptables_fresh *fresh);

#endif
