// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "lib/duration.h"
#include "lib/util.h"

static const struct {
	const char *text;
	int err;
	__u64 seconds;
} cases[] = {
	{ "90s", 0, 90 },
	{ "10m", 0, 600 },
	{ "1h30m", 0, 5400 },
	{ "2d", 0, 172800 },
	{ "1w2d3h4m5s", 0, 604800 + 2 * 86400 + 3 * 3600 + 4 * 60 + 5 },
	{ "0h5m", 0, 300 },
	{ "36500d", 0, 36500 * 86400ULL },
	{ "", -EINVAL, 0 },
	{ "10", -EINVAL, 0 },
	{ "m", -EINVAL, 0 },
	{ "10x", -EINVAL, 0 },
	{ "-5m", -EINVAL, 0 },
	{ "+5m", -EINVAL, 0 },
	{ " 5m", -EINVAL, 0 },
	{ "5m ", -EINVAL, 0 },
	{ "5M", -EINVAL, 0 },
	{ "1.5h", -EINVAL, 0 },
	{ "5m1h", -EINVAL, 0 },
	{ "5m5m", -EINVAL, 0 },
	{ "1h30", -EINVAL, 0 },
	{ "0s", -ERANGE, 0 },
	{ "36501d", -ERANGE, 0 },
	{ "36500d1s", -ERANGE, 0 },
	{ "18446744073709551616s", -ERANGE, 0 },
	{ "30500568904943w", -ERANGE, 0 }, /* 2^64 and a bit, in seconds */
};

static const struct {
	__u64 ns;
	const char *text;
} texts[] = {
	{ 0, "0s" },
	{ NSEC - 1, "0s" },
	{ 59 * NSEC, "59s" },
	{ 60 * NSEC, "1m" },
	{ 61 * NSEC, "1m1s" },
	{ 3600 * NSEC, "1h" },
	{ 3659 * NSEC, "1h" },
	{ 5400 * NSEC, "1h30m" },
	{ 86400 * NSEC, "1d" },
	{ 90000 * NSEC, "1d1h" },
	{ 86400 * NSEC * 30, "30d" },
	{ ~0ULL, "213503d23h" },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail f = { 0 };
		__u64 ns = 7;

		print_message("  '%s'\n", cases[i].text);
		assert_int_equal(duration_parse(cases[i].text, &ns, &f), cases[i].err);
		assert_int_equal(ns, cases[i].err ? 7 : cases[i].seconds * NSEC);
		assert_int_equal(!!*f.text, !!cases[i].err);
	}
}

static void test_text(void **state)
{
	char buf[DURATION_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_string_equal(duration_text(texts[i].ns, buf), texts[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
