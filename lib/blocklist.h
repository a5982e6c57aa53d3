/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/blocklist.h - the list of a blocklist stage: prefixes, rules, expiry, hits.
 *
 * The list is the kernel's, in the maps of the stage (xdpchain/policer.h). A list that is opened
 * on a chain with CHAIN_WRITE may be changed; opening it then drops what has expired, and
 * mends what a writer that was killed has left. Functions return 0 or -errno and say why in @f.
 */
#ifndef LIB_BLOCKLIST_H
#define LIB_BLOCKLIST_H

#include "lib/chain.h"
#include "lib/prefix.h"
#include "xdpchain/policer.h"

#define BLOCKLIST_NAME	      "blocklist"
#define BLOCKLIST_MAX_DEFAULT 1000000 /* prefixes of a family */
#define BLOCKLIST_MAX_LIMIT   16777216

struct blocklist;

/* One blocked prefix, as blocklist_each() shows it. */
struct blocklist_item {
	struct prefix prefix;
	__u64 hits;	  /* packets */
	__u64 expires_ns; /* CLOCK_MONOTONIC; 0: never */
	__u32 rule;
};

struct blocklist_want {
	__u64 expires_ns; /* CLOCK_MONOTONIC; 0: never */
	const char *note; /* NULL: none, or on an update the one it has */
};

struct blocklist_size {
	__u32 count4, count6; /* prefixes, those expired but not yet dropped among them */
	__u32 max;	      /* of a family */
};

/**
 * blocklist_load - put an empty blocklist into @slot, or one with the list of the blocklist
 * that is there, if that has the same size.
 * @max: prefixes of a family, 1 to BLOCKLIST_MAX_LIMIT
 *
 * Return: as stage_load().
 */
int blocklist_load(struct chain *c, __u32 slot, __u32 max, struct fail *f);

/**
 * blocklist_open - open the list of the stage in @slot of @c, which must outlive it.
 * Return: 0; -ENOENT there is no blocklist in that slot; -errno.
 */
int blocklist_open(const struct chain *c, __u32 slot, struct blocklist **out, struct fail *f);

/** blocklist_close - NULL is allowed. */
void blocklist_close(struct blocklist *b);

/**
 * blocklist_add - block @p, or give what is blocked another expiry and note; rule id and hits
 * stay then. @rule is set to its rule id.
 * Return: 1 new; 0 it was blocked already; -ENOSPC the list is full; -errno.
 */
int blocklist_add(struct blocklist *b, const struct prefix *p, const struct blocklist_want *want,
		  __u32 *rule, struct fail *f);

struct blocklist_added {
	size_t added, updated;
};

/**
 * blocklist_add_many - as blocklist_add() for each of @v, in batches.
 * @v:   sorted by prefix_cmp(), no two the same
 * @sum: set, also on an error: what was done until then
 */
int blocklist_add_many(struct blocklist *b, const struct prefix *v, size_t count,
		       const struct blocklist_want *want, struct blocklist_added *sum,
		       struct fail *f);

/**
 * blocklist_del - unblock exactly @p.
 * Return: 0; -ENOENT it is not blocked: @f names the prefix that holds it, if there is one.
 */
int blocklist_del(struct blocklist *b, const struct prefix *p, struct fail *f);

/**
 * blocklist_each - call @fn for each prefix that has not expired, those of IPv4 first, in the
 * order of the trie; stop when it returns nonzero, and return that. The list must not be
 * changed by @fn.
 */
int blocklist_each(struct blocklist *b, int (*fn)(const struct blocklist_item *item, void *arg),
		   void *arg, struct fail *f);

/** blocklist_rule - since when and why, of the rule of an item. 0 or -errno. */
int blocklist_rule(const struct blocklist *b, __u32 rule, struct chain_rule *r);

/** blocklist_size - how many there are, and may be. */
int blocklist_size(const struct blocklist *b, struct blocklist_size *size);

#endif
