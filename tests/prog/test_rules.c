// SPDX-License-Identifier: GPL-2.0
/* test_rules - the rules of any stage, and their hits, read in one way. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/blocklist.h"
#include "lib/ratelimit.h"
#include "lib/rules.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/filterrig.h"
#include "tests/frame.h"
#include "tests/policing.h"

static struct rig rig;

static const struct frame packet = { .src = "192.0.2.7",
				     .dst = "198.51.100.1",
				     .sport = 53,
				     .dport = 9,
				     .proto = 17,
				     .payload = 20 };

static void run(int times)
{
	unsigned char pkt[FRAME_MAX];
	__u32 len = frame_make(pkt, &packet, NULL);

	while (times--)
		assert_true(rig_run(&rig, pkt, len, NULL, 0, NULL) >= 0);
}

/* All rules as lines: slot, stage, id, packets or "-", text, note. */
static int line(const struct rules_item *item, void *arg)
{
	char *out = arg, packets[24] = "-";

	if (item->counted)
		snprintf(packets, sizeof(packets), "%llu", item->packets);
	sprintf(out + strlen(out), "%u %s %u %s %s (%s)%s\n", item->slot, item->stage->name,
		item->id, packets, item->rule.text, item->rule.note,
		item->expires_ns ? " expires" : "");
	return 0;
}

static void add_blocked(const char *text, const char *note, __u64 expires_ns)
{
	struct blocklist_want want = { .note = note, .expires_ns = expires_ns };
	struct blocklist *list;
	struct prefix p;
	__u32 rule;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	assert_int_equal(blocklist_open(rig.chain, 4, &list, NULL), 0);
	assert_int_equal(blocklist_add(list, &p, &want, &rule, NULL), 1);
	blocklist_close(list);
}

static void test_all(void **state)
{
	struct ratelimit limit = { .rate = 1000000, .burst = 1000000, .len4 = 32, .len6 = 64 };
	struct probe probe = { .slot = 6, .verdict = CHAIN_NEXT };
	struct stage_spec set = { .object = "set", .slot = 7 }; /* prefixes, and no list of them */
	static struct filterrig_rules rules;
	static char all[16384], one[16384];

	(void)state;
	filterrig_init(&rules);
	filterrig_add(&rules, 70, "udp src port 53", "pass");
	filterrig_add(&rules, 7, "udp src port 123", "drop");
	rules.v[0].note = (char *)"resolvers";
	filterrig_put(rig.chain, &rules);
	rules.v[0].note = NULL;
	filterrig_free(&rules);
	policing_put(rig.chain, 3, "amplification", "");
	assert_int_equal(ratelimit_load(rig.chain, 5, &limit, NULL), 0);
	probe_put(rig.chain, probe);
	assert_int_equal(stage_load(rig.chain, &set, NULL, NULL), 0);
	run(3);
	assert_int_equal(blocklist_load(rig.chain, 4, 100, NULL), 0);
	add_blocked("192.0.2.0/24", "test net", now_ns() + 1000 * NSEC);
	add_blocked("2001:db8::/32", NULL, 0);
	run(2);
	assert_int_equal(rules_each_slot(rig.chain, line, all, NULL), 0);
	print_message("%s", all);
	assert_non_null(strstr(all, "2 filter 7 0 udp src port 123 ()\n"
				    "2 filter 70 5 udp src port 53 (resolvers)\n"));
	assert_non_null(strstr(all, "3 amplification "));
	assert_non_null(strstr(all, "4 blocklist 1 2 192.0.2.0/24 (test net) expires\n"));
	assert_non_null(strstr(all, "4 blocklist 2 0 2001:db8::/32 ()\n"));
	assert_non_null(strstr(all, "5 ratelimit 1 0 "));
	assert_null(strstr(all, "probe"));
	assert_int_equal(rules_each(rig.chain, 4, line, one, NULL), 0);
	assert_non_null(strstr(one, "4 blocklist 1 2 "));
	assert_null(strstr(one, "filter"));
}

/* What a ratelimit dropped is what its rule matched; a bucket of one packet lets one pass. */
static void test_limited(void **state)
{
	struct ratelimit limit = { .rate = 1, .burst = 1, .len4 = 32, .len6 = 64 };
	char text[256] = "";

	(void)state;
	for (__u32 slot = 1; slot < CHAIN_SLOTS; slot++)
		stage_unload(rig.chain, slot, NULL);
	assert_int_equal(ratelimit_load(rig.chain, 5, &limit, NULL), 0);
	run(1);
	assert_int_equal(rules_each(rig.chain, 5, line, text, NULL), 0);
	assert_non_null(strstr(text, "5 ratelimit 1 0 "));
	run(200);
	text[0] = 0;
	assert_int_equal(rules_each(rig.chain, 5, line, text, NULL), 0);
	assert_null(strstr(text, "5 ratelimit 1 0 "));
}

static int stop(const struct rules_item *item, void *arg)
{
	(void)item;
	return ++*(int *)arg;
}

static void test_ends(void **state)
{
	struct fail f = { 0 };
	int calls = 0;

	(void)state;
	assert_int_equal(rules_each_slot(rig.chain, stop, &calls, &f), 1);
	assert_int_equal(calls, 1);
	assert_int_equal(rules_each(rig.chain, 9, stop, &calls, &f), -ENOENT);
	assert_non_null(strstr(f.text, "slot 9 is empty"));
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "rul");
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
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_limited),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
