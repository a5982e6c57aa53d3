// SPDX-License-Identifier: GPL-2.0
/* test_classic - what classic_check() lets through and what it refuses, by the words it gives. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/filter.h>

#include "lib/classic.h"
#include "lib/util.h"

#define RET                                                                                        \
	{                                                                                          \
		BPF_RET | BPF_K, 0, 0, 1                                                           \
	}

static const struct {
	const char *name;
	struct classic_insn insns[4];
	__u32 count;
	const char *why; /* NULL: fine */
	__u32 at;
} cases[] = {
	{ "empty", { { 0 } }, 0, NULL, 0 },
	{ "ret k", { RET }, 1, NULL, 0 },
	{ "ret a", { { BPF_RET | BPF_A, 0, 0, 0 } }, 1, NULL, 0 },
	{ "ret x", { { BPF_RET | BPF_X, 0, 0, 0 } }, 1, "unknown opcode", 0 },
	{ "no ret", { { BPF_LD | BPF_IMM, 0, 0, 1 } }, 1, "does not return", 0 },
	{ "ends in ja", { RET, { BPF_JMP | BPF_JA, 0, 0, 0 } }, 2, "out of the program", 1 },
	{ "ja to last", { { BPF_JMP | BPF_JA, 0, 0, 1 }, RET, RET }, 3, NULL, 0 },
	{ "ja behind last", { { BPF_JMP | BPF_JA, 0, 0, 2 }, RET, RET }, 3, "out of", 0 },
	{ "ja back", { RET, { BPF_JMP | BPF_JA, 0, 0, 0xfffffffe }, RET }, 3, "loop", 1 },
	{ "jt to last", { { BPF_JMP | BPF_JEQ, 1, 0, 0 }, RET, RET }, 3, NULL, 0 },
	{ "jt behind", { { BPF_JMP | BPF_JEQ, 2, 0, 0 }, RET, RET }, 3, "out of", 0 },
	{ "jf behind", { { BPF_JMP | BPF_JGT | BPF_X, 0, 2, 0 }, RET, RET }, 3, "out of", 0 },
	{ "no such jump", { { BPF_JMP | 0x50, 0, 0, 0 }, RET }, 2, "unknown opcode", 0 },
	{ "m[15]", { { BPF_ST, 0, 0, 15 }, { BPF_LDX | BPF_MEM, 0, 0, 15 }, RET }, 3, NULL, 0 },
	{ "st m[16]", { { BPF_ST, 0, 0, 16 }, RET }, 2, "M[]", 0 },
	{ "stx m[16]", { { BPF_STX, 0, 0, 16 }, RET }, 2, "M[]", 0 },
	{ "ld m[16]", { RET, { BPF_LD | BPF_MEM, 0, 0, 16 }, RET }, 3, "M[]", 1 },
	{ "ldx m[big]", { { BPF_LDX | BPF_MEM, 0, 0, 0x80000000 }, RET }, 2, "M[]", 0 },
	{ "far load", { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0x7fffffff }, RET }, 2, NULL, 0 },
	{ "ancillary", { { BPF_LD | BPF_B | BPF_ABS, 0, 0, 0xfffff02c }, RET }, 2, "negative", 0 },
	{ "ind negative", { { BPF_LD | BPF_IND, 0, 0, 0x80000000 }, RET }, 2, "negative", 0 },
	{ "msh negative", { { BPF_LDX | BPF_B | BPF_MSH, 0, 0, -1 }, RET }, 2, "negative", 0 },
	{ "msh of a word", { { BPF_LDX | BPF_W | BPF_MSH, 0, 0, 0 }, RET }, 2, "opcode", 0 },
	{ "ldx abs", { { BPF_LDX | BPF_B | BPF_ABS, 0, 0, 0 }, RET }, 2, "unknown opcode", 0 },
	{ "div 0", { { BPF_ALU | BPF_DIV, 0, 0, 0 }, RET }, 2, "divides by zero", 0 },
	{ "mod 0", { { BPF_ALU | BPF_MOD, 0, 0, 0 }, RET }, 2, "divides by zero", 0 },
	{ "div x", { { BPF_ALU | BPF_DIV | BPF_X, 0, 0, 0 }, RET }, 2, NULL, 0 },
	{ "shift by 40", { { BPF_ALU | BPF_LSH, 0, 0, 40 }, RET }, 2, NULL, 0 },
	{ "alu 0xb0", { { BPF_ALU | 0xb0, 0, 0, 1 }, RET }, 2, "unknown opcode", 0 },
	{ "neg x", { { BPF_ALU | BPF_NEG | BPF_X, 0, 0, 0 }, RET }, 2, "unknown opcode", 0 },
	{ "high byte", { { 0x100 | BPF_ALU | BPF_ADD, 0, 0, 0 }, RET }, 2, "unknown opcode", 0 },
	{ "misc",
	  { { BPF_MISC | BPF_TAX, 0, 0, 0 }, { BPF_MISC | BPF_TXA, 0, 0, 0 }, RET },
	  3,
	  NULL,
	  0 },
	{ "misc 0x40", { { BPF_MISC | 0x40, 0, 0, 0 }, RET }, 2, "unknown opcode", 0 },
};

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct classic_prog prog = { cases[i].insns, cases[i].count };
		const char *why = "";
		__u32 at = 99;
		int err = classic_check(&prog, &why, &at);

		print_message("  %s\n", cases[i].name);
		assert_int_equal(err, cases[i].why ? -EINVAL : 0);
		assert_int_equal(classic_check(&prog, NULL, NULL), err);
		if (!err)
			continue;
		assert_non_null(strstr(why, cases[i].why));
		assert_int_equal(at, cases[i].at);
	}
}

static void test_size(void **state)
{
	struct classic_insn *insns = calloc(CLASSIC_INSNS_MAX + 1, sizeof(*insns));
	struct classic_prog prog = { insns, CLASSIC_INSNS_MAX + 1 };

	(void)state;
	for (__u32 i = 0; i <= CLASSIC_INSNS_MAX; i++)
		insns[i] = (struct classic_insn)RET;
	assert_int_equal(classic_check(&prog, NULL, NULL), -E2BIG);
	prog.count--;
	assert_int_equal(classic_check(&prog, NULL, NULL), 0);
	free(insns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
