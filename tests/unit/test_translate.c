// SPDX-License-Identifier: GPL-2.0
/*
 * test_translate - what translate() writes, run in user space, against libpcap.
 *
 * The kernel is asked in tests/prog/test_filter.c; this one needs no root.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/filter.h>

#include "lib/filter.h"
#include "lib/translate.h"
#include "lib/util.h"
#include "tests/ebpf.h"
#include "tests/matcher.h"
#include "tests/randprog.h"

#define OP(c, k)                                                                                   \
	{                                                                                          \
		c, 0, 0, k                                                                         \
	}
#define JMP(c, k, t, f)                                                                            \
	{                                                                                          \
		BPF_JMP | (c), t, f, k                                                             \
	}

static const unsigned char pkt[16] = { 0x45, 0xff, 0x80, 0x01, 0x02, 0x03, 0x04, 0x05,
				       0xfe, 0xdc, 0xba, 0x98, 0x00, 0x00, 0x7f, 0xff };

static const struct {
	const char *name;
	struct classic_insn insns[6];
	__u32 count;
	int match;
} cases[] = {
	{ "no program", { { 0 } }, 0, 1 },
	{ "ret 0", { OP(BPF_RET, 0) }, 1, 0 },
	{ "a starts at 0", { OP(BPF_RET | BPF_A, 0) }, 1, 0 },
	{ "x starts at 0", { OP(BPF_MISC | BPF_TXA, 0), OP(BPF_RET | BPF_A, 0) }, 2, 0 },
	{ "m[] starts at 0", { OP(BPF_LD | BPF_MEM, 3), OP(BPF_RET | BPF_A, 0) }, 2, 0 },
	{ "word at the end", { OP(BPF_LD | BPF_W | BPF_ABS, 12), OP(BPF_RET, 1) }, 2, 1 },
	{ "word over the end", { OP(BPF_LD | BPF_W | BPF_ABS, 13), OP(BPF_RET, 1) }, 2, 0 },
	{ "half over the end", { OP(BPF_LD | BPF_H | BPF_ABS, 15), OP(BPF_RET, 1) }, 2, 0 },
	{ "byte behind the end", { OP(BPF_LD | BPF_B | BPF_ABS, 16), OP(BPF_RET, 1) }, 2, 0 },
	{ "load at 0x7fffffff", { OP(BPF_LD | BPF_ABS, 0x7fffffff), OP(BPF_RET, 1) }, 2, 0 },
	{ "x + k passes 2^32",
	  { OP(BPF_LDX | BPF_IMM, 0xffffffff), OP(BPF_LD | BPF_B | BPF_IND, 2), OP(BPF_RET, 1) },
	  3,
	  0 },
	{ "msh",
	  { OP(BPF_LDX | BPF_B | BPF_MSH, 0), OP(BPF_MISC | BPF_TXA, 0), JMP(BPF_JEQ, 20, 0, 1),
	    OP(BPF_RET, 1), OP(BPF_RET, 0) },
	  5,
	  1 },
	{ "length",
	  { OP(BPF_LD | BPF_LEN, 0), JMP(BPF_JEQ, 16, 0, 1), OP(BPF_RET, 1), OP(BPF_RET, 0) },
	  4,
	  1 },
	{ "shift by 32",
	  { OP(BPF_LD | BPF_IMM, 1), OP(BPF_ALU | BPF_LSH, 32), OP(BPF_RET | BPF_A, 0) },
	  3,
	  0 },
	{ "shift by x = 32",
	  { OP(BPF_LD | BPF_IMM, 1), OP(BPF_LDX | BPF_IMM, 32), OP(BPF_ALU | BPF_RSH | BPF_X, 0),
	    OP(BPF_RET | BPF_A, 0) },
	  4,
	  0 },
	{ "shift by x = 31",
	  { OP(BPF_LD | BPF_IMM, 1), OP(BPF_LDX | BPF_IMM, 31), OP(BPF_ALU | BPF_LSH | BPF_X, 0),
	    OP(BPF_RET | BPF_A, 0) },
	  4,
	  1 },
	{ "divide by x = 0", { OP(BPF_ALU | BPF_DIV | BPF_X, 0), OP(BPF_RET, 1) }, 2, 0 },
	{ "modulo x = 0", { OP(BPF_ALU | BPF_MOD | BPF_X, 0), OP(BPF_RET, 1) }, 2, 0 },
	{ "compare unsigned",
	  { OP(BPF_LD | BPF_ABS, 8), JMP(BPF_JGT, 0x7fffffff, 0, 1), OP(BPF_RET, 1),
	    OP(BPF_RET, 0) },
	  4,
	  1 },
	{ "division unsigned",
	  { OP(BPF_LD | BPF_IMM, 0x80000000), OP(BPF_ALU | BPF_DIV, 0xffffffff),
	    OP(BPF_RET | BPF_A, 0) },
	  3,
	  0 },
	{ "neg",
	  { OP(BPF_LD | BPF_IMM, 1), OP(BPF_ALU | BPF_NEG, 0), JMP(BPF_JEQ, 0xffffffff, 0, 1),
	    OP(BPF_RET, 1), OP(BPF_RET, 0) },
	  5,
	  1 },
	{ "jumps to one place", { JMP(BPF_JEQ, 1, 1, 1), OP(BPF_RET, 0), OP(BPF_RET, 1) }, 3, 1 },
	{ "ja chain",
	  { OP(BPF_JMP | BPF_JA, 1), OP(BPF_RET, 0), OP(BPF_JMP | BPF_JA, 0), OP(BPF_RET, 1) },
	  4,
	  1 },
};

static __u32 run_one(const struct classic_prog *prog, const void *data, __u32 len, __u32 linear)
{
	struct classic_prog progs[TRANSLATE_PROGS] = { [2] = *prog };
	struct translate_code code;
	__u32 mask;

	assert_int_equal(translate(progs, 1 << 2, &code), 0);
	mask = ebpf_run(&code, data, len, linear);
	translate_free(&code);
	assert_null(code.insns);
	assert_int_equal(mask & ~4u, 0);
	return mask >> 2;
}

static __u32 run_view(const struct classic_prog *prog, const void *data, __u32 len)
{
	struct translate_code code;
	__u32 mask;

	assert_int_equal(translate_view(prog, &code), 0);
	mask = ebpf_run_view(&code, data, len);
	translate_free(&code);
	return mask;
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct classic_prog prog = { cases[i].insns, cases[i].count };

		print_message("  %s\n", cases[i].name);
		assert_int_equal(classic_check(&prog, NULL, NULL), 0);
		for (__u32 linear = 0; linear <= sizeof(pkt); linear++)
			assert_int_equal(run_one(&prog, pkt, sizeof(pkt), linear), cases[i].match);
		assert_int_equal(run_view(&prog, pkt, sizeof(pkt)), cases[i].match);
	}
}

/* One program cannot keep another from running, whatever becomes of it. */
static void test_mask(void **state)
{
	static const struct classic_insn yes[] = { OP(BPF_RET, 1) }, no[] = { OP(BPF_RET, 0) };
	static const struct classic_insn out[] = { OP(BPF_LD | BPF_ABS, 500), OP(BPF_RET, 1) };
	const struct classic_prog progs[TRANSLATE_PROGS] = {
		{ yes, 1 }, { out, 2 }, { NULL, 0 }, { no, 1 }
	};
	struct translate_code code;

	(void)state;
	for (__u32 mask = 1; mask < 16; mask++) {
		assert_int_equal(translate(progs, mask, &code), 0);
		assert_int_equal(ebpf_run(&code, pkt, sizeof(pkt), sizeof(pkt)), mask & 5);
		translate_free(&code);
	}
	assert_int_equal(translate(progs, 0, &code), -EINVAL);
}

static void test_refuses(void **state)
{
	static const struct classic_insn bad[] = { OP(BPF_LD | BPF_IMM, 1) };
	const struct classic_prog progs[TRANSLATE_PROGS] = { [1] = { bad, 1 } };
	struct translate_code code = { .count = 77 };

	(void)state;
	assert_int_equal(translate(progs, 1 << 1, &code), -EINVAL);
	assert_int_equal(code.count, 77);
	assert_int_equal(translate(progs, 1, &code), 0); /* not asked for, not looked at */
	translate_free(&code);
}

static void random_packet(struct dice *d, unsigned char *data, __u32 len)
{
	for (__u32 i = 0; i < len; i++)
		data[i] = dice_roll(d, 3) ? dice_roll(d, 256) : 0x45;
}

/* Random programs, four at a time, over packets whose linear part ends anywhere. */
static void test_random(void **state)
{
	static struct classic_insn insns[TRANSLATE_PROGS][200];
	struct dice d = { .seed = 20240229 };
	struct classic_prog progs[TRANSLATE_PROGS];
	struct matcher *judges[TRANSLATE_PROGS];
	unsigned int runs = 0, matches = 0;
	struct translate_code code;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		for (int i = 0; i < TRANSLATE_PROGS; i++) {
			progs[i] = (struct classic_prog){ insns[i], 1 + dice_roll(&d, 60) };
			randprog(&d, insns[i], progs[i].count, 90);
			judges[i] = matcher_new(&progs[i]);
		}
		assert_int_equal(translate(progs, 0xf, &code), 0);
		for (int n = 0; n < 20; n++) {
			unsigned char data[100];
			__u32 len = dice_roll(&d, sizeof(data)) + 1, want = 0;

			random_packet(&d, data, len);
			for (int i = 0; i < TRANSLATE_PROGS; i++)
				want |= matcher_match(judges[i], data, len) << i;
			assert_int_equal(ebpf_run(&code, data, len, dice_roll(&d, len + 1)), want);
			runs += TRANSLATE_PROGS;
			matches += __builtin_popcount(want);
		}
		translate_free(&code);
		for (int i = 0; i < TRANSLATE_PROGS; i++)
			matcher_free(judges[i]);
	}
	print_message("%u comparisons, %u of them matches\n", runs, matches);
	assert_true(matches > runs / 20 && matches < runs / 20 * 19);
}

/* The same of one program, over packets that are read through a view. */
static void test_random_view(void **state)
{
	static struct classic_insn insns[200];
	const struct classic_prog bad = { insns, 1 };
	struct dice d = { .seed = 20240301 };
	unsigned int runs = 0, matches = 0;
	struct translate_code code;

	(void)state;
	insns[0] = (struct classic_insn)OP(BPF_LD | BPF_IMM, 1);
	assert_int_equal(translate_view(&bad, &code), -EINVAL);
	for (int round = 0; round < 6000; round++) {
		struct classic_prog prog = { insns, 1 + dice_roll(&d, 60) };
		struct matcher *judge;

		randprog(&d, insns, prog.count, 90);
		judge = matcher_new(&prog);
		assert_int_equal(translate_view(&prog, &code), 0);
		for (int n = 0; n < 20; n++) {
			unsigned char data[100];
			__u32 len = dice_roll(&d, sizeof(data)) + 1;
			bool want;

			random_packet(&d, data, len);
			want = matcher_match(judge, data, len);
			assert_int_equal(ebpf_run_view(&code, data, len), want);
			runs++;
			matches += want;
		}
		translate_free(&code);
		matcher_free(judge);
	}
	print_message("%u comparisons, %u of them matches\n", runs, matches);
	assert_true(matches > runs / 20 && matches < runs / 20 * 19);
}

/* A list long enough to be searched as a tree: each key, its neighbours, and the ends. */
static void test_search(void **state)
{
	/* 7 twice: the first counts, and the two lead to different ends */
	static const __u32 keys[] = { 0, 1,   2,	  7,	      9,	  42,
				      7, 501, 0xffffffff, 0x80000000, 0x7fffffff, 500 };
	struct classic_insn insns[ARRAY_SIZE(keys) + 5];
	struct classic_prog prog = { insns, 0 };
	struct matcher *j;

	(void)state;
	insns[prog.count++] = (struct classic_insn)OP(BPF_LD | BPF_ABS, 0);
	for (__u32 i = 0; i < ARRAY_SIZE(keys); i++)
		insns[prog.count++] = (struct classic_insn)JMP(BPF_JEQ, keys[i],
							       ARRAY_SIZE(keys) - i + 1 + i % 2, 0);
	/* A is still needed after it: anything above 600 matches by itself. */
	insns[prog.count++] = (struct classic_insn)OP(BPF_ALU | BPF_DIV, 601);
	insns[prog.count++] = (struct classic_insn)OP(BPF_RET | BPF_A, 0);
	insns[prog.count++] = (struct classic_insn)OP(BPF_RET, 0);
	insns[prog.count++] = (struct classic_insn)OP(BPF_RET, 1);
	assert_int_equal(classic_check(&prog, NULL, NULL), 0);
	j = matcher_new(&prog);
	for (__u32 i = 0; i < 3 * ARRAY_SIZE(keys); i++) {
		__u32 v = __builtin_bswap32(keys[i / 3] + i % 3 - 1);

		for (__u32 linear = 0; linear <= 4; linear += 4)
			assert_int_equal(run_one(&prog, &v, 4, linear), matcher_match(j, &v, 4));
	}
	matcher_free(j);
}

/* However large a valid program is, its jumps fit: the worst of each kind, at full length. */
static void test_full_size(void **state)
{
	static struct classic_insn insns[CLASSIC_INSNS_MAX];
	const struct classic_prog prog = { insns, CLASSIC_INSNS_MAX };
	static const struct classic_insn kinds[] = {
		OP(BPF_LD | BPF_IND, 1),	  OP(BPF_LDX | BPF_B | BPF_MSH, 0),
		OP(BPF_LD | BPF_ABS, 2),	  OP(BPF_ALU | BPF_LSH | BPF_X, 0),
		OP(BPF_ALU | BPF_DIV | BPF_X, 0), OP(BPF_STX, 3),
		JMP(BPF_JSET | BPF_X, 0, 1, 0),	  OP(BPF_LDX | BPF_MEM, 4),
	};

	(void)state;
	for (size_t a = 0; a < ARRAY_SIZE(kinds); a++) {
		for (size_t b = 0; b < ARRAY_SIZE(kinds); b++) {
			struct matcher *j;

			for (__u32 i = 0; i < CLASSIC_INSNS_MAX - 2; i++)
				insns[i] = kinds[i % 2 ? a : b];
			insns[CLASSIC_INSNS_MAX - 2] = (struct classic_insn)OP(BPF_RET, 1);
			insns[CLASSIC_INSNS_MAX - 1] = (struct classic_insn)OP(BPF_RET, 1);
			j = matcher_new(&prog);
			assert_int_equal(run_one(&prog, pkt, sizeof(pkt), sizeof(pkt)),
					 matcher_match(j, pkt, sizeof(pkt)));
			assert_int_equal(run_view(&prog, pkt, sizeof(pkt)),
					 matcher_match(j, pkt, sizeof(pkt)));
			matcher_free(j);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	    cmocka_unit_test(test_mask),
		cmocka_unit_test(test_refuses),	    cmocka_unit_test(test_random),
		cmocka_unit_test(test_search),	    cmocka_unit_test(test_full_size),
		cmocka_unit_test(test_random_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
