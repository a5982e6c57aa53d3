/* SPDX-License-Identifier: GPL-2.0 */
/* lib/classic.h - a classic BPF program: what libpcap compiles and translate.c reads. */
#ifndef CLASSIC_H
#define CLASSIC_H

#include <linux/types.h>

#define CLASSIC_INSNS_MAX 4096 /* BPF_MAXINSNS, linux/bpf_common.h */
#define CLASSIC_MEM	  16   /* words of M[]: BPF_MEMWORDS, linux/filter.h */

/*
 * One instruction: struct sock_filter of the kernel and struct bpf_insn of libpcap, under a name
 * that collides with neither. Opcodes are those of linux/bpf_common.h.
 */
struct classic_insn {
	__u16 code;
	__u8 jt, jf;
	__u32 k;
};
_Static_assert(sizeof(struct classic_insn) == 8, "classic_insn");

struct classic_prog {
	const struct classic_insn *insns;
	__u32 count; /* 0: every packet matches */
};

/**
 * classic_check - say whether a program is one that can be run on any packet.
 * @prog: the program; a count of 0 is fine
 * @why:  set when it is not, to a static text that fits after "instruction N: "; may be NULL
 * @at:   set when it is not, to the index of the instruction; may be NULL
 *
 * As the kernel's checker: known opcodes, jumps forward and inside, M[] below CLASSIC_MEM, no
 * constant division by zero, the last instruction returns. Loads at a negative offset are
 * refused: they mean ancillary data of a live socket, which a packet alone does not have.
 *
 * Return: 0; -EINVAL, with @why and @at; -E2BIG for more than CLASSIC_INSNS_MAX.
 */
int classic_check(const struct classic_prog *prog, const char **why, __u32 *at);

#endif
