// SPDX-License-Identifier: GPL-2.0
/* The sketch of talkers against exact counts: never too low, never too high by more than it says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "lib/util.h"
#include "viewer/talkers.h"

#define SOURCES 20000
#define PACKETS 200000

static struct talkers_key key_of(__u32 n)
{
	return (struct talkers_key){ .addr = { n * 2654435761u }, .family = AF_INET, .len = 32 };
}

static __u32 next_random(__u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Some send much, most next to nothing. */
static __u32 pick(__u32 *seed, int shape)
{
	__u32 r = next_random(seed);

	if (shape == 0)
		return r % SOURCES;
	if (shape == 1)
		return r % 100 < 70 ? r / 100 % 7 : r % SOURCES;
	return r % (1 + next_random(seed) % (1 + next_random(seed) % SOURCES));
}

static void check_bounds(const struct talkers *t, const __u32 *exact, __u32 all)
{
	__u32 kept = 0;

	for (__u32 n = 0; n < SOURCES; n++) {
		struct talkers_key k = key_of(n);
		const struct talker *got = talkers_find(t, &k);

		if (!got) {
			assert_true(exact[n] <= talkers_least(t) + 1e-6);
			assert_true(exact[n] <= (double)all / TALKERS_ROOM + 1);
			continue;
		}
		kept++;
		assert_true(got->count + 1e-6 >= exact[n]);
		assert_true(got->count - got->error <= exact[n] + 1e-6);
	}
	assert_true(kept <= TALKERS_ROOM);
}

static void test_bounds(void **state)
{
	static const char *const names[] = { "all the same", "seven send most", "a long tail" };

	(void)state;
	for (int shape = 0; shape < 3; shape++) {
		struct talkers *t = talkers_new();
		__u32 *exact = calloc(SOURCES, sizeof(*exact)), seed = 7;
		size_t n;

		print_message("  %s\n", names[shape]);
		for (__u32 i = 0; i < PACKETS; i++) {
			__u32 who = pick(&seed, shape);
			struct talkers_key k = key_of(who);

			exact[who]++;
			talkers_add(t, &k);
		}
		check_bounds(t, exact, PACKETS);
		talkers_list(t, &n);
		assert_int_equal(n, TALKERS_ROOM);
		assert_float_equal(talkers_total(t), PACKETS, 1e-6);
		talkers_free(t);
		free(exact);
	}
}

static void test_fade(void **state)
{
	struct talkers *t = talkers_new();
	struct talkers_key a = key_of(1), b = key_of(2);

	(void)state;
	for (int i = 0; i < 1000; i++)
		talkers_add(t, &a);
	talkers_fade(t, TALKERS_HALF);
	assert_float_equal(talkers_find(t, &a)->count, 500, 1e-6);
	for (int i = 0; i < 600; i++)
		talkers_add(t, &b);
	assert_true(talkers_find(t, &b)->count > talkers_find(t, &a)->count);
	assert_float_equal(talkers_total(t), 1100, 1e-6);
	talkers_clear(t);
	assert_null(talkers_find(t, &a));
	assert_float_equal(talkers_total(t), 0, 1e-9);
	talkers_free(t);
}

/* A sample of 1000 says 10 % to within 1.9 points; a counter's own error is added. */
static void test_error(void **state)
{
	struct talker k = { .count = 100 };

	(void)state;
	assert_float_equal(talkers_error(&k, 1000), 0.0186, 1e-4);
	k.error = 50;
	assert_float_equal(talkers_error(&k, 1000), 0.0686, 1e-4);
	assert_float_equal(talkers_error(&k, 0), 0, 1e-9);
	k.count = 1000;
	k.error = 0;
	assert_float_equal(talkers_error(&k, 1000), 0, 1e-9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_fade),
		cmocka_unit_test(test_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
