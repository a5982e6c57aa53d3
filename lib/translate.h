/* SPDX-License-Identifier: GPL-2.0 */
/* lib/translate.h - classic BPF programs to one eBPF function over a packet. */
#ifndef TRANSLATE_H
#define TRANSLATE_H

#include <linux/types.h>

#include "lib/classic.h"

#define TRANSLATE_PROGS	    4
#define TRANSLATE_FIRST_MAX 1024 /* programs of translate_first() */
#define TRANSLATE_FUNCS_MAX (4 + TRANSLATE_FIRST_MAX / 32)

struct bpf_insn;

/* The function, and behind it those it calls. Place-independent, to be used as a whole. */
struct translate_code {
	struct bpf_insn *insns; /* of linux/bpf.h */
	__u32 count;
	__u32 funcs[TRANSLATE_FUNCS_MAX]; /* where functions start; the first at 0 */
	__u32 func_count;
};

/**
 * translate - write `__u32 match(struct xdp_md *ctx)` for up to TRANSLATE_PROGS programs.
 * @progs: TRANSLATE_PROGS of them; only those in @mask are looked at
 * @mask:  bit i: progs[i] takes part
 * @code:  set on success; give back with translate_free()
 *
 * match() returns a mask: bit i is set if progs[i] accepts the packet, as pcap_offline_filter()
 * decides with the length and the captured length both that of the whole packet. For programs of
 * type XDP with or without frags, on Linux 5.18 and later; CAP_BPF and CAP_PERFMON. The kernel
 * reads no byte after the first 65,536 of a packet with frags: a load beyond rejects.
 *
 * Return: 0; -EINVAL or -E2BIG as classic_check(); -ENOMEM.
 */
int translate(const struct classic_prog *progs, __u32 mask, struct translate_code *code);

/**
 * translate_first - write `__u32 match(struct xdp_md *ctx)` for a list of rules.
 * @progs: @count of them, 1 to TRANSLATE_FIRST_MAX
 * @code:  set on success; give back with translate_free()
 *
 * match() returns the number, from 1, of the first program that accepts the packet, each decided
 * as translate() has it; 0: none does. What programs have in common is done once: a packet that
 * matches none costs little more for three hundred rules than for one, if they are alike.
 *
 * Return: 0; -EINVAL or -E2BIG as classic_check(); -E2BIG if they are too large together; -ENOMEM.
 */
int translate_first(const struct classic_prog *progs, __u32 count, struct translate_code *code);

/**
 * translate_view - write `__u32 match(const struct watch_view *view)` for one program.
 *
 * For programs that have no XDP context (tracing): every byte is read by bpf_probe_read_kernel().
 * match() returns 1 if @prog accepts the packet, exactly as translate() has it.
 *
 * Return: as translate().
 */
int translate_view(const struct classic_prog *prog, struct translate_code *code);

/** translate_free - release what translate() or translate_view() gave. */
void translate_free(struct translate_code *code);

#endif
