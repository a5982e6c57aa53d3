// SPDX-License-Identifier: GPL-2.0
/*
 * test_translate_first - lists of rules as one function, run in user space: the number of the
 * first that libpcap says accepts, on packets of every length, linear and not.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/filter.h>

#include "lib/filter.h"
#include "lib/translate.h"
#include "lib/util.h"
#include "tests/ebpf.h"
#include "tests/matcher.h"
#include "tests/randprog.h"
#include "tests/rulegen.h"

#define RULES 64

struct list {
	struct classic_prog progs[RULES];
	struct matcher *judges[RULES];
	__u32 count;
	struct translate_code code;
};

static void list_make(struct list *l)
{
	for (__u32 i = 0; i < l->count; i++)
		l->judges[i] = matcher_new(&l->progs[i]);
	assert_int_equal(translate_first(l->progs, l->count, &l->code), 0);
}

static void list_free(struct list *l)
{
	for (__u32 i = 0; i < l->count; i++)
		matcher_free(l->judges[i]);
	translate_free(&l->code);
}

/* Of which rule the packet is; counts it in @seen. */
static void list_run(const struct list *l, const void *pkt, __u32 len, __u32 linear,
		     unsigned int *seen)
{
	__u32 want = 0, got = ebpf_run(&l->code, pkt, len, linear);

	for (__u32 i = 0; i < l->count && !want; i++)
		if (matcher_match(l->judges[i], pkt, len))
			want = i + 1;
	if (got != want)
		fail_msg("rule %u, libpcap says %u; %u of %u bytes linear", got, want, linear, len);
	seen[want]++;
}

/* --- random programs -------------------------------------------------------------------------- */

static void test_random(void **state)
{
	static struct classic_insn insns[RULES][120];
	unsigned int seen[RULES + 1] = { 0 };
	struct dice d = { .seed = 20261127 };
	unsigned int called = 0;

	(void)state;
	for (int round = 0; round < 1500; round++) {
		struct list l = { .count = 1 + dice_roll(&d, round % 20 ? 8 : RULES) };
		__u32 max = round % 5 ? 12 : 120;

		for (__u32 i = 0; i < l.count; i++) {
			l.progs[i] = (struct classic_prog){ insns[i], 1 + dice_roll(&d, max) };
			randprog(&d, insns[i], l.progs[i].count, round % 2 ? 30 : 100);
		}
		list_make(&l);
		called += l.code.func_count > 4; /* besides the list, and three that load */
		for (int n = 0; n < 40; n++) {
			unsigned char pkt[100];
			__u32 len = 1 + dice_roll(&d, sizeof(pkt));

			for (__u32 i = 0; i < len; i++)
				pkt[i] = i % 5 ? dice_roll(&d, 256) : dice_roll(&d, 64);
			list_run(&l, pkt, len, n % 2 ? len : dice_roll(&d, len + 1), seen);
		}
		list_free(&l);
	}
	for (int i = 0; i < 8; i++)
		assert_true(seen[i] > 0);
	print_message("%u lists with programs that are no graph of a decent size\n", called);
	assert_true(called > 0);
}

/* --- rules as people write them --------------------------------------------------------------- */

static void test_rules(void **state)
{
	unsigned int seen[RULES + 1] = { 0 }, matched = 0;
	struct dice d = { .seed = 5 };

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct list l = { .count = 1 + dice_roll(&d, round % 4 ? 12 : RULES) };
		struct filter filters[RULES] = { { 0 } };
		char text[RULEGEN_LEN];

		for (__u32 i = 0; i < l.count; i++) {
			struct filter_spec spec = { .text = text,
						    .netmask = FILTER_NETMASK_UNKNOWN };
			struct fail f = { 0 };

			do
				rulegen_text(&d, text);
			while (filter_compile(&spec, &filters[i], &f) == -EINVAL &&
			       strstr(f.text, "rejects all packets"));
			if (!filters[i].insns)
				fail_msg("%s: %s", text, f.text);
			l.progs[i] = (struct classic_prog){ filters[i].insns, filters[i].count };
		}
		list_make(&l);
		for (int n = 0; n < 2000; n++) {
			unsigned char pkt[RULEGEN_PKT];
			__u32 len = rulegen_packet(&d, pkt);

			list_run(&l, pkt, len, n % 4 ? len : dice_roll(&d, len + 1), seen);
		}
		list_free(&l);
		for (__u32 i = 0; i < l.count; i++)
			filter_free(&filters[i]);
	}
	for (int i = 1; i <= RULES; i++)
		matched += seen[i];
	print_message("%u packets matched, %u did not\n", matched, seen[0]);
	assert_true(matched > 5000 && seen[0] > 5000);
	assert_true(seen[20] > 0);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void test_refused(void **state)
{
	static const struct classic_insn bad[] = { { BPF_LD | BPF_IMM, 0, 0, 0 } };
	struct classic_prog prog = { bad, 1 },
			    *many = calloc(TRANSLATE_FIRST_MAX + 1, sizeof(prog));
	struct translate_code code = { 0 };

	(void)state;
	assert_int_equal(translate_first(&prog, 1, &code), -EINVAL);
	assert_int_equal(translate_first(many, 0, &code), -E2BIG);
	assert_int_equal(translate_first(many, TRANSLATE_FIRST_MAX + 1, &code), -E2BIG);
	assert_null(code.insns);
	assert_int_equal(translate_first(many, TRANSLATE_FIRST_MAX, &code), 0);
	assert_int_equal(ebpf_run(&code, "x", 1, 1), 1);
	translate_free(&code);
	free(many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
