// SPDX-License-Identifier: GPL-2.0
/* Which kernels a chain is refused on, and the line that says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>

#include <cmocka.h>

#include "lib/kernel.h"
#include "lib/util.h"

static const struct {
	const char *release;
	int err;
	const char *text;
} cases[] = {
	{ "6.1.0-56-amd64", 0, "" },
	{ "6.1", 0, "" },
	{ "6.10.3", 0, "" },
	{ "6.12.117+deb12-amd64", 0, "" },
	{ "6.18.44-fc-v595", 0, "" },
	{ "10.0.0", 0, "" },
	{ "6.0.19", -ENOSYS, "Linux 6.0.19 is too old: 6.1 or newer is needed" },
	{ "5.15.0-91-generic", -ENOSYS,
	  "Linux 5.15.0-91-generic is too old: 6.1 or newer is needed" },
	{ "5.19", -ENOSYS, "Linux 5.19 is too old: 6.1 or newer is needed" },
	{ "4.99.1", -ENOSYS, "Linux 4.99.1 is too old: 6.1 or newer is needed" },
	{ "2.6.32", -ENOSYS, "Linux 2.6.32 is too old: 6.1 or newer is needed" },
	{ "", 0, "" },
	{ "next", 0, "" },
	{ "6", 0, "" },
	{ "6.x", 0, "" },
};

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct fail f = { 0 };

		print_message("  '%s'\n", cases[i].release);
		assert_int_equal(kernel_check(cases[i].release, &f), cases[i].err);
		assert_string_equal(f.text, cases[i].text);
		assert_int_equal(kernel_check(cases[i].release, NULL), cases[i].err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
