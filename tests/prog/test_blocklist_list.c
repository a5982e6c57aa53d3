// SPDX-License-Identifier: GPL-2.0
/* The list of a blocklist stage as lib/blocklist keeps it: ids, hits, a full map, a dead writer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

#include "lib/blocklist.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define SLOT 1

static struct rig rig;
static struct blocklist *list;

static void reopen(void)
{
	struct fail f = { 0 };

	blocklist_close(list);
	list = NULL;
	if (blocklist_open(rig.chain, SLOT, &list, &f))
		fail_msg("%s", f.text);
}

/* A new, empty list with room for @max prefixes of a family. */
static void fresh(__u32 max)
{
	blocklist_close(list);
	list = NULL;
	assert_int_equal(stage_unload(rig.chain, SLOT, NULL), 0);
	assert_int_equal(blocklist_load(rig.chain, SLOT, max, NULL), 0);
	reopen();
}

static int add(const char *text, const struct blocklist_want *want, __u32 *rule, struct fail *f)
{
	static const struct blocklist_want plain;
	struct prefix p;
	__u32 ignored;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	return blocklist_add(list, &p, want ? want : &plain, rule ? rule : &ignored, f);
}

static int del(const char *text, struct fail *f)
{
	struct prefix p;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	return blocklist_del(list, &p, f);
}

static int pass_or_drop(const char *src)
{
	const struct frame frame = { .src = src, .dst = "192.0.2.1", .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];
	__u32 len = frame_make(buf, &frame, NULL);

	return rig_run(&rig, buf, len, NULL, 0, NULL);
}

struct find {
	__u32 rule;
	struct blocklist_item item;
	struct chain_rule text;
	int count;
};

static int find_one(const struct blocklist_item *item, void *arg)
{
	struct find *find = arg;

	find->count++;
	if (item->rule == find->rule)
		find->item = *item;
	return 0;
}

static struct find find(__u32 rule)
{
	struct find found = { .rule = rule };

	reopen();
	assert_int_equal(blocklist_each(list, find_one, &found, NULL), 0);
	assert_int_equal(blocklist_rule(list, rule, &found.text), 0);
	return found;
}

static void test_update_keeps_rule_and_hits(void **state)
{
	const struct blocklist_want first = { .note = "scanner" };
	const struct blocklist_want second = { .expires_ns = now_ns() + 60 * NSEC };
	const struct blocklist_want third = { .note = "" };
	__u32 rule, again;
	struct find found;

	(void)state;
	fresh(10);
	assert_int_equal(add("203.0.113.0/24", &first, &rule, NULL), 1);
	assert_int_equal(pass_or_drop("203.0.113.1"), XDP_DROP);
	assert_int_equal(pass_or_drop("203.0.113.2"), XDP_DROP);
	assert_int_equal(add("203.0.113.0/24", &second, &again, NULL), 0);
	assert_int_equal(again, rule);
	found = find(rule);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.item.hits, 2);
	assert_int_equal(found.item.expires_ns, second.expires_ns);
	assert_string_equal(found.text.note, "scanner");
	assert_int_equal(add("203.0.113.0/24", &third, &again, NULL), 0);
	found = find(rule);
	assert_int_equal(found.item.expires_ns, 0);
	assert_string_equal(found.text.note, "");
}

static void test_delete_errors(void **state)
{
	struct fail f = { 0 };

	(void)state;
	fresh(10);
	assert_int_equal(add("203.0.113.0/24", NULL, NULL, NULL), 1);
	assert_int_equal(del("203.0.113.7", &f), -ENOENT);
	assert_non_null(strstr(f.text, "203.0.113.0/24 is, which holds it"));
	assert_int_equal(del("203.0.112.0/23", &f), -ENOENT);
	assert_non_null(strstr(f.text, "203.0.112.0/23: not blocked"));
	assert_int_equal(pass_or_drop("203.0.113.7"), XDP_DROP);
	assert_int_equal(del("203.0.113.0/24", &f), 0);
	assert_int_equal(del("203.0.113.0/24", &f), -ENOENT);
	assert_int_equal(pass_or_drop("203.0.113.7"), XDP_PASS);
}

static void test_full(void **state)
{
	struct blocklist_size size;
	struct fail f = { 0 };

	(void)state;
	fresh(3);
	assert_int_equal(add("203.0.113.1", NULL, NULL, NULL), 1);
	assert_int_equal(add("203.0.113.2", NULL, NULL, NULL), 1);
	assert_int_equal(add("203.0.113.3", NULL, NULL, NULL), 1);
	assert_int_equal(add("203.0.113.4", NULL, NULL, &f), -ENOSPC);
	assert_non_null(strstr(f.text, "full with 3 prefixes"));
	assert_non_null(strstr(f.text, "--max-prefixes"));
	assert_int_equal(pass_or_drop("203.0.113.3"), XDP_DROP);
	assert_int_equal(pass_or_drop("203.0.113.4"), XDP_PASS);
	assert_int_equal(add("2001:db8::1", NULL, NULL, NULL), 1); /* the other family has room */
	assert_int_equal(del("203.0.113.1", NULL), 0);
	assert_int_equal(add("203.0.113.4", NULL, NULL, NULL), 1);
	assert_int_equal(pass_or_drop("203.0.113.4"), XDP_DROP);
	assert_int_equal(blocklist_size(list, &size), 0);
	assert_int_equal(size.count4, 3);
	assert_int_equal(size.count6, 1);
	assert_int_equal(size.max, 3);
}

/* More rules than have a counter a CPU; and an id that comes back starts at no hits. */
static void test_many_rules(void **state)
{
	static const struct blocklist_want plain;
	struct prefix p = { .len = 32, .family = AF_INET };
	__u32 rule, slow = 0;

	(void)state;
	fresh(70000);
	for (__u32 i = 1; i <= 66000; i++) {
		p.addr[0] = htonl(0x0a000000 + i);
		assert_int_equal(blocklist_add(list, &p, &plain, &rule, NULL), 1);
		slow = rule > slow ? rule : slow;
	}
	assert_in_range(slow, BLOCKLIST_FAST, BLOCKLIST_FAST + 1000);
	for (int i = 0; i < 3; i++)
		assert_int_equal(pass_or_drop("10.1.1.208"), XDP_DROP); /* the last one */
	assert_int_equal(find(slow).item.hits, 3);
	assert_int_equal(find(slow).count, 66000);
	/* update of a rule that counts in its entry */
	assert_int_equal(add("10.1.1.208", NULL, &rule, NULL), 0);
	assert_int_equal(pass_or_drop("10.1.1.208"), XDP_DROP);
	assert_int_equal(find(slow).item.hits, 4);

	assert_int_equal(pass_or_drop("10.0.0.5"), XDP_DROP);
	assert_int_equal(find(5).item.hits, 1);
	assert_int_equal(del("10.0.0.5", NULL), 0);
	assert_int_equal(add("192.0.2.5", NULL, &rule, NULL), 1);
	assert_int_equal(rule, 5);
	assert_int_equal(find(5).item.hits, 0);
	assert_int_equal(pass_or_drop("192.0.2.5"), XDP_DROP);
	assert_int_equal(find(5).item.hits, 1);
}

static int rules_count(void)
{
	__u32 key, *at = NULL;
	int n = 0, fd = stage_map(rig.chain, SLOT, "rules");

	for (; !bpf_map_get_next_key(fd, at, &key); at = &key)
		n++;
	close(fd);
	return n;
}

/* Batches, with prefixes among them that are blocked already, up to a list that is full. */
static void test_add_many(void **state)
{
	static const struct blocklist_want want = { .note = "bulk" };
	static struct prefix v[70100];
	struct blocklist_added sum;
	struct fail f = { 0 };
	__u32 rule;

	(void)state;
	fresh(70000);
	for (__u32 i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = (struct prefix){ { htonl(0x0a000000 + i) }, 32, AF_INET };
	assert_int_equal(blocklist_add_many(list, v, 66000, &want, &sum, NULL), 0);
	assert_int_equal(sum.added, 66000);
	assert_int_equal(sum.updated, 0);
	assert_int_equal(blocklist_add_many(list, v + 60000, 7000, &want, &sum, NULL), 0);
	assert_int_equal(sum.added, 1000);
	assert_int_equal(sum.updated, 6000);
	assert_int_equal(rules_count(), 67000);
	assert_int_equal(blocklist_add(list, &v[66999], &want, &rule, NULL), 0);
	assert_int_equal(pass_or_drop("10.1.5.183"), XDP_DROP); /* the last one */
	assert_int_equal(pass_or_drop("10.1.5.184"), XDP_PASS);
	assert_int_equal(find(rule).item.hits, 1);
	assert_string_equal(find(rule).text.text, "10.1.5.183/32");
	assert_string_equal(find(rule).text.note, "bulk");

	assert_int_equal(blocklist_add_many(list, v, ARRAY_SIZE(v), &want, &sum, &f), -ENOSPC);
	assert_int_equal(sum.added, 3000);
	assert_non_null(strstr(f.text, "10.1.17.112/32: the list is full"));
	assert_int_equal(rules_count(), 70000);
	reopen();
	assert_int_equal(find(rule).count, 70000);
}

static void test_add_many_v6(void **state)
{
	static const struct blocklist_want plain;
	static struct prefix v[300];
	struct blocklist_added sum;

	(void)state;
	fresh(1000);
	for (__u32 i = 0; i < ARRAY_SIZE(v); i++)
		v[i] = i < 100 ? (struct prefix){ { htonl(0x0a000000 + i) }, 32, AF_INET }
			       : (struct prefix){ { htonl(0x20010db8), htonl(i) }, 64, AF_INET6 };
	assert_int_equal(blocklist_add_many(list, v, ARRAY_SIZE(v), &plain, &sum, NULL), 0);
	assert_int_equal(sum.added, 300);
	assert_int_equal(pass_or_drop("10.0.0.99"), XDP_DROP);
	assert_int_equal(find(1).count, 300);
}

static void test_bitmaps_made_anew(void **state)
{
	static const struct blocklist_want plain;
	struct prefix p = { .len = 24, .family = AF_INET };
	int fd = stage_map(rig.chain, SLOT, "cover4");
	__u32 rule, word = 10 << 10;
	__u64 bits;

	(void)state;
	close(fd);
	fresh(5000);
	fd = stage_map(rig.chain, SLOT, "cover4");
	assert_int_equal(add("10.0.7.0/24", NULL, NULL, NULL), 1);
	for (__u32 i = 8; i < 3000; i++) {
		p.addr[0] = htonl(0x0a000000 + (i << 8));
		assert_int_equal(blocklist_add(list, &p, &plain, &rule, NULL), 1);
	}
	assert_int_equal(bpf_map_lookup_elem(fd, &word, &bits), 0);
	assert_true(bits == ~0x7fULL);
	for (__u32 i = 8; i < 3000; i++) {
		p.addr[0] = htonl(0x0a000000 + (i << 8));
		assert_int_equal(blocklist_del(list, &p, NULL), 0);
	}
	reopen();
	assert_int_equal(bpf_map_lookup_elem(fd, &word, &bits), 0);
	assert_true(bits == 0x80);
	assert_int_equal(pass_or_drop("10.0.7.7"), XDP_DROP);
	assert_int_equal(pass_or_drop("10.0.8.7"), XDP_PASS);
	close(fd);
}

/* A writer that was killed: its mark is there, its rule without a prefix, its counts wrong. */
static void test_killed_writer(void **state)
{
	int state_fd, rules_fd;
	struct chain_rule orphan = { .text = "198.51.100.0/24" }, rule;
	struct chain_rule other = { .text = "203.0.113.0/24" }; /* of a prefix with another rule */
	struct blocklist_size size;
	struct blocklist_state st;
	__u32 zero = 0, id = 77, id2 = 78, kept;

	(void)state;
	fresh(10);
	assert_int_equal(add("203.0.113.0/24", NULL, &kept, NULL), 1);
	blocklist_close(list);
	list = NULL;
	state_fd = stage_map(rig.chain, SLOT, "state");
	rules_fd = stage_map(rig.chain, SLOT, "rules");
	assert_int_equal(bpf_map_lookup_elem(state_fd, &zero, &st), 0);
	assert_int_equal(st.busy, 0);
	st.busy = 1;
	st.count4 = 0;
	assert_int_equal(bpf_map_update_elem(state_fd, &zero, &st, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(rules_fd, &id, &orphan, BPF_ANY), 0);
	assert_int_equal(bpf_map_update_elem(rules_fd, &id2, &other, BPF_ANY), 0);
	reopen();
	assert_int_equal(bpf_map_lookup_elem(rules_fd, &id, &rule), -ENOENT);
	assert_int_equal(bpf_map_lookup_elem(rules_fd, &id2, &rule), -ENOENT);
	assert_int_equal(bpf_map_lookup_elem(rules_fd, &kept, &rule), 0);
	assert_int_equal(blocklist_size(list, &size), 0);
	assert_int_equal(size.count4, 1);
	assert_int_equal(pass_or_drop("203.0.113.1"), XDP_DROP);
	close(state_fd);
	close(rules_fd);
}

static void test_survives_replacement(void **state)
{
	__u32 rule;

	(void)state;
	fresh(10);
	assert_int_equal(add("203.0.113.0/24", NULL, &rule, NULL), 1);
	assert_int_equal(pass_or_drop("203.0.113.1"), XDP_DROP);
	blocklist_close(list);
	list = NULL;
	assert_int_equal(blocklist_load(rig.chain, SLOT, 10, NULL), 0);
	assert_int_equal(pass_or_drop("203.0.113.1"), XDP_DROP);
	assert_int_equal(find(rule).item.hits, 2);
}

static void test_open_errors(void **state)
{
	struct blocklist *none = NULL;
	struct fail f = { 0 };

	(void)state;
	assert_int_equal(blocklist_open(rig.chain, 3, &none, &f), -ENOENT);
	assert_null(none);
	assert_int_equal(blocklist_load(rig.chain, 3, 0, &f), -EINVAL);
	assert_int_equal(blocklist_load(rig.chain, 3, BLOCKLIST_MAX_LIMIT + 1, &f), -EINVAL);
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "dbs");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	blocklist_close(list);
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_update_keeps_rule_and_hits),
		cmocka_unit_test(test_delete_errors),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_many_rules),
		cmocka_unit_test(test_add_many),
		cmocka_unit_test(test_add_many_v6),
		cmocka_unit_test(test_bitmaps_made_anew),
		cmocka_unit_test(test_killed_writer),
		cmocka_unit_test(test_survives_replacement),
		cmocka_unit_test(test_open_errors),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
