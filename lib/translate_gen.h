/* SPDX-License-Identifier: GPL-2.0 */
/* lib/translate_gen.h - translate.c's own: the state of writing one program, and its parts. */
#ifndef TRANSLATE_GEN_H
#define TRANSLATE_GEN_H

#include <linux/bpf.h>

#include "lib/emit.h"
#include "lib/flow.h"

/* Registers. What a helper call leaves alone is kept over the exact copy's calls. */
#define GEN_DATA BPF_REG_2 /* fast copy: start of the packet */
#define GEN_END	 BPF_REG_3 /* fast copy: end of its linear part */
#define GEN_CUR	 BPF_REG_4 /* fast copy: known_x bytes behind byte X of the packet */
#define GEN_TMP	 BPF_REG_5
#define GEN_CTX	 BPF_REG_6
#define GEN_A	 BPF_REG_7 /* 32 bits, the upper half is zero */
#define GEN_X	 BPF_REG_8
#define GEN_ZERO BPF_REG_9 /* zero, but the verifier does not know */

/* Offsets in the stack frame. */
#define GEN_MASK   (-4)
#define GEN_LEN	   (-8)
#define GEN_MEM(k) (-8 - 4 * CLASSIC_MEM + 4 * (int)(k))

struct gen {
	struct emit *e;
	const struct classic_prog *prog;
	const struct flow *flow;
	enum flow_copy copy;		/* which one is being written */
	__u32 labels;			/* of the instructions: fast copy, exact copy */
	__u32 loads;			/* of the functions that load 1, 2, 4 bytes */
	__u32 accept, reject;		/* of this copy */
	__u32 done;			/* behind the program */
	__u32 bit;			/* of the program in the mask */
	bool first, last;		/* of the programs */
	bool view;			/* GEN_CTX is a struct watch_view; no fast copy */
	bool folded[CLASSIC_INSNS_MAX]; /* comparisons that a search tree stands for */
};

/* How programs are written. */
struct gen_how {
	bool exact;  /* no fast copy: it would be too far away */
	bool view;   /* of a struct watch_view, which the exact copy alone can read */
	__u32 loads; /* labels of the functions that load 1, 2, 4 bytes: gen_load_func() */
};

/**
 * gen_match - write `__u32 match(ctx)`: a mask of the programs that accept.
 * @mask: of those in @progs that take part, at most 32; not 0
 * @flow: room for one
 */
void gen_match(struct emit *e, const struct classic_prog *progs, __u32 mask, struct flow *flow,
	       const struct gen_how *how);

/**
 * gen_load_func - write `__s64 load(struct xdp_md *ctx, __u32 off)`: 1 << @order bytes as a number,
 * negative if the packet does not have them.
 */
void gen_load_func(struct emit *e, int order);

/** gen_insn - write instruction @i of the program: all but a jump to what follows it anyway. */
void gen_insn(struct gen *g, __u32 i);

/** gen_wanted - true if instruction @i is to be written in this copy. */
bool gen_wanted(const struct gen *g, __u32 i);

/** gen_goto - jump to a successor of struct flow. */
void gen_goto(struct gen *g, __u16 to);

/** gen_jump - jump to a successor of struct flow if a comparison holds; fields as for emit_op(). */
void gen_jump(struct gen *g, __u8 code, __u8 dst, __u8 src, __s32 imm, __u16 to);

/**
 * gen_blur - make the verifier forget what it knows of A and X, as far as in @regs.
 *
 * Where paths join with different knowledge it would go on with each, and their number doubles
 * at every join. An unknown zero added leaves the value, and one kind of it.
 */
void gen_blur(struct gen *g, __u32 regs);

/** gen_load_data - set GEN_DATA; no byte behind it is known to be there. */
void gen_load_data(struct gen *g);

/**
 * gen_search - write the chain of comparisons of A that starts at @i as a tree.
 * @next: set on success, to where it goes on if none holds
 *
 * Return: false if there is no chain that is worth it; nothing was written.
 */
bool gen_search(struct gen *g, __u32 i, __u16 *next);

#endif
