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
struct bpf_object;

/* One blocked prefix, as blocklist_each() shows it. */
struct blocklist_item {
	struct prefix prefix;
	__u64 hits;	  /* packets */
	__u64 expires_ns; /* CLOCK_MONOTONIC; 0: never */
	__u32 rule;
	__u32 owner; /* enum blocklist_owner */
};

struct blocklist_want {
	__u64 expires_ns; /* CLOCK_MONOTONIC; 0: never */
	const char *note; /* NULL: none, or on an update the one it has */
	__u32 owner;	  /* enum blocklist_owner, who wants it too; 0: BLOCKLIST_RUN */
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

/** blocklist_sizes - stage_spec.setup: room for *(__u32 *)@arg prefixes of a family. */
int blocklist_sizes(struct bpf_object *obj, void *arg, struct fail *f);

/**
 * blocklist_open - open the list of the stage in @slot of @c, which must outlive it.
 * Return: 0; -ENOENT there is no blocklist in that slot; -errno.
 */
int blocklist_open(const struct chain *c, __u32 slot, struct blocklist **out, struct fail *f);

/**
 * blocklist_open_object - open the list of a stage that is loaded, and is in no chain yet, to
 * write. Return: as blocklist_open().
 */
int blocklist_open_object(const struct bpf_object *obj, struct blocklist **out, struct fail *f);

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
 * blocklist_each - call @fn for each prefix that has not expired, in the order of prefix_cmp();
 * stop when it returns nonzero, and return that. The list must not be
 * changed by @fn.
 */
int blocklist_each(struct blocklist *b, int (*fn)(const struct blocklist_item *item, void *arg),
		   void *arg, struct fail *f);

/* One prefix of a list that is configured. */
struct blocklist_entry_conf {
	struct prefix prefix;
	const char *note; /* "": none */
	__u64 lasts_ns;	  /* from when it is first set; 0: for good */
	__u32 order;	  /* of two for one prefix the later is meant; for who sorts them */
};

/**
 * blocklist_configure - bring what the configuration owns to @v, in place: what it wanted before
 * and wants no more goes, unless a command wants it too; what is new comes. Hits, rule ids, and
 * times that run stay.
 * @v:      sorted by prefix_cmp(), no two the same
 * @digest: of @v, not 0. A list that is known to be it is left alone.
 */
int blocklist_configure(struct blocklist *b, const struct blocklist_entry_conf *v, size_t count,
			__u64 digest, struct fail *f);

struct blocklist_change;

/**
 * blocklist_change - the first half of blocklist_configure(), which can be undone: what is new
 * comes, and what is to go is still there.
 * @out: set on success, given back with blocklist_finish() or blocklist_undo(), with the list open
 *       then, perhaps anew; NULL: nothing is to be done. On an error the list is as it was.
 */
int blocklist_change(struct blocklist *b, const struct blocklist_entry_conf *v, size_t count,
		     __u64 digest, struct blocklist_change **out, struct fail *f);

/**
 * blocklist_finish - the second half. @c is freed; NULL is allowed, as @b: then it is only freed.
 * 0; -errno, and some are left.
 */
int blocklist_finish(struct blocklist *b, struct blocklist_change *c, struct fail *f);

/** blocklist_undo - all is as before the first half. @c and @b as of blocklist_finish(). */
void blocklist_undo(struct blocklist *b, struct blocklist_change *c);

/** blocklist_rule - since when and why, of the rule of an item. 0 or -errno. */
int blocklist_rule(const struct blocklist *b, __u32 rule, struct chain_rule *r);

/** blocklist_size - how many there are, and may be. */
int blocklist_size(const struct blocklist *b, struct blocklist_size *size);

#endif
