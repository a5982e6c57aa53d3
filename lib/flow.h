/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/flow.h - what translate.c knows of a classic program before it writes an instruction.
 *
 * A program is written twice. The fast copy reads the packet directly; where a bounds check
 * fails it goes on at the same place of the exact copy, which reads through a helper and knows
 * what is out of bounds. One check may so cover many loads, and more than the packet has.
 */
#ifndef FLOW_H
#define FLOW_H

#include <stdbool.h>

#include "lib/classic.h"

/* Successors that are no instruction. */
#define FLOW_ACCEPT 0xfffd
#define FLOW_REJECT 0xfffe
#define FLOW_NONE   0xffff

/* A load that ends beyond is left to the exact copy: an eBPF load has a signed 16-bit offset. */
#define FLOW_DIRECT_MAX 0x7fff
/* Where the last load may start: bpf_xdp_load_bytes() reaches no further, net/core/filter.c. */
#define FLOW_OFFSET_MAX 0xffff

/* What is alive: bits 0 to 15 are M[], then the two registers. */
#define FLOW_A (1u << 16)
#define FLOW_X (1u << 17)

enum flow_copy { FLOW_FAST, FLOW_EXACT, FLOW_COPIES };

struct flow_insn {
	__u64 ahead, ahead_x;	 /* bit n: a load up to byte n follows (or is this one) */
	__u32 live;		 /* what is read from here on before it is written */
	__u16 next, jump;	 /* successors, gotos followed through; jump: of a true condition */
	__u16 known, known_x;	 /* fast copy: bytes that are there, from 0, and from X */
	__u16 check;		 /* fast copy, of a load: bytes to check for; 0: no need */
	__u8 edges[FLOW_COPIES]; /* ways that lead here: 0, 1, or 2 for more */
	bool small_x;		 /* fast copy: X is 60 at most, and nothing compared it */
	bool forget;		 /* fast copy: paths differ in what they know, so none counts */
};

struct flow {
	__u16 start; /* index, FLOW_ACCEPT or FLOW_REJECT */
	bool has_len;
	struct flow_insn insns[CLASSIC_INSNS_MAX];
};

/**
 * flow_build - analyse a program.
 * @prog:  checked by classic_check()
 * @flow:  result; its first state does not matter
 * @exact: there is no fast copy: execution starts in the exact one
 */
void flow_build(const struct classic_prog *prog, struct flow *flow, bool exact);

/** flow_load - bytes that a load of the packet reads: 1, 2 or 4; 0 if @p is no such load. */
__u32 flow_load(const struct classic_insn *p);

#endif
