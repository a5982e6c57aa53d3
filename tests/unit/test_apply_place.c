// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply_place.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

#define N CHAIN_SLOT_POLICER_MAX

static const struct {
	const char *name;
	size_t count;
	__u32 at[N], slot[N];
} cases[] = {
	{ "none", 0, { 0 }, { 0 } },
	{ "all new", 3, { 0, 0, 0 }, { 1, 2, 3 } },
	{ "all stay", 3, { 1, 2, 3 }, { 1, 2, 3 } },
	{ "with holes they stay", 3, { 2, 7, 14 }, { 2, 7, 14 } },
	{ "one more behind", 3, { 1, 2, 0 }, { 1, 2, 3 } },
	{ "one more in a hole", 3, { 1, 0, 3 }, { 1, 2, 3 } },
	{ "one more where there is no hole", 3, { 1, 0, 2 }, { 1, 2, 3 } },
	{ "one more before a full beginning", 4, { 0, 1, 2, 3 }, { 1, 2, 3, 4 } },
	{ "one less", 2, { 1, 3 }, { 1, 3 } },
	{ "two change places: one of them stays", 2, { 2, 1 }, { 2, 3 } },
	{ "last to the front: it stays", 3, { 3, 1, 2 }, { 3, 4, 5 } },
	{ "first to the end, the others stay", 3, { 2, 3, 1 }, { 2, 3, 4 } },
	{ "in the last slot it stays", 2, { 0, 14 }, { 1, 14 } },
	{ "no room behind the last", 2, { 14, 0 }, { 1, 2 } },
	{ "fourteen", N, { 0 }, { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 } },
	{ "fourteen, one was elsewhere",
	  N,
	  { 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 1 },
	  { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14 } },
};

/* The fewest that have to move, by trying every choice of slots. */
static unsigned int fewest(const __u32 *at, size_t count, __u32 from)
{
	unsigned int best = 1000;

	if (!count)
		return 0;
	for (__u32 s = from; s + count - 1 <= N; s++) {
		unsigned int n = (at[0] != s) + fewest(at + 1, count - 1, s + 1);

		best = n < best ? n : best;
	}
	return best;
}

static unsigned int moved(const __u32 *at, const __u32 *slot, size_t count)
{
	unsigned int n = 0;

	for (size_t i = 0; i < count; i++)
		n += at[i] != slot[i];
	return n;
}

static void test_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		__u32 slot[N] = { 0 };

		print_message("  %s\n", cases[i].name);
		apply_place(cases[i].at, cases[i].count, slot);
		assert_int_equal(moved(cases[i].at, slot, cases[i].count),
				 fewest(cases[i].at, cases[i].count, 1));
		assert_memory_equal(slot, cases[i].slot, sizeof(slot));
		for (size_t k = 0; k < cases[i].count; k++)
			assert_true(slot[k] >= 1 && slot[k] <= N && (!k || slot[k] > slot[k - 1]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_place) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
