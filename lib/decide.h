/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/decide.h - a classic program as a graph of decisions about a packet, without registers.
 *
 * A node wants some loads not to fail (or rejects), and compares two terms. Nodes are kept once,
 * over all programs: where two programs decide the same from some point on, they share the node.
 */
#ifndef DECIDE_H
#define DECIDE_H

#include "lib/classic.h"
#include "lib/term.h"

/* Nodes that are verdicts. */
#define DECIDE_REJECT 0
#define DECIDE_ACCEPT 1

struct decide_node {
	__u8 op;	   /* BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET; BPF_JA: always yes */
	__u32 left, right; /* terms, of 32 bits, unsigned */
	__u32 yes, no;	   /* nodes, with lower numbers */
	__u32 needs;	   /* index in decide.loads of the loads that must not fail */
	__u32 need_count;  /* those of left and right that come first here among them */
};

struct decide {
	struct terms terms;
	struct decide_node *nodes;
	__u32 count, room;
	__u32 *loads; /* terms */
	__u32 load_count, load_room;
	__u32 *table; /* hash of the nodes */
	__u32 table_size;
	int err;
};

/** decide_begin - a graph that has nothing but the verdicts; @d is zero. 0; -ENOMEM. */
int decide_begin(struct decide *d);

/**
 * decide_add - add what @prog decides.
 * @prog: checked by classic_check()
 * @root: set on success, to the node it begins at
 *
 * Return: 0; -E2BIG if it takes too many nodes, or terms that are too deep; -ENOMEM.
 */
int decide_add(struct decide *d, const struct classic_prog *prog, __u32 *root);

/** decide_node - the node of these fields, made if there is none. need_count loads are at @needs.
 */
__u32 decide_node(struct decide *d, struct decide_node n, const __u32 *needs);

/** decide_implies - true only if whatever @a accepts, @b accepts; false if that is not plain. */
bool decide_implies(const struct decide *d, __u32 a, __u32 b);

/** decide_free - release what @d holds. */
void decide_free(struct decide *d);

#endif
