// SPDX-License-Identifier: GPL-2.0
/* Hits of rules that count in their slot of the table: past 2^32, and on into a larger table. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

#include "lib/blocklist.h"
#include "lib/cover.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define SLOT 1
#define MANY 40000

static struct rig rig;

static struct blocklist *open_list(void)
{
	struct blocklist *list = NULL;
	struct fail f = { 0 };

	if (blocklist_open(rig.chain, SLOT, &list, &f))
		fail_msg("%s", f.text);
	return list;
}

static int map_fd(const void *arg, const char *name)
{
	(void)arg;
	return stage_map(rig.chain, SLOT, name);
}

/* Rules 1 to 64 in use: the next one counts in its slot. */
static void crowd(void)
{
	const struct chain_rule rule = { .text = "192.0.2.0/24" };
	int rules = stage_map(rig.chain, SLOT, "rules");

	for (__u32 id = 1; id <= 64; id++)
		assert_int_equal(bpf_map_update_elem(rules, &id, &rule, BPF_ANY), 0);
	close(rules);
}

struct hits {
	struct prefix prefix;
	__u64 hits;
};

static int find_one(const struct blocklist_item *item, void *arg)
{
	struct hits *h = arg;

	if (!prefix_cmp(&item->prefix, &h->prefix))
		h->hits = item->hits;
	return 0;
}

static __u64 hits_of(const char *text)
{
	struct hits h = { .hits = ~0ULL };
	struct blocklist *list = open_list();

	assert_int_equal(prefix_parse(text, &h.prefix, NULL), 0);
	assert_int_equal(blocklist_each(list, find_one, &h, NULL), 0);
	blocklist_close(list);
	return h.hits;
}

static void offer(const char *src, int times)
{
	const struct frame frame = { .src = src,
				     .dst = strchr(src, ':') ? "2001:db8:f::1" : "192.0.2.1",
				     .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];
	__u32 len = frame_make(buf, &frame, NULL);

	while (times--)
		assert_int_equal(rig_run(&rig, buf, len, NULL, 0, NULL), XDP_DROP);
}

static void set_slot(const char *text, __u32 hits)
{
	struct cover c;
	struct prefix p;
	struct ptable_slot *slot;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	assert_int_equal(cover_map(&c, map_fd, NULL, 0), 0);
	slot = ptable_find(&c.tables[ptable_family(&p)].now, &p);
	assert_non_null(slot);
	assert_in_range(ptable_rule(slot), BLOCKLIST_FAST, PTABLE_RULE_MAX);
	slot->hits = hits;
	cover_unmap(&c);
}

/* A rule that counts in its slot: past what that holds, and on into a larger table. */
static void test_hits_in_the_slot(void **state)
{
	static const char *const cases[][2] = {
		{ "203.0.113.7/32", "203.0.113.7" },
		{ "203.0.114.0/23", "203.0.115.9" },
		{ "128.0.0.0/1", "198.51.100.1" },
		{ "2001:db8::/32", "2001:db8:1::2" },
		{ "2001:db9::5/128", "2001:db9::5" },
		{ "8000::/1", "fd00::1" },
		{ "2001:db8:7:8000::/49", "2001:db8:7:8001::1" },
	};
	const struct blocklist_want plain = { 0 }, hour = { .expires_ns = now_ns() + 3600 * NSEC };
	static struct prefix others[MANY];
	struct blocklist_added sum;
	struct blocklist *list;
	struct prefix p;
	__u32 rule;

	(void)state;
	crowd();
	for (__u32 i = 0; i < MANY; i++)
		others[i] =
			i < MANY / 2
				? (struct prefix){ { htonl(0x0a000000 + i) }, 32, AF_INET }
				: (struct prefix){ { htonl(0x20020db8), htonl(i) }, 64, AF_INET6 };
	list = open_list();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(prefix_parse(cases[i][0], &p, NULL), 0);
		assert_int_equal(blocklist_add(list, &p, &plain, &rule, NULL), 1);
	}
	blocklist_close(list);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("  %s\n", cases[i][0]);
		offer(cases[i][1], 3);
		assert_int_equal(hits_of(cases[i][0]), 3);
		set_slot(cases[i][0], ~0u - 1);
		offer(cases[i][1], 4);
		assert_int_equal(hits_of(cases[i][0]), (1ULL << 32) + 2);
	}
	list = open_list();
	assert_int_equal(blocklist_add_many(list, others, MANY, &plain, &sum, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(prefix_parse(cases[i][0], &p, NULL), 0);
		assert_int_equal(blocklist_add(list, &p, &hour, &rule, NULL), 0);
	}
	blocklist_close(list);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		offer(cases[i][1], 1);
		assert_int_equal(hits_of(cases[i][0]), (1ULL << 32) + 3);
	}
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "dbh");
	assert_int_equal(blocklist_load(rig.chain, SLOT, MANY, NULL), 0);
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
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_hits_in_the_slot) };

	return cmocka_run_group_tests(tests, setup, teardown);
}
