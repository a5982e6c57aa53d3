/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/rules.h - the rules of the stages of a chain, and how often each was hit.
 *
 * A stage has rules if it has a map `rules` (struct chain_rule). Hits are in its map `hits`, a
 * per-CPU array or hash of __u64 or struct chain_count. The key there is the rule's id, or, if
 * there is a hash `places` (__u32 id -> __u32), what that says. A stage with rules and no such map
 * has no hits of them, but for the built-in ones that count otherwise (blocklist, ratelimit), which
 * are read as they want.
 */
#ifndef LIB_RULES_H
#define LIB_RULES_H

#include "lib/chain.h"

struct rules_item {
	__u32 slot;
	__u32 id; /* never 0 */
	const struct chain_stage *stage;
	struct chain_rule rule; /* text, note, since */
	__u64 packets;		/* that it matched */
	__u64 expires_ns;	/* CLOCK_MONOTONIC; 0: never */
	int counted;		/* 0: its stage keeps no count, packets says nothing */
};

typedef int rules_fn(const struct rules_item *item, void *arg);

/**
 * rules_each - call @fn for each rule of the stage in @slot, by id (a blocklist's: by prefix);
 * stop when it returns nonzero, and return that. @item is @fn's for the call only.
 * Return: 0, also for a stage that has no rules; -ENOENT nobody is in that slot; -errno.
 */
int rules_each(const struct chain *c, __u32 slot, rules_fn *fn, void *arg, struct fail *f);

/** rules_each_slot - the same for all stages of the chain, in slot order. */
int rules_each_slot(const struct chain *c, rules_fn *fn, void *arg, struct fail *f);

#endif
