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

static const struct {
	const char *text;
	__u32 of; /* what a rate without unit is of */
	int err;
	__u64 rate;
	__u32 unit;
} units[] = {
	{ "1000", RATELIMIT_PACKETS, 0, 1000, RATELIMIT_PACKETS },
	{ "20k/s", RATELIMIT_PACKETS, 0, 20000, RATELIMIT_PACKETS },
	{ "1000", RATELIMIT_BYTES, 0, 1000, RATELIMIT_BYTES },
	{ "20k/s", RATELIMIT_BYTES, 0, 20000, RATELIMIT_BYTES },
	{ "1G", RATELIMIT_BYTES, 0, 1000000000, RATELIMIT_BYTES },
	{ "10Mbit/s", RATELIMIT_PACKETS, 0, 1250000, RATELIMIT_BYTES },
	{ "8bit/s", RATELIMIT_PACKETS, 0, 1, RATELIMIT_BYTES },
	{ "400Gbit/s", RATELIMIT_PACKETS, 0, 50000000000, RATELIMIT_BYTES },
	{ "2MB/s", RATELIMIT_PACKETS, 0, 2000000, RATELIMIT_BYTES },
	{ "2B/s", RATELIMIT_BYTES, 0, 2, RATELIMIT_BYTES },
	{ "7bit/s", RATELIMIT_PACKETS, -ERANGE, 0, 0 },
	{ "401Gbit/s", RATELIMIT_PACKETS, -ERANGE, 0, 0 },
	{ "99999999999999999999bit/s", RATELIMIT_PACKETS, -ERANGE, 0, 0 },
	{ "18446744073709551G", RATELIMIT_BYTES, -ERANGE, 0, 0 },
	{ "1G", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "bit/s", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "Mbit/s", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "1MMbit/s", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "1Mbit/s/s", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "1Mbit", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "-1Mbit/s", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "1 Mbit/s", RATELIMIT_PACKETS, -EINVAL, 0, 0 },
	{ "1x", RATELIMIT_BYTES, -EINVAL, 0, 0 },
	{ "", RATELIMIT_BYTES, -EINVAL, 0, 0 },
};

static void test_units(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		struct ratelimit r = { .rate = 7, .unit = units[i].of };
		struct fail f = { 0 };

		print_message("  '%s'\n", units[i].text);
		assert_int_equal(ratelimit_parse(units[i].text, &r, &f), units[i].err);
		assert_int_equal(r.rate, units[i].err ? 7 : units[i].rate);
		assert_int_equal(r.unit, units[i].err ? units[i].of : units[i].unit);
		assert_int_equal(!!*f.text, !!units[i].err);
	}
}

static __u64 burst(__u64 rate, __u32 unit)
{
	const struct ratelimit r = { .rate = rate, .unit = unit };

	return ratelimit_burst(&r);
}

static void test_burst(void **state)
{
	(void)state;
	assert_int_equal(burst(1, RATELIMIT_PACKETS), 10);
	assert_int_equal(burst(100, RATELIMIT_PACKETS), 10);
	assert_int_equal(burst(1000, RATELIMIT_PACKETS), 100);
	assert_int_equal(burst(RATELIMIT_RATE_MAX, RATELIMIT_PACKETS), RATELIMIT_RATE_MAX / 10);
	assert_int_equal(burst(1, RATELIMIT_BYTES), 65535);
	assert_int_equal(burst(1000000, RATELIMIT_BYTES), 100000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_units),
		cmocka_unit_test(test_burst),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
