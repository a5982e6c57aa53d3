// SPDX-License-Identifier: GPL-2.0
/* What `\` takes: words of the chain, and the rest for libpcap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <string.h>

#include <cmocka.h>

#include "lib/util.h"
#include "viewer/query.h"

#define BIT(v) (1u << CHAIN_##v)

static const struct {
	const char *text, *expr, *stages, *reasons;
	__u32 verdicts;
	int err;
} words[] = {
	{ "", "", "", "", 0, 0 },
	{ "udp port 53", "udp port 53", "", "", 0, 0 },
	{ "drop", "", "", "", BIT(DROP), 0 },
	{ "DROP tx", "", "", "", BIT(DROP) | BIT(TX), 0 },
	{ "verdict=drop,aborted tcp", "tcp", "", "", BIT(DROP) | BIT(ABORTED), 0 },
	{ "  drop   udp   port 53 ", "udp port 53", "", "", BIT(DROP), 0 },
	{ "action drop", "action drop", "", "", 0, 0 }, /* pf's, of pcap-filter */
	{ "stage=lb", "", "lb,", "", 0, 0 },
	{ "stage=lb,2 stage=end", "", "lb,2,end,", "", 0, 0 },
	{ "reason=prefix,blocklist:prefix ip", "ip", "", "prefix,blocklist:prefix,", 0, 0 },
	{ "verdict=", NULL, NULL, NULL, 0, -EINVAL },
	{ "verdict=next", NULL, NULL, NULL, 0, -EINVAL },
	{ "verdict=nonsense", NULL, NULL, NULL, 0, -EINVAL },
	{ "stage=", NULL, NULL, NULL, 0, -EINVAL },
	{ "stage=,lb", NULL, NULL, NULL, 0, -EINVAL },
	{ "reason=rate,", NULL, NULL, NULL, 0, -EINVAL },
};

static void test_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		struct query q = { .generation = 0 };
		struct fail f = { 0 };

		print_message("  '%s'\n", words[i].text);
		assert_int_equal(query_words(&q, words[i].text, &f), words[i].err);
		assert_int_equal(!!f.text[0], !!words[i].err);
		if (words[i].err)
			continue;
		assert_string_equal(q.expr, words[i].expr);
		assert_string_equal(q.stages, words[i].stages);
		assert_string_equal(q.reasons, words[i].reasons);
		assert_int_equal(q.verdicts, words[i].verdicts);
	}
}

static void test_long(void **state)
{
	struct query q = { .generation = 0 };
	struct fail f = { 0 };
	char text[400];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = 0;
	assert_int_equal(query_words(&q, text, &f), -EINVAL);
	/* Two lists that are too long together. */
	memcpy(text, "stage=", 6);
	text[126] = ' ';
	memcpy(text + 127, "stage=", 6);
	text[255] = 0;
	assert_int_equal(query_words(&q, text, &f), 0);
	assert_int_equal(strlen(q.stages), 120 + 122 + 2);
}

static struct trail trail_of(void)
{
	struct trail t = { .verdict = CHAIN_DROP, .steps = 2 };

	t.step[0] = (struct trail_step){ .slot = 1, .verdict = CHAIN_NEXT };
	strcpy(t.step[0].stage, "blocklist");
	t.step[1] = (struct trail_step){ .slot = 2, .verdict = CHAIN_DROP, .reason = 1 };
	strcpy(t.step[1].stage, "ratelimit");
	strcpy(t.step[1].reason_name, "rate");
	return t;
}

static const struct {
	const char *text;
	bool said;
} saids[] = {
	{ "", true },
	{ "drop", true },
	{ "pass", false },
	{ "drop pass", true },
	{ "stage=ratelimit", true },
	{ "stage=droplet/ratelimit", true },
	{ "stage=2", true },
	{ "stage=blocklist", false }, /* it handed on, and said nothing */
	{ "stage=rate", false },
	{ "stage=end", false },
	{ "stage=lb,ratelimit", true },
	{ "reason=rate", true },
	{ "reason=ratelimit:rate", true },
	{ "reason=blocklist:rate", false },
	{ "reason=rat", false },
	{ "drop stage=2 reason=rate", true },
	{ "pass stage=2 reason=rate", false },
};

static void test_said(void **state)
{
	struct trail t = trail_of(), end = { .verdict = CHAIN_PASS };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(saids); i++) {
		struct query q = { .generation = 0 };

		print_message("  '%s'\n", saids[i].text);
		assert_int_equal(query_words(&q, saids[i].text, NULL), 0);
		assert_int_equal(query_said(&q, &t, true, t.verdict), saids[i].said);
	}
	for (size_t i = 0; i < 2; i++) {
		struct query q = { .generation = 0 };

		assert_int_equal(query_words(&q, i ? "pass" : "stage=end", NULL), 0);
		assert_true(query_said(&q, &end, true, CHAIN_PASS));
		assert_false(query_said(&q, NULL, false, CHAIN_PASS)); /* nobody knows */
	}
}

static void test_set(void **state)
{
	struct model *m = model_new(1, NSEC);
	struct query q = { .generation = 0 };
	__u64 masks[CHAIN_SLOTS] = { 0 };
	struct fail f = { 0 };

	(void)state;
	m->ifs[0].stages[2].here = true;
	strcpy(m->ifs[0].stages[2].name, "ratelimit");
	strcpy(m->ifs[0].stages[2].reasons[1].name, "rate");
	assert_int_equal(query_set(&q, "stage=ratelimit,end reason=rate udp", m, &f), 0);
	assert_int_equal(q.generation, 1);
	assert_int_equal(query_slots(&q, &m->ifs[0]), 1 << 2 | 1 << CHAIN_SLOT_END);
	assert_int_equal(query_reasons(&q, &m->ifs[0], masks), 1);
	assert_int_equal(masks[2], 1 << 1);
	/* What is refused changes nothing. */
	assert_int_equal(query_set(&q, "stage=nobody", m, &f), -EINVAL);
	assert_int_equal(query_set(&q, "reason=nothing", m, &f), -EINVAL);
	assert_true(query_set(&q, "udp prt 53", m, &f) < 0);
	assert_string_equal(q.expr, "udp");
	assert_int_equal(q.generation, 1);
	query_clear(&q);
	assert_int_equal(q.generation, 2);
	model_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_said),
		cmocka_unit_test(test_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
