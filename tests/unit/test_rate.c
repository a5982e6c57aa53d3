// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>

#include <cmocka.h>

#include "lib/ratelimit.h"
#include "lib/util.h"

static const struct {
	const char *text;
	int err;
	__u32 pps;
} cases[] = {
	{ "1", 0, 1 },
	{ "1000", 0, 1000 },
	{ "1000/s", 0, 1000 },
	{ "20k", 0, 20000 },
	{ "20k/s", 0, 20000 },
	{ "3M/s", 0, 3000000 },
	{ "100000000", 0, 100000000 },
	{ "100M", 0, 100000000 },
	{ "", -EINVAL, 0 },
	{ "k", -EINVAL, 0 },
	{ "/s", -EINVAL, 0 },
	{ "-1", -EINVAL, 0 },
	{ "+1", -EINVAL, 0 },
	{ " 1", -EINVAL, 0 },
	{ "1 /s", -EINVAL, 0 },
	{ "1/m", -EINVAL, 0 },
	{ "1/s ", -EINVAL, 0 },
	{ "1kk", -EINVAL, 0 },
	{ "1m", -EINVAL, 0 },
	{ "1.5k", -EINVAL, 0 },
	{ "0x10", -EINVAL, 0 },
	{ "0", -ERANGE, 0 },
	{ "0k/s", -ERANGE, 0 },
	{ "100000001", -ERANGE, 0 },
	{ "101M", -ERANGE, 0 },
	{ "18446744073709551617", -ERANGE, 0 },
	{ "18446744073709552k", -ERANGE, 0 }, /* 2^64 and a bit */
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail f = { 0 };
		__u32 pps = 7;

		print_message("  '%s'\n", cases[i].text);
		assert_int_equal(ratelimit_rate(cases[i].text, &pps, &f), cases[i].err);
		assert_int_equal(pps, cases[i].err ? 7 : cases[i].pps);
		assert_int_equal(!!*f.text, !!cases[i].err);
	}
}

static void test_burst(void **state)
{
	(void)state;
	assert_int_equal(ratelimit_burst(1), 10);
	assert_int_equal(ratelimit_burst(100), 10);
	assert_int_equal(ratelimit_burst(1000), 100);
	assert_int_equal(ratelimit_burst(RATELIMIT_RATE_MAX), RATELIMIT_RATE_MAX / 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
