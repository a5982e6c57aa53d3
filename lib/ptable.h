/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/ptable.h - one table of prefixes (xdpchain/ptable.h), in memory that packets may read
 * meanwhile. There is one writer at a time.
 */
#ifndef LIB_PTABLE_H
#define LIB_PTABLE_H

#include <stddef.h>

#include "lib/prefix.h"
#include "xdpchain/ptable.h"

/* The families, as indices. */
enum { V4, V6, FAMILIES };

static inline int ptable_family(const struct prefix *p)
{
	return prefix_bits(p) == 32 ? V4 : V6;
}

struct ptable {
	union ptable_line *lines; /* ptable_room() of them; NULL: there is no table */
	struct ptable_shape shape;
	int family;
};

/** ptable_size - lines that @count prefixes of @family are well kept in; a power of two. */
__u32 ptable_size(__u32 count, int family);

/** ptable_room - lines of memory that a table of @size lines takes, its filter among them. */
__u32 ptable_room(__u32 size, int family);

/** ptable_init - an empty table in zeroed memory, with a seed of its own. */
void ptable_init(struct ptable *t, union ptable_line *lines, __u32 size, int family);

/** ptable_until - a time of CLOCK_MONOTONIC as struct ptable_slot has it; 0: never. */
__u32 ptable_until(__u64 expires_ns);

/** ptable_is_over - whether what expires then holds no more at @now_ns, to a packet too. */
int ptable_is_over(__u64 expires_ns, __u64 now_ns);

/** ptable_find - the slot of exactly @p; NULL, also where there is no table. */
struct ptable_slot *ptable_find(const struct ptable *t, const struct prefix *p);

/**
 * ptable_put - put in @p, which is not there. A packet sees all of it or nothing.
 * @rule: 1 to PTABLE_RULE_MAX
 *
 * Return: its slot; NULL no place is left where it would be looked for, and nothing is changed.
 */
struct ptable_slot *ptable_put(const struct ptable *t, const struct prefix *p, __u32 rule,
			       __u32 until, __u32 hits);

/** ptable_erase - free a slot. */
void ptable_erase(struct ptable_slot *slot);

/** ptable_set_until - another time for what is in @slot. */
void ptable_set_until(struct ptable_slot *slot, __u32 until);

static inline __u32 ptable_rule(const struct ptable_slot *slot)
{
	return slot->what & PTABLE_RULE_MAX;
}

/** ptable_slots - slots that there are. */
size_t ptable_slots(const struct ptable *t);

/** ptable_at - the @i-th slot; its prefix in @p. NULL: it is free. */
struct ptable_slot *ptable_at(const struct ptable *t, size_t i, struct prefix *p);

#endif
