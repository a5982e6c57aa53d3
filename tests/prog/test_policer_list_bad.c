// SPDX-License-Identifier: GPL-2.0
/* What the kinds blocklist and allowlist refuse, and what they say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "lib/util.h"
#include "tests/policing.h"

static const struct {
	const char *kind, *words, *says;
} bad[] = {
	{ "blocklist", "rule=203.0.113.7/24", "7: blocklist: match: " },
	{ "blocklist", "rule=here", "7: blocklist: match: " },
	{ "blocklist", "rule=10.0.0.1@pass", "7: blocklist: action: " },
	{ "allowlist", "rule=10.0.0.1@drop", "7: allowlist: action: " },
	{ "blocklist", "rule=10.0.0.1 rule=10.0.0.1/32", "match: 10.0.0.1/32: two rules have it" },
	{ "blocklist", "max_prefixes=1 rule=10.0.0.1 rule=10.0.0.2",
	  "2 prefixes of IPv4, and max_prefixes is 1: raise it" },
	{ "blocklist", "max_prefixes=0", "max_prefixes: 0: a number from 1 to 16777216 is wanted" },
	{ "blocklist", "files=/nowhere/at/all", "files: /nowhere/at/all: No such file" },
	{ "blocklist", "set=bots", "set: bots: no such set: there is none" },
	{ "blocklist", "action=drop", "no such parameter" },
};

static void test_bad(void **state)
{
	struct policing p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fail f = { 0 };

		print_message("  %s\n", bad[i].words);
		assert_int_equal(policing_make(&p, bad[i].kind, bad[i].words, &f), -EINVAL);
		if (!strstr(f.text, bad[i].says))
			fail_msg("says: %s", f.text);
		policing_free(&p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_bad) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
