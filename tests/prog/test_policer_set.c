// SPDX-License-Identifier: GPL-2.0
/* The kind set: who is in which list, what happens to the rest, and lists that change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/rules.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT 3

static struct rig rig;
static char customers[] = "/tmp/test-set-XXXXXX", partners[] = "/tmp/test-set-XXXXXX";
static struct policer_set sets[] = {
	{ .name = "customers", .file = customers },
	{ .name = "partners", .file = partners },
};

static void write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void put(const char *words)
{
	struct fail f = { 0 };

	if (policing_load_sets(rig.chain, SLOT, "set", words, sets, ARRAY_SIZE(sets), &f))
		fail_msg("%s: %s %s", words, f.text, f.log);
}

static void expect(const char *src, int verdict, const char *reason)
{
	const struct frame f = { .src = src,
				 .dst = strchr(src, ':') ? "2001:db8:ffff::1" : "192.0.2.1",
				 .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];

	policing_expect(&rig, SLOT, buf, frame_make(buf, &f, NULL), verdict, reason);
}

static const struct {
	const char *words, *src;
	int verdict;
	const char *reason;
} cases[] = {
	{ "set=customers", "203.0.113.4", XDP_DROP, "in_set" },
	{ "set=customers", "203.0.114.4", XDP_PASS, "" },
	{ "set=customers", "198.51.100.1", XDP_PASS, "" },
	{ "set=customers", "2001:db8:1::7", XDP_DROP, "in_set" },
	{ "set=customers", "2001:db8:2::7", XDP_PASS, "" },
	{ "set=customers action=pass", "203.0.113.4", XDP_PASS, "in_set" },
	{ "set=customers action=pass others=drop", "203.0.114.4", XDP_DROP, "not_in_set" },
	{ "set=customers action=pass others=drop", "2001:db8:2::7", XDP_DROP, "not_in_set" },
	{ "set=customers action=next others=drop", "203.0.113.4", XDP_PASS, "in_set" },
	{ "set=customers,partners", "198.51.100.1", XDP_DROP, "in_set" },
	{ "set=customers others=drop shadow", "203.0.113.4", XDP_PASS, "in_set" },
};

static void test_decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("  %s: %s\n", cases[i].words, cases[i].src);
		put(cases[i].words);
		expect(cases[i].src, cases[i].verdict, cases[i].reason);
	}
}

/* ARP must come through where only customers may. */
static void test_no_address(void **state)
{
	unsigned char arp[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4 };

	(void)state;
	put("set=customers action=next others=drop");
	policing_expect(&rig, SLOT, arp, sizeof(arp), XDP_PASS, "");
}

struct seen {
	char text[200];
};

static int see(const struct rules_item *item, void *arg)
{
	struct seen *s = arg;

	snprintf(s->text + strlen(s->text), sizeof(s->text) - strlen(s->text), "%u %s %llu;",
		 item->id, item->rule.text, item->packets);
	return 0;
}

/* The longest prefix says which set; of one prefix in two sets, the first. */
static void test_rules(void **state)
{
	struct seen seen = { "" };

	(void)state;
	put("set=partners,customers action=next");
	expect("203.0.113.4", XDP_PASS, "in_set");   /* a customer's /24 */
	expect("203.0.113.77", XDP_PASS, "in_set");  /* in it a partner's /32 */
	expect("198.51.100.77", XDP_PASS, "in_set"); /* of both */
	assert_int_equal(rules_each(rig.chain, SLOT, see, &seen, NULL), 0);
	assert_string_equal(seen.text, "1 partners 2;2 customers 1;");
}

static void test_lists_change(void **state)
{
	(void)state;
	put("set=customers");
	expect("203.0.113.4", XDP_DROP, "in_set");
	write_file(customers, "192.0.2.0/25\n");
	put("set=customers");
	expect("203.0.113.4", XDP_PASS, "");
	expect("192.0.2.4", XDP_DROP, "in_set");
	write_file(customers, "");
	put("set=customers");
	expect("192.0.2.4", XDP_PASS, "");
}

static const struct {
	const char *words, *says;
} bad[] = {
	{ "", "kind set needs a set: add set: [NAME, ...]" },
	{ "set=cats", "set: cats: no such set: customers, partners" },
	{ "set=customers action=kill", "action: kill: drop, pass or next is wanted" },
	{ "set=customers others=pass", "others: pass: next or drop is wanted" },
	{ "set=customers rule=10.0.0.1", "takes no rules" },
};

static void test_bad(void **state)
{
	struct policing p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fail f = { 0 };

		print_message("  %s\n", bad[i].words);
		assert_int_equal(
			policing_make_sets(&p, "set", bad[i].words, sets, ARRAY_SIZE(sets), &f),
			-EINVAL);
		if (!strstr(f.text, bad[i].says))
			fail_msg("says: %s", f.text);
		policing_free(&p);
	}
}

static int fill_files(void **state)
{
	(void)state;
	write_file(customers, "203.0.113.0/24\n2001:db8:1::/48\n198.51.100.77\n");
	write_file(partners, "198.51.100.0/24\n203.0.113.77\n198.51.100.77\n");
	return 0;
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "pst");
	return close(mkstemp(customers)) || close(mkstemp(partners));
}

static int teardown(void **state)
{
	(void)state;
	unlink(customers);
	unlink(partners);
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_decides, fill_files),
		cmocka_unit_test_setup(test_no_address, fill_files),
		cmocka_unit_test_setup(test_rules, fill_files),
		cmocka_unit_test_setup(test_lists_change, fill_files),
		cmocka_unit_test_setup(test_bad, fill_files),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
