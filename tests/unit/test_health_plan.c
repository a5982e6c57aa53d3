// SPDX-License-Identifier: GPL-2.0
/* When checks are due and what they make of a real, by a clock of the test's own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "lib/health_plan.h"
#include "lib/util.h"

#define MS 1000000ULL

/*
 * Results in order: + passes, - fails, each followed by what the real is then: U or D.
 */
static const struct {
	const char *name;
	__u32 rise, fall;
	int was_up;
	const char *say;
} cases[] = {
	{ "up stays up", 2, 3, 1, "+U+U+U" },
	{ "falls with the third", 2, 3, 1, "-U-U-D-D" },
	{ "one that passes begins anew", 2, 3, 1, "-U-U+U-U-U-D" },
	{ "rises with the second", 2, 3, 0, "+D+U+U" },
	{ "one that fails begins anew", 2, 3, 0, "+D-D+D+U" },
	{ "at once", 1, 1, 1, "-D+U-D+U" },
	{ "falls, then rises", 2, 2, 1, "-U-D+D+U-U+U-U-D" },
};

static void results(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct health_pace pace = { .interval_ns = 10 * MS,
					    .timeout_ns = MS,
					    .rise = cases[i].rise,
					    .fall = cases[i].fall };
		struct health_plan p;

		print_message("%s\n", cases[i].name);
		health_plan_begin(&p, cases[i].was_up, 0);
		for (const char *s = cases[i].say; *s; s += 2) {
			int was = p.is_up, changed;

			health_plan_start(&p, &pace, 0);
			changed = health_plan_result(&p, &pace, *s == '+');
			assert_int_equal(p.is_up, s[1] == 'U');
			assert_int_equal(changed, was != p.is_up);
		}
	}
}

static void clock_of_checks(void **state)
{
	const struct health_pace pace = {
		.interval_ns = 100 * MS, .timeout_ns = 30 * MS, .rise = 1, .fall = 1
	};
	struct health_plan p;

	(void)state;
	health_plan_begin(&p, 1, 1000 * MS);
	assert_int_equal(health_plan_due(&p, 999 * MS), HEALTH_WAIT);
	assert_int_equal(health_plan_due(&p, 1000 * MS), HEALTH_START);
	health_plan_start(&p, &pace, 1002 * MS);
	assert_int_equal(health_plan_due(&p, 1031 * MS), HEALTH_WAIT);
	assert_int_equal(health_plan_wake(&p), 1032 * MS);
	assert_int_equal(health_plan_due(&p, 1032 * MS), HEALTH_EXPIRED);
	assert_int_equal(health_plan_result(&p, &pace, 0), 1);
	/* from start to start, by the plan: being late once delays nothing after it */
	assert_int_equal(health_plan_wake(&p), 1100 * MS);
	assert_int_equal(health_plan_due(&p, 1032 * MS), HEALTH_WAIT);
	/* what was slept through is not made up for */
	health_plan_start(&p, &pace, 5000 * MS);
	health_plan_result(&p, &pace, 0);
	assert_int_equal(health_plan_wake(&p), 5100 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(clock_of_checks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
