/* SPDX-License-Identifier: GPL-2.0 */
/* randprog.h - random classic programs that classic_check() accepts, every opcode among them. */
#ifndef TESTS_RANDPROG_H
#define TESTS_RANDPROG_H

#include <stddef.h>

#include "lib/classic.h"

/* Where the choices come from: bytes, as long as there are any, then a generator from @seed. */
struct dice {
	const unsigned char *data;
	size_t len;
	__u64 seed; /* not zero; zero: zeros */
};

/** dice_roll - a number below @sides. */
__u32 dice_roll(struct dice *d, __u32 sides);

/** dice_word - any number; small ones, powers of two and their neighbours are likely. */
__u32 dice_word(struct dice *d);

/**
 * randprog - make a program.
 * @count: its instructions, 1 to CLASSIC_INSNS_MAX
 * @reach: loads are mostly of the first @reach bytes
 *
 * Constant shifts are by less than 32: of others libpcap has no defined opinion.
 */
void randprog(struct dice *d, struct classic_insn *insns, __u32 count, __u32 reach);

#endif
