// SPDX-License-Identifier: GPL-2.0
/* The table of keys: no key means two things in a view, and what there is can be reached. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <string.h>

#include <cmocka.h>

#include "viewer/keys.h"

static void test_once(void **state)
{
	(void)state;
	for (const struct key *a = keys_table; a->name; a++)
		for (const struct key *b = a + 1; b->name; b++)
			for (int i = 0; i < KEYS_CODES && a->code[i]; i++)
				for (int j = 0; j < KEYS_CODES && b->code[j]; j++)
					if (a->code[i] == b->code[j] && a->views & b->views)
						fail_msg("%s and %s are one key", a->name, b->name);
}

static int reachable(enum act act)
{
	for (const struct key *k = keys_table; k->name; k++)
		if (k->act == act && k->code[0] && k->views)
			return 1;
	return 0;
}

/* The packet view is opened by Enter, and by nothing else. */
static void test_all(void **state)
{
	(void)state;
	for (int act = ACT_VIEW; act <= ACT_QUIT; act++)
		if (act != ACT_VIEW + VIEW_PACKET && !reachable(act))
			fail_msg("no key for %d", act);
}

static void test_words(void **state)
{
	(void)state;
	for (const struct key *k = keys_table; k->name; k++) {
		assert_true(k->act != ACT_NONE);
		if (k->brief)
			assert_non_null(k->help);
		if (k->help)
			assert_true(strlen(k->help) <= 69); /* 80 columns, less those of the key */
		assert_true(strlen(k->name) <= 10);
	}
}

static void test_everywhere(void **state)
{
	static const int codes[] = { 'q', '?', '\t', '1', '6', 27, ' ', '\\' };

	(void)state;
	for (int view = 0; view < VIEWS; view++)
		for (size_t i = 0; i < sizeof(codes) / sizeof(*codes); i++)
			assert_non_null(keys_find(codes[i], view));
	assert_null(keys_find('b', VIEW_CHAIN));
	assert_null(keys_find(0, VIEW_CHAIN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_everywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
