// SPDX-License-Identifier: GPL-2.0
/* The policer filter: what rules do, what goes on when they change, and what is refused where. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/policer_filter.h"
#include "lib/rules.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/filterrig.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT FILTERRIG_SLOT

static struct rig rig;
static struct filterrig_rules rules;

/* A list: id, expression and action of each rule, up to an id of 0. */
struct want {
	__u32 id;
	const char *match, *action;
};

static void describe(const struct want *w)
{
	filterrig_init(&rules);
	for (; w->id; w++)
		filterrig_add(&rules, w->id, w->match, w->action);
}

static void put(const struct want *w)
{
	describe(w);
	filterrig_put(rig.chain, &rules);
	filterrig_free(&rules);
}

static void change(const struct want *w)
{
	struct fail f = { 0 };

	describe(w);
	if (filterrig_load(rig.chain, &rules, &f))
		fail_msg("%s\n%s", f.text, f.log);
	filterrig_free(&rules);
}

static void expect(__u16 port, int verdict, const char *reason)
{
	const struct frame f = { .src = "192.0.2.7",
				 .dst = "198.51.100.1",
				 .sport = port,
				 .dport = 9,
				 .proto = 17,
				 .payload = 20 };
	unsigned char pkt[FRAME_MAX];

	policing_expect(&rig, SLOT, pkt, frame_make(pkt, &f, NULL), verdict, reason);
}

static __u64 hits(__u32 id)
{
	return filterrig_hits(rig.chain, id);
}

/* --- actions ---------------------------------------------------------------------------------- */

static void test_actions(void **state)
{
	static const struct want list[] = {
		{ 7, "udp src port 53", "pass" }, { 3, "udp src port 123", "drop" },
		{ 9, "udp src port 53", "drop" }, { 5, "udp src port 19", NULL },
		{ 1, "udp src port 80", "drop" }, { 0 },
	};

	(void)state;
	put(list);
	expect(53, XDP_PASS, "pass");
	expect(53, XDP_PASS, "pass");
	expect(123, XDP_DROP, "match");
	expect(19, XDP_DROP, "match");
	expect(443, XDP_PASS, "");
	assert_int_equal(hits(7), 2);
	assert_int_equal(hits(3), 1);
	assert_int_equal(hits(9), 0); /* never the first */
	assert_int_equal(hits(5), 1);
	assert_int_equal(hits(1), 0);
}

static void test_shadow(void **state)
{
	static const struct want list[] = { { 3, "udp src port 123", "drop" }, { 0 } };
	struct fail f = { 0 };

	(void)state;
	describe(list);
	rules.conf.mode = POLICER_SHADOW;
	stage_unload(rig.chain, SLOT, NULL);
	assert_int_equal(filterrig_load(rig.chain, &rules, &f), 0);
	filterrig_free(&rules);
	expect(123, XDP_PASS, "match");
	assert_int_equal(hits(3), 1);
}

/* How many of @count packets of the limited rule pass. */
static int limited(int count)
{
	const struct frame f = {
		.src = "192.0.2.7", .dst = "198.51.100.1", .sport = 53, .dport = 9, .proto = 17
	};
	unsigned char pkt[FRAME_MAX];
	__u32 len = frame_make(pkt, &f, NULL);
	int passed = 0;

	while (count--)
		passed += rig_run(&rig, pkt, len, NULL, 0, NULL) == XDP_PASS;
	return passed;
}

/* Of packets that come faster than one a second: the burst, and one a second. */
static void test_limit(void **state)
{
	static const struct want list[] = { { 4, "udp src port 53", "limit 1/s burst 2k" },
					    { 5, "udp src port 80", "limit 1000000" },
					    { 0 } };
	__u64 begin = now_ns();
	int passed;

	(void)state;
	put(list);
	passed = limited(3000);
	assert_in_range(passed, 2000, 2001 + (now_ns() - begin) / NSEC);
	assert_int_equal(hits(4), 3000);
	assert_int_equal(policing_hits(rig.chain, SLOT, "limit"), 3000 - passed);
	assert_int_equal(policing_hits(rig.chain, SLOT, "pass"), passed);
	expect(80, XDP_PASS, "pass");

	change(list); /* the bucket goes on: it is as empty as it was */
	passed += limited(1000);
	assert_in_range(passed, 2000, 2001 + (now_ns() - begin) / NSEC);
}

/* --- what goes on ----------------------------------------------------------------------------- */

static void test_hits_go_on(void **state)
{
	static const struct want before[] = { { 10, "udp src port 53", "drop" },
					      { 20, "udp src port 80", "drop" },
					      { 30, "udp src port 123", "drop" },
					      { 0 } };
	/* One is gone, two changed places, one is new. */
	static const struct want after[] = { { 40, "udp src port 19", "drop" },
					     { 30, "udp src port 123", "drop" },
					     { 10, "udp src port 53", "drop" },
					     { 0 } };

	(void)state;
	put(before);
	expect(53, XDP_DROP, "match");
	for (int i = 0; i < 2; i++)
		expect(80, XDP_DROP, "match");
	for (int i = 0; i < 3; i++)
		expect(123, XDP_DROP, "match");
	change(after);
	assert_int_equal(hits(10), 1);
	assert_int_equal(hits(30), 3);
	assert_int_equal(hits(40), 0);
	expect(19, XDP_DROP, "match");
	expect(123, XDP_DROP, "match");
	expect(80, XDP_PASS, "");
	assert_int_equal(hits(40), 1);
	assert_int_equal(hits(30), 4);

	change(before); /* one that comes back begins anew */
	assert_int_equal(hits(10), 1);
	assert_int_equal(hits(20), 0);
	assert_int_equal(hits(30), 4);
}

/* Rules without an id are told by their text: a counter never goes to the rule that takes a place.
 */
static void test_without_ids(void **state)
{
	static const char *const before[] = { "udp src port 53", "udp src port 80",
					      "udp src port 123" };
	static const char *const after[] = { "udp src port 80", "udp src port 19",
					     "udp src port 123" };
	struct fail f = { 0 };

	(void)state;
	filterrig_init(&rules);
	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		filterrig_add(&rules, 0, before[i], "drop");
	filterrig_put(rig.chain, &rules);
	filterrig_free(&rules);
	expect(53, XDP_DROP, "match");
	expect(80, XDP_DROP, "match");
	expect(80, XDP_DROP, "match");
	expect(123, XDP_DROP, "match");
	for (size_t i = 0; i < ARRAY_SIZE(after); i++)
		filterrig_add(&rules, 0, after[i], "drop");
	assert_int_equal(filterrig_load(rig.chain, &rules, &f), 0);
	filterrig_free(&rules);
	assert_int_equal(hits(1), 2); /* of port 80, which was rule 2 */
	assert_int_equal(hits(2), 0); /* new */
	assert_int_equal(hits(3), 1);
}

/* More ids over time than there are places: each begins at 0, and the others keep theirs. */
static void test_places(void **state)
{
	(void)state;
	stage_unload(rig.chain, SLOT, NULL);
	for (int round = 0; round < 4; round++) {
		struct fail f = { 0 };

		filterrig_init(&rules);
		filterrig_add(&rules, 1, "udp src port 53", "drop");
		for (int i = 1; i < FILTER_RULES; i++) {
			char text[64];

			snprintf(text, sizeof(text), "udp src port %d", 1000 + i);
			filterrig_add(&rules, 1000 * (round + 1) * 10 + i, text, "drop");
		}
		assert_int_equal(filterrig_load(rig.chain, &rules, &f), 0);
		filterrig_free(&rules);
		expect(53, XDP_DROP, "match");
		expect(1000 + FILTER_RULES - 1, XDP_DROP, "match");
		assert_int_equal(hits(1), round + 1);
		assert_int_equal(hits(1000 * (round + 1) * 10 + FILTER_RULES - 1), 1);
	}
}

static int text_of(const struct rules_item *item, void *arg)
{
	struct rules_item *out = arg;

	if (item->id != out->id)
		return 0;
	out->rule = item->rule;
	return 1;
}

/* The text is that of the rule; since when it is there goes on while it is the same. */
static void test_texts(void **state)
{
	static const struct want a[] = { { 3, "udp src port 53", "drop" }, { 0 } };
	static const struct want b[] = { { 3, "udp src port 54", "drop" }, { 0 } };
	struct rules_item first = { .id = 3 }, same = { .id = 3 }, other = { .id = 3 };

	(void)state;
	put(a);
	assert_int_equal(rules_each_slot(rig.chain, text_of, &first, NULL), 1);
	change(a);
	assert_int_equal(rules_each_slot(rig.chain, text_of, &same, NULL), 1);
	change(b);
	assert_int_equal(rules_each(rig.chain, SLOT, text_of, &other, NULL), 1);
	assert_string_equal(first.rule.text, "udp src port 53");
	assert_string_equal(other.rule.text, "udp src port 54");
	assert_int_equal(first.rule.since_ns, same.rule.since_ns);
	assert_true(other.rule.since_ns > first.rule.since_ns);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void test_refused(void **state)
{
	static const struct {
		struct want list[3];
		const char *why;
	} cases[] = {
		{ { { 3, "udp", "drop" }, { 3, "tcp", "drop" } },
		  "11: filter: id: rule 3 is in line 10 already" },
		{ { { 3, "udp", "drop" }, { 4, "tcp prot 80", "drop" } },
		  "11: filter: tcp prot 80: can't parse filter expression: syntax error" },
		{ { { 3, "ip protochain 6", "drop" } }, "10: filter: ip protochain 6: cannot be" },
		{ { { 3, "udp", "drop" }, { 4, "", "drop" } }, "11: filter: a rule needs" },
		{ { { 3, "udp", "reject" } },
		  "10: filter: action: reject: drop, pass or limit RATE" },
		{ { { 3, "udp", "limit" } },
		  "10: filter: action: limit: drop, pass or limit RATE" },
		{ { { 3, "udp", "limit 0/s" } }, "10: filter: action: limit 0/s: a rate is 1 to" },
		{ { { 3, "udp", "limit 5/m" } }, "10: filter: action: limit 5/m: a rate is 1 to" },
		{ { { 3, "udp", "limit 5/s burst" } }, "limit RATE burst PACKETS is wanted" },
		{ { { 3, "udp", "limit 5/s burst 0" } }, "a burst is 1 to 18000 packets" },
		{ { { 3, "udp", "limit 5/s burst 20k" } }, "a burst is 1 to 18000 packets" },
	};
	struct fail f;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		memset(&f, 0, sizeof(f));
		describe(cases[i].list);
		assert_true(filterrig_load(rig.chain, &rules, &f) < 0);
		print_message("  %s\n", f.text);
		assert_non_null(strstr(f.text, cases[i].why));
		filterrig_free(&rules);
	}
	filterrig_init(&rules);
	filterrig_add(&rules, 2, "udp", "drop");
	filterrig_add(&rules, 0, "tcp", "drop");
	assert_int_equal(filterrig_load(rig.chain, &rules, &f), -EINVAL);
	assert_non_null(
		strstr(f.text, "11: filter: id: rule 2 is in line 10 already; this one has"));
	filterrig_free(&rules);
	assert_int_equal(filterrig_load(rig.chain, &rules, &f), -EINVAL);
	assert_non_null(strstr(f.text, "9: filter: kind filter has 1 to 1024 rules, not 0"));
	for (int i = 0; i < FILTER_RULES + 1; i++)
		filterrig_add(&rules, 0, "udp", "drop");
	assert_int_equal(filterrig_load(rig.chain, &rules, &f), -EINVAL);
	assert_non_null(strstr(f.text, "not 1025"));
	filterrig_free(&rules);
}

/* Two are one if nothing differs. */
static void test_digest(void **state)
{
	static const struct want lists[][3] = {
		{ { 3, "udp", "drop" }, { 4, "tcp", "drop" } },
		{ { 4, "tcp", "drop" }, { 3, "udp", "drop" } },
		{ { 3, "udp", "drop" }, { 4, "tcp", "pass" } },
		{ { 3, "udp", "drop" }, { 5, "tcp", "drop" } },
		{ { 3, "udp", "drop" }, { 4, "icmp", "drop" } },
		{ { 3, "udp", "drop" }, { 4, "tcp", "limit 5/s" } },
		{ { 3, "udp", "drop" }, { 4, "tcp", "limit 5/s burst 20" } },
	};
	__u64 sums[ARRAY_SIZE(lists) + 1];

	(void)state;
	for (size_t i = 0; i <= ARRAY_SIZE(lists); i++) {
		struct policer p;

		describe(lists[i % ARRAY_SIZE(lists)]);
		assert_int_equal(policer_make(&rules.conf, &p, NULL), 0);
		sums[i] = p.spec.digest;
		policer_free(&p);
		filterrig_free(&rules);
		for (size_t n = 0; n < i; n++)
			assert_int_equal(sums[n] == sums[i], n == 0 && i == ARRAY_SIZE(lists));
	}
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "fls");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_actions), cmocka_unit_test(test_shadow),
		cmocka_unit_test(test_limit),	cmocka_unit_test(test_hits_go_on),
		cmocka_unit_test(test_places),	cmocka_unit_test(test_without_ids),
		cmocka_unit_test(test_texts),	cmocka_unit_test(test_refused),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
