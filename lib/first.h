/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/first.h - translate_first()'s own: writing one function for the rules of a list.
 *
 * Rules are decisions (lib/decide). Those that begin with a look at the same term are a group: one
 * look, one search, and behind each value the rules that want it, as a list again. The groups of a
 * list are all run, and the lowest number of a rule that accepts is kept; so the order of rules
 * holds whatever is put together. What has no company is written as it is, a graph.
 *
 * The fast copy reads the packet directly. Where it meets the end of the linear part of a packet
 * that goes on, it takes the number FIRST_AGAIN, which is lower than any, and at the end the exact
 * copy decides it anew.
 */
#ifndef FIRST_H
#define FIRST_H

#include "lib/decide.h"
#include "lib/emit.h"
#include "lib/translate_gen.h"

#define FIRST_BEST  GEN_X    /* lowest number of a rule so far, from 1; FIRST_NONE */
#define FIRST_MORE  GEN_MASK /* on the stack: bytes behind the linear part */
#define FIRST_AGAIN 0
#define FIRST_NONE  0xffffffffu

/* What the registers hold: of the fast copy all but @a. */
struct first_held {
	__u32 a;	  /* term in GEN_A */
	__u32 known;	  /* bytes of the packet that are there */
	__u32 base;	  /* term that GEN_CUR is behind the start; TERM_NONE: it is not set */
	__u32 base_known; /* bytes that are there from GEN_CUR on */
};

/* A part of the function that is left at its end, however that comes about. */
struct first_part {
	__u32 end; /* label: no rule of it matches, or one does and was noted */
	__u32 cut; /* label: the linear part ends here */
	__u32 far; /* label: only the exact copy knows */
	bool moved_data, moved_cursor;
};

struct first {
	struct emit *e;
	struct decide *d;
	__u32 loads;   /* labels of the functions that load 1, 2, 4 bytes */
	__u32 spilled; /* words of the stack in use */
	bool exact;
	bool dead;		       /* no way leads to what would be written next */
	bool moved_data, moved_cursor; /* was more checked, GEN_CUR changed, in this part */
	__u8 *splits;		       /* by rule: in how many groups it was put */
	__u32 splits_max;	       /* then it is written as it is */
	struct first_mark {
		__u32 stamp, at;
	} * marks; /* by node */
	__u32 mark_count, stamp;
	int err; /* -ENOMEM */
};

/* A rule, or what is left of it to decide. */
struct first_item {
	__u32 rule; /* from 0 */
	__u32 node;
};

/* emit_op(), emit_jump(), emit_here() that leave out what is never come to. */
void first_op(struct first *g, __u8 code, __u8 dst, __u8 src, __s16 off, __s32 imm);
void first_jump(struct first *g, __u8 code, __u8 dst, __u8 src, __s32 imm, __u32 label);
void first_goto(struct first *g, __u32 label);
void first_here(struct first *g, __u32 label);

/** first_blur - make the verifier forget the value of @reg (see gen_blur()). */
void first_blur(struct first *g, __u8 reg);

/** first_open - begin a part. */
struct first_part first_open(struct first *g);

/** first_close - end a part: @h is what is known on every way that leads here. */
void first_close(struct first *g, const struct first_part *part, struct first_held *h);

/** first_reach - in the fast copy, check that the first @end bytes are there. */
void first_reach(struct first *g, struct first_held *h, __u32 end, __u32 fail);

/** first_value - @term into GEN_A. */
void first_value(struct first *g, struct first_held *h, __u32 term, const struct first_part *part);

/**
 * first_compare - what @n wants to be there and what it compares, into registers; first_branch()
 * then jumps to @yes if it holds, or if it compares nothing.
 */
void first_compare(struct first *g, struct first_held *h, const struct decide_node *n,
		   const struct first_part *part);
void first_branch(struct first *g, const struct decide_node *n, __u32 yes);

/** first_accept - @rule matches; @pending: the lowest rule that is still to be looked at. */
void first_accept(struct first *g, __u32 rule, __u32 pending, const struct first_part *part);

/* What to do where GEN_A is a value. */
struct first_key {
	__u32 k, label;
	__u32 order; /* of the same value twice, the lower one counts */
};

/** first_sort - sort @keys, and leave one of each value. Return: how many are left. */
__u32 first_sort(struct first_key *keys, __u32 count);

/** first_search - GEN_A is @of: go to the label of its value, or to @miss; @keys: first_sort(). */
void first_search(struct first *g, const struct term *of, const struct first_key *keys, __u32 count,
		  __u32 miss);

/** first_graph - one rule, as it is. */
void first_graph(struct first *g, struct first_held *h, struct first_item item, __u32 pending);

/**
 * first_list - all of @items, in any order.
 * @pending: the lowest rule that is looked at only behind them
 */
void first_list(struct first *g, struct first_held *h, const struct first_item *items, __u32 count,
		__u32 pending, __u32 depth);

#endif
