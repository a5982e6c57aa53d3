/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/program.h - the program that a filter becomes. */
#ifndef XDPDUMP_PROGRAM_H
#define XDPDUMP_PROGRAM_H

#include "xdpdump/opts.h"

struct bpf_insn;

/** program_print - -d, -dd, -ddd, --dump-ebpf: print it. The exit status. */
int program_print(const struct opts *o);

/**
 * program_insn - one eBPF instruction in words, in the kernel verifier's notation.
 * @at: its number; jumps and calls are shown by where they go
 * Return: 1, or 2 when it takes the place of two instructions.
 */
int program_insn(const struct bpf_insn *insn, unsigned int at, char *out, size_t size);

#endif
