/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/term.h - values that classic programs compute, each kept once: two programs that look at
 * the same field of a packet have the same number for it. Used by lib/decide and lib/first*.
 */
#ifndef TERM_H
#define TERM_H

#include <stdbool.h>

#include <linux/types.h>

#define TERM_NONE      0 /* no term; a load's base when it is absolute */
#define TERM_DEPTH_MAX 8

enum term_kind { TERM_CONST = 1, TERM_LEN, TERM_LOAD, TERM_OP };

struct term {
	__u8 kind;  /* enum term_kind */
	__u8 size;  /* TERM_LOAD: 1, 2 or 4 bytes */
	__u8 op;    /* TERM_OP: BPF_ADD ... of linux/bpf_common.h */
	__u8 depth; /* of operations; TERM_DEPTH_MAX: too deep to be written */
	__u32 k;    /* TERM_CONST: its value; TERM_LOAD: the offset behind its base */
	__u32 a, b; /* TERM_OP: operands, b TERM_NONE for BPF_NEG; TERM_LOAD: a is its base */
};

/* Zero-initialise it. An error sticks; terms are then TERM_NONE. */
struct terms {
	struct term *v; /* v[0] is no term */
	__u32 count, room;
	__u32 *table; /* hash of them */
	__u32 table_size;
	int err;
};

/** term_const, term_len - as they say. */
__u32 term_const(struct terms *t, __u32 k);
__u32 term_len(struct terms *t);

/** term_load - @size bytes at @base + @k; TERM_NONE as @base: at @k. */
__u32 term_load(struct terms *t, __u32 size, __u32 base, __u32 k);

/** term_op - @a @op @b as libpcap has it; what is constant is computed. */
__u32 term_op(struct terms *t, __u8 op, __u32 a, __u32 b);

/** term_is_const - true if it is; then *@k is its value. */
bool term_is_const(const struct terms *t, __u32 term, __u32 *k);

/** terms_free - release what @t holds. */
void terms_free(struct terms *t);

/* Bytes of the packet that are known to be there: up to an offset from its start, and from bases.
 */
#define TERM_BASES 4
struct term_reach {
	__u32 end;
	__u32 count;
	struct {
		__u32 base, end;
	} bases[TERM_BASES];
};

/** term_reach_has - does @r say that the bytes of the load @load are there. */
bool term_reach_has(const struct term_reach *r, const struct terms *t, __u32 load);

/** term_reach_add - what is known once the loads of which @term is made did not fail. */
void term_reach_add(struct term_reach *r, const struct terms *t, __u32 term);

#endif
