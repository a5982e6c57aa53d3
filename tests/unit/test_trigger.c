// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/trigger.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

#define MS 1000000ULL

static const struct {
	const char *text, *name;
	enum trigger_kind kind;
	__u32 verdict, over;
} good[] = {
	{ "drop>1000/s", "", TRIGGER_VERDICT, CHAIN_DROP, 1000 },
	{ "DROP>1000", "", TRIGGER_VERDICT, CHAIN_DROP, 1000 },
	{ "tx>20k/s", "", TRIGGER_VERDICT, CHAIN_TX, 20000 },
	{ "pass>2M/s", "", TRIGGER_VERDICT, CHAIN_PASS, 2000000 },
	{ "redirect>1/s", "", TRIGGER_VERDICT, CHAIN_REDIRECT, 1 },
	{ "aborted>0/s", "", TRIGGER_VERDICT, CHAIN_ABORTED, 0 },
	{ "aborted>100000000/s", "", TRIGGER_VERDICT, CHAIN_ABORTED, 100000000 },
	{ "lost>0/s", "", TRIGGER_LOST, 0, 0 },
	{ "reason:rate>5/s", "rate", TRIGGER_REASON, 0, 5 },
	{ "ratelimit:rate>5/s", "ratelimit:rate", TRIGGER_REASON, 0, 5 },
	{ "stage:blocklist>5/s", "blocklist", TRIGGER_DROPS, 0, 5 },
	{ "stage:droplet/blocklist>5/s", "droplet/blocklist", TRIGGER_DROPS, 0, 5 },
	{ "reason=syn_flood", "syn_flood", TRIGGER_REASON, 0, 0 },
	{ "reason=lb:new", "lb:new", TRIGGER_REASON, 0, 0 },
	{ "stage=lb", "lb", TRIGGER_STAGE, 0, 0 },
	{ "stage=a>b", "a>b", TRIGGER_STAGE, 0, 0 },
	{ "verdict=aborted", "", TRIGGER_VERDICT, CHAIN_ABORTED, 0 },
	{ "verdict=Drop", "", TRIGGER_VERDICT, CHAIN_DROP, 0 },
};

static const struct {
	const char *text, *says;
} bad[] = {
	{ "", "no > or = in it" },
	{ "drop", "shell takes a > without quotes" },
	{ ">", "before >" },
	{ "=", "behind =" },
	{ "drop>", "rate like" },
	{ "drop>/s", "rate like" },
	{ "drop>x", "rate like" },
	{ "drop>-1/s", "rate like" },
	{ "drop>+1/s", "rate like" },
	{ "drop>1000/m", "rate like" },
	{ "drop>1000/sec", "rate like" },
	{ "drop>1kk/s", "rate like" },
	{ "drop>1G/s", "rate like" },
	{ "drop>100000001/s", "100 million" },
	{ "drop>101M/s", "100 million" },
	{ "drop>99999999999999999999/s", "100 million" },
	{ "drop>=1000/s", "rate like" },
	{ "drop >1000/s", "not printable" },
	{ "dropp>1000/s", "before >" },
	{ "next>1000/s", "before >" },
	{ "blocklist>1000/s", "before >" },
	{ "reason:>1/s", "before >" },
	{ "stage:>1/s", "before >" },
	{ ":rate>1/s", "before >" },
	{ "drop=1000/s", "before =" },
	{ "lost=1", "before =" },
	{ "=x", "before =" },
	{ "reason=", "behind =" },
	{ "verdict=next", "a verdict is" },
	{ "verdict=dropped", "a verdict is" },
	{ "reason=sch\303\266n", "not printable" },
	{ "reason=a\nb", "not printable" },
	{ "reason="
	  "012345678901234567890123456789012345678901234567890123456789012345678901234567890123456"
	  "7",
	  NULL }, /* 95 bytes: the longest */
	{ "reason="
	  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
	  "8",
	  "too long" },
};

static void test_good(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		struct trigger t;
		struct fail f = { 0 };

		print_message("  %s\n", good[i].text);
		assert_int_equal(trigger_parse(good[i].text, &t, &f), 0);
		assert_string_equal(t.text, good[i].text);
		assert_string_equal(t.name, good[i].name);
		assert_int_equal(t.kind, good[i].kind);
		assert_int_equal(t.verdict, good[i].verdict);
		assert_int_equal(t.over, good[i].over);
	}
}

static void test_bad(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct trigger t = { .over = 7 };
		struct fail f = { 0 };
		int err = trigger_parse(bad[i].text, &t, &f);

		print_message("  %s\n", bad[i].text);
		assert_int_equal(err, bad[i].says ? -EINVAL : 0);
		if (!bad[i].says)
			continue;
		assert_int_equal(t.over, 7); /* left as it was */
		assert_non_null(strstr(f.text, bad[i].says));
		assert_non_null(strstr(f.text, "'drop>1000/s'"));
	}
}

/* From @from ms on, @pps come; before that @before. Looked at each @tick ms, with some jitter. */
struct attack {
	const char *name;
	__u32 over, before, pps, tick, jitter;
	long fires; /* ms after the start of the attack at which it is to fire, at most; -1: never
		     */
};

static const struct attack attacks[] = {
	{ "as much as is allowed", 1000, 0, 1000, 100, 0, -1 },
	{ "a bit more", 1000, 0, 1010, 100, 0, 1200 },
	{ "a bit more, jitter", 1000, 0, 1010, 100, 30, 1300 },
	{ "half as much again", 1000, 0, 1500, 100, 20, 850 },
	{ "half as much again, on top of some", 1000, 500, 1500, 100, 20, 700 },
	{ "ten times", 1000, 0, 10000, 100, 20, 250 },
	{ "a flood", 1000, 0, 3000000, 100, 20, 150 },
	{ "looked at often", 1000, 0, 1500, 7, 0, 700 },
	{ "looked at seldom", 1000, 0, 1500, 1700, 0, 3400 },
	{ "one in ten seconds", 0, 0, 1, 100, 20, 1150 },
	{ "nothing", 0, 0, 0, 100, 20, -1 },
	{ "steady and below", 1000, 999, 999, 100, 40, -1 },
};

static long when_it_fires(const struct attack *a)
{
	const __u64 start = 777 * NSEC, at = start + 5 * NSEC;
	struct trigger_state s = { 0 };
	__u64 now = start, rate;

	while (now < at + 10 * NSEC) {
		__u64 ms = (now - start) / MS, more = now > at ? (now - at) / MS : 0;
		__u64 count =
			123456 + (now > at ? 5000 : ms) * a->before / 1000 + more * a->pps / 1000;

		if (trigger_step(&s, a->over, now, count, &rate)) {
			assert_true(rate > a->over);
			return (long)(now - at) / (long)MS;
		}
		now += (a->tick + (a->jitter ? rand() % a->jitter : 0)) * MS;
	}
	return -1;
}

static void test_when(void **state)
{
	(void)state;
	srand(4);
	for (size_t i = 0; i < ARRAY_SIZE(attacks); i++) {
		long ms = when_it_fires(&attacks[i]);

		print_message("  %s: %ld ms\n", attacks[i].name, ms);
		if (attacks[i].fires < 0)
			assert_int_equal(ms, -1);
		else
			assert_true(ms >= 0 && ms <= attacks[i].fires);
	}
}

/* How often it fires when packets come in bursts of @count, a burst each @every ms. */
static int times(__u32 over, __u32 count, __u32 every, __u32 ms)
{
	struct trigger_state s = { 0 };
	__u64 sum = 0, rate;
	int n = 0;

	for (__u32 now = 1; now <= ms; now++) {
		sum += now % every ? 0 : count;
		if (now % 100 == 0)
			n += trigger_step(&s, over, now * MS, sum, &rate);
	}
	return n;
}

static void test_not_again(void **state)
{
	(void)state;
	assert_int_equal(times(1000, 1500, 1000, 20000), 1); /* one attack */
	assert_int_equal(times(1000, 1500, 1900, 20000), 1); /* not below for a second */
	assert_int_equal(times(1000, 1500, 5000, 20999), 4); /* four */
	assert_int_equal(times(0, 1, 900, 20000), 1);
	assert_int_equal(times(0, 1, 1500, 20999), 13); /* each */
	assert_int_equal(times(0, 0, 1500, 20000), 0);
}

/* What was there before is none of its business, and a wait of minutes misses nothing. */
static void test_first_and_late(void **state)
{
	struct trigger_state s = { 0 };
	__u64 rate;

	(void)state;
	assert_false(trigger_step(&s, 0, 5 * NSEC, 1000000, &rate));
	assert_int_equal(rate, 0);
	assert_false(trigger_step(&s, 0, 6 * NSEC, 1000000, &rate));
	assert_true(trigger_step(&s, 0, 600 * NSEC, 1000001, &rate));
	assert_int_equal(rate, 1);
	s = (struct trigger_state){ 0 };
	assert_false(trigger_step(&s, 1000, 5 * NSEC, 0, &rate));
	assert_false(trigger_step(&s, 1000, 15 * NSEC, 9990, &rate));
	assert_true(trigger_step(&s, 1000, 25 * NSEC, 9990 + 20000, &rate));
	assert_int_equal(rate, 2000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),	       cmocka_unit_test(test_bad),
		cmocka_unit_test(test_when),	       cmocka_unit_test(test_not_again),
		cmocka_unit_test(test_first_and_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
