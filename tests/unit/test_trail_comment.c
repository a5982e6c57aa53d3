// SPDX-License-Identifier: GPL-2.0
/* test_trail_comment - a trail in a comment is parsed back without loss; all else is refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/trail.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

static void assert_same(const struct trail *a, const struct trail *b)
{
	assert_int_equal(a->verdict, b->verdict);
	assert_int_equal(a->point, b->point);
	assert_int_equal(a->steps, b->steps);
	assert_int_equal(a->times, b->times);
	for (unsigned int i = 0; i < a->steps; i++) {
		const struct trail_step *s = &a->step[i], *r = &b->step[i];

		assert_string_equal(s->stage, r->stage);
		assert_string_equal(s->reason_name, r->reason_name);
		assert_string_equal(s->rule_text, r->rule_text);
		assert_int_equal(s->rule, r->rule);
		assert_int_equal(s->ns, r->ns);
		assert_int_equal(s->reason, r->reason);
		assert_int_equal(s->slot, r->slot);
		assert_int_equal(s->verdict, r->verdict);
		assert_int_equal(s->shadow, r->shadow);
	}
}

static __u64 seed = 0x5eed;

static __u64 rnd(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Any bytes, or bytes of the sort that the grammar itself is made of. */
static void rnd_name(char name[TRAIL_NAME])
{
	static const char own[] = "\"\\; :/|x0ns=()lb,";
	int len = rnd() % TRAIL_NAME, hard = rnd() % 3;

	for (int i = 0; i < len; i++) {
		if (hard == 0)
			name[i] = 1 + rnd() % 255;
		else
			name[i] = hard == 1 ? own[rnd() % (sizeof(own) - 1)]
					    : 'a' + (int)(rnd() % 26);
	}
	name[len] = 0;
}

static void rnd_trail(struct trail *t)
{
	*t = (struct trail){ .verdict = rnd() % 9, .point = rnd() % 2, .steps = rnd() % 17 };
	t->times = t->steps && rnd() % 2;
	for (int i = 0; i < t->steps; i++) {
		struct trail_step *s = &t->step[i];

		s->slot = rnd() % CHAIN_SLOTS;
		s->verdict = rnd() % 8;
		s->shadow = rnd() % 2;
		s->reason = rnd() % 3 ? rnd() : 0;
		s->rule = rnd() % 3 ? rnd() : 0;
		s->ns = t->times ? rnd() : 0;
		rnd_name(s->stage);
		if (s->reason)
			rnd_name(s->reason_name);
		if (s->rule)
			rnd_name(s->rule_text);
	}
}

static void test_lossless(void **state)
{
	static char buf[TRAIL_MAX];
	struct trail t, back;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		size_t len;

		rnd_trail(&t);
		len = trail_format(&t, TRAIL_COMMENT, buf, sizeof(buf));
		assert_true(len > 0);
		for (size_t j = 0; j < len; j++)
			assert_true(buf[j] >= ' ' && buf[j] <= '~');
		assert_int_equal(trail_parse(buf, len, &back), 0);
		assert_same(&t, &back);
		assert_true(trail_format(&t, TRAIL_TEXT_ALL, buf, sizeof(buf)) > 0);
	}
}

/* The worst there is: every step, every byte escaped, every number at its largest. */
static void test_longest(void **state)
{
	static char buf[TRAIL_MAX];
	struct trail t = { .verdict = 255, .point = 1, .steps = EVENT_STEPS, .times = true };

	(void)state;
	for (int i = 0; i < EVENT_STEPS; i++) {
		struct trail_step *s = &t.step[i];

		*s = (struct trail_step){ .rule = UINT32_MAX,
					  .ns = UINT32_MAX,
					  .reason = 65535,
					  .slot = 14,
					  .verdict = 127,
					  .shadow = true };
		memset(s->stage, 1, TRAIL_NAME - 1);
		memset(s->reason_name, 1, TRAIL_NAME - 1);
		memset(s->rule_text, 1, TRAIL_NAME - 1);
	}
	for (int form = TRAIL_TEXT; form <= TRAIL_COMMENT; form++)
		assert_true(trail_format(&t, form, buf, sizeof(buf)) > 0);
}

static const struct {
	const char *text;
	int err;
} bad[] = {
	{ "", -ENOENT },
	{ "just a comment", -ENOENT },
	{ "xdpchain/", -EPROTONOSUPPORT },
	{ "xdpchain/0 DROP", -EPROTONOSUPPORT },
	{ "xdpchain/3 DROP", -EPROTONOSUPPORT },
	{ "xdpchain/10 DROP", -EPROTONOSUPPORT },
	{ "xdpchain/20 DROP", -EPROTONOSUPPORT },
	{ "xdpchain/1 ", -EBADMSG },
	{ "xdpchain/1 drop", -EBADMSG },
	{ "xdpchain/1 verdict1", -EBADMSG },
	{ "xdpchain/1 verdict256", -EBADMSG },
	{ "xdpchain/1 DROP ", -EBADMSG },
	{ "xdpchain/1 DROP exit", -EBADMSG },
	{ "xdpchain/1 DROP;", -EBADMSG },
	{ "xdpchain/1 DROP; 16 DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 01 DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1:blocklist DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 0:\"\" DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 15:droplet/x DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1:droplet/ DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1: DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1:\"droplet/x DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1:\"droplet/\\x0 DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1:\"droplet/\\x00\" DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1:\"droplet/\\xAB\" DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1:\"droplet/\\", -EBADMSG },
	{ "xdpchain/1 DROP; 1:droplet/\t DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1 verdict128", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP reason=0", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP reason=65536", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP reason=1/", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP reason=1/\"\"", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP rule=1 reason=1", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP rule=4294967296", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP 1", -EBADMSG },
	{ "xdpchain/1 PASS; 1", -EBADMSG }, /* the first version has a verdict in each step */
	{ "xdpchain/1 PASS; 1:droplet/blocklist", -EBADMSG },
	{ "xdpchain/1 PASS; 1:droplet/blocklist 7ns", -EBADMSG },
	{ "xdpchain/2 ", -EBADMSG },
	{ "xdpchain/2 DROP ", -EBADMSG },
	{ "xdpchain/2 DROP;", -EBADMSG },
	{ "xdpchain/2 DROP; ", -EBADMSG },
	{ "xdpchain/2 DROP; 16", -EBADMSG },
	{ "xdpchain/2 DROP; 01", -EBADMSG },
	{ "xdpchain/2 DROP; 1:", -EBADMSG },
	{ "xdpchain/2 DROP; 1: DROP", -EBADMSG },
	{ "xdpchain/2 DROP; 1 ", -EBADMSG },
	{ "xdpchain/2 DROP; 1:\"x", -EBADMSG },
	{ "xdpchain/2 DROP; 1 reason=1", -EBADMSG },
	{ "xdpchain/2 DROP; 1 7", -EBADMSG },
	{ "xdpchain/2 DROP; 1 7ns reason=1", -EBADMSG },
	{ "xdpchain/2 DROP; 1 7ns; 2", -EBADMSG },
	{ "xdpchain/2 DROP; 1; 2 DROP 7ns", -EBADMSG },
	{ "xdpchain/2 DROP; 1 would-", -EBADMSG },
	{ "xdpchain/2 DROP; 1:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  -EBADMSG },
	{ "xdpchain/1 DROP; 1 NEXT 1ns; 2 DROP", -EBADMSG },
	{ "xdpchain/1 DROP; 1 NEXT; 2 DROP 1ns", -EBADMSG },
	{ "xdpchain/1 DROP; 1 DROP reason=1/"
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  -EBADMSG },
};

static void test_bad(void **state)
{
	char many[256] = "xdpchain/1 DROP";
	struct trail t = { .verdict = 77 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		print_message("  %s\n", bad[i].text);
		assert_int_equal(trail_parse(bad[i].text, strlen(bad[i].text), &t), bad[i].err);
		assert_int_equal(t.verdict, 77);
	}
	for (int i = 0; i < EVENT_STEPS; i++)
		strcat(many, "; 1 NEXT");
	assert_int_equal(trail_parse(many, strlen(many), &t), 0);
	strcat(many, "; 1 NEXT");
	assert_int_equal(trail_parse(many, strlen(many), &t), -EBADMSG);
}

/* What the first version wrote, and how the same is said now: both are read, and say the same. */
static const struct {
	const char *first, *now;
} both[] = {
	{ "xdpchain/1 PASS", "xdpchain/2 PASS" },
	{ "xdpchain/1 PASS entry", "xdpchain/2 PASS entry" },
	{ "xdpchain/1 PASS; 1:droplet/blocklist NEXT; 2:droplet/ratelimit NEXT",
	  "xdpchain/2 PASS; 1:blocklist; 2:ratelimit" },
	{ "xdpchain/1 DROP; 1:droplet/ratelimit NEXT 96ns; 2:droplet/blocklist DROP "
	  "reason=1/prefix rule=7/203.0.113.0/24 212ns",
	  "xdpchain/2 DROP; 1:ratelimit 96ns; 2:blocklist DROP reason=1/prefix "
	  "rule=7/203.0.113.0/24 212ns" },
	{ "xdpchain/1 PASS; 3 would-DROP reason=5 rule=6; 15:lb NEXT",
	  "xdpchain/2 PASS; 3 would-DROP reason=5 rule=6; 15:lb" },
	{ "xdpchain/1 PASS; 3 would-NEXT; 15:lb/other NEXT rule=4; 0:xdpdump/tap NEXT",
	  "xdpchain/2 PASS; 3 would-NEXT; 15:other NEXT rule=4; 0:tap" },
	{ "xdpchain/1 PASS entry; 3:\"droplet/m\\x01 \\\"\" would-DROP reason=5 "
	  "rule=8/\"udp (x)\"; 15:lb NEXT",
	  "xdpchain/2 PASS entry; 3:\"m\\x01 \\\"\" would-DROP reason=5 rule=8/\"udp (x)\"; "
	  "15:lb" },
	{ "xdpchain/1 verdict6; 1 verdict6 0ns; 2 NEXT 0ns",
	  "xdpchain/2 verdict6; 1 verdict6 0ns; 2 0ns" },
	{ "xdpchain/1 PASS; 2:droplet/ratelimit NEXT reason=2/near_limit",
	  "xdpchain/2 PASS; 2:ratelimit NEXT reason=2/near_limit" },
};

static void test_versions(void **state)
{
	char buf[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(both); i++) {
		struct trail first, now;
		size_t len = strlen(both[i].now);

		print_message("  %s\n", both[i].first);
		assert_int_equal(trail_parse(both[i].first, strlen(both[i].first), &first), 0);
		assert_int_equal(trail_parse(both[i].now, len, &now), 0);
		assert_same(&first, &now);
		assert_int_equal(trail_format(&first, TRAIL_COMMENT, buf, sizeof(buf)), len);
		assert_memory_equal(buf, both[i].now, len);
	}
}

/* A verdict that goes without saying may be said. */
static void test_said_next(void **state)
{
	static const char said[] = "xdpchain/2 PASS; 1:blocklist NEXT 5ns";
	static const char not_said[] = "xdpchain/2 PASS; 1:blocklist 5ns";
	struct trail a, b;

	(void)state;
	assert_int_equal(trail_parse(said, sizeof(said) - 1, &a), 0);
	assert_int_equal(trail_parse(not_said, sizeof(not_said) - 1, &b), 0);
	assert_same(&a, &b);
}

/* A comment that was cut short is refused, or is a whole trail of fewer steps; never read past. */
static void test_cut(void **state)
{
	const char *whole = "xdpchain/2 DROP; 3:\"my stage\" DROP reason=5 "
			    "rule=8/\"udp and (port 53 || port 54)\"";
	struct trail t;

	(void)state;
	for (size_t len = 0; len < strlen(whole); len++) {
		char *text = malloc(len + !len);

		memcpy(text, whole, len);
		if (!trail_parse(text, len, &t))
			assert_true(len < strlen(whole) && (!t.steps || !*t.step[0].rule_text));
		free(text);
	}
}

static void test_verdicts(void **state)
{
	(void)state;
	assert_int_equal(trail_verdict_find("drop", 4), CHAIN_DROP);
	assert_int_equal(trail_verdict_find("TX,", 2), CHAIN_TX);
	assert_int_equal(trail_verdict_find("dropp", 5), -1);
	assert_int_equal(trail_verdict_find("", 0), -1);
	assert_string_equal(trail_verdict_name(CHAIN_ABORTED), "ABORTED");
	assert_null(trail_verdict_name(6));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lossless),  cmocka_unit_test(test_longest),
		cmocka_unit_test(test_bad),	  cmocka_unit_test(test_cut),
		cmocka_unit_test(test_verdicts),  cmocka_unit_test(test_versions),
		cmocka_unit_test(test_said_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
