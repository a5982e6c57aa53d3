// SPDX-License-Identifier: GPL-2.0
/* The blocklist stage behind the root: what it drops, by which rule, and that it touches nothing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
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
#define MAX  1000

enum { REASON_PREFIX = 1 }; /* enum blocklist_reason of the stage */

static struct rig rig;
static struct blocklist *list;

static struct prefix prefix(const char *text)
{
	struct prefix p = { 0 };

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	return p;
}

static __u32 block(const char *text, __u64 expires_ns)
{
	const struct blocklist_want want = { .expires_ns = expires_ns };
	struct prefix p = prefix(text);
	struct fail f = { 0 };
	__u32 rule = 0;

	if (blocklist_add(list, &p, &want, &rule, &f) < 0)
		fail_msg("%s", f.text);
	return rule;
}

static void unblock(const char *text)
{
	struct prefix p = prefix(text);

	assert_int_equal(blocklist_del(list, &p, NULL), 0);
}

struct find {
	const char *text;
	struct blocklist_item item;
	int count;
};

static int find_one(const struct blocklist_item *item, void *arg)
{
	struct find *find = arg;
	char text[PREFIX_TEXT];

	find->count++;
	if (find->text && !strcmp(prefix_text(&item->prefix, text), find->text))
		find->item = *item;
	return 0;
}

static void reopen(void)
{
	blocklist_close(list);
	list = NULL;
	assert_int_equal(blocklist_open(rig.chain, SLOT, &list, NULL), 0);
}

static __u64 hits(const char *text)
{
	struct find find = { .text = text };

	reopen(); /* what it read before would be shown again */
	assert_int_equal(blocklist_each(list, find_one, &find, NULL), 0);
	assert_int_not_equal(find.item.rule, 0);
	return find.item.hits;
}

static int count(void)
{
	struct find find = { 0 };

	assert_int_equal(blocklist_each(list, find_one, &find, NULL), 0);
	return find.count;
}

static void empty(void)
{
	blocklist_close(list);
	list = NULL;
	assert_int_equal(stage_unload(rig.chain, SLOT, NULL), 0);
	assert_int_equal(blocklist_load(rig.chain, SLOT, MAX, NULL), 0);
	reopen();
}

/* One packet: that it comes out as it went in, and that all counters say what the verdict says. */
static int run(const void *pkt, __u32 len)
{
	static struct chain_totals before, after;
	unsigned char out[FRAME_MAX];
	struct chain_count *v = after.verdicts[SLOT], *r = after.reasons[SLOT];
	__u32 out_len = 0;
	int verdict, drop;

	assert_int_equal(chain_totals(rig.chain, &before), 0);
	verdict = rig_run(&rig, pkt, len, out, sizeof(out), &out_len);
	assert_int_equal(chain_totals(rig.chain, &after), 0);
	assert_int_equal(out_len, len);
	assert_memory_equal(out, pkt, len);
	drop = verdict == XDP_DROP;
	assert_int_equal(v[CHAIN_DROP].packets - before.verdicts[SLOT][CHAIN_DROP].packets, drop);
	assert_int_equal(v[CHAIN_DROP].bytes - before.verdicts[SLOT][CHAIN_DROP].bytes, drop * len);
	assert_int_equal(v[CHAIN_NEXT].packets - before.verdicts[SLOT][CHAIN_NEXT].packets, !drop);
	assert_int_equal(r[REASON_PREFIX].packets - before.reasons[SLOT][REASON_PREFIX].packets,
			 drop);
	return verdict;
}

static int run_from(const char *src)
{
	const struct frame f = { .src = src,
				 .dst = strchr(src, ':') ? "2001:db8:ffff::1" : "192.0.2.1",
				 .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];

	return run(buf, frame_make(buf, &f, NULL));
}

#define V4    .dst = "192.0.2.1"
#define V6    .dst = "2001:db8:ffff::1"
#define FROM4 .src = "203.0.113.77", V4
#define FROM6 .src = "2001:db8:1:2::77", V6

static const struct {
	const char *name;
	const char *block[3];
	struct frame frame;
	const char *hit; /* which of them; NULL: the packet passes */
} cases[] = {
	{ "empty list", { NULL }, { FROM4, .proto = IPPROTO_UDP }, NULL },
	{ "address", { "203.0.113.77" }, { FROM4, .proto = IPPROTO_UDP }, "203.0.113.77/32" },
	{ "tcp", { "203.0.113.0/24" }, { FROM4, .proto = IPPROTO_TCP }, "203.0.113.0/24" },
	{ "icmp", { "203.0.113.0/24" }, { FROM4, .proto = IPPROTO_ICMP }, "203.0.113.0/24" },
	{ "other protocol", { "203.0.113.0/24" }, { FROM4, .proto = 132 }, "203.0.113.0/24" },
	{ "neighbour in the same /24", { "203.0.113.76" }, { FROM4, .proto = 17 }, NULL },
	{ "/23", { "203.0.112.0/23" }, { FROM4, .proto = 17 }, "203.0.112.0/23" },
	{ "/18, a whole word", { "203.0.64.0/18" }, { FROM4, .proto = 17 }, "203.0.64.0/18" },
	{ "/17, two words", { "203.0.0.0/17" }, { FROM4, .proto = 17 }, "203.0.0.0/17" },
	{ "/8", { "203.0.0.0/8" }, { FROM4, .proto = 17 }, "203.0.0.0/8" },
	{ "/0", { "0.0.0.0/0" }, { FROM4, .proto = 17 }, "0.0.0.0/0" },
	{ "/0 holds no IPv6", { "0.0.0.0/0" }, { FROM6, .proto = 17 }, NULL },
	{ "longest of three",
	  { "203.0.0.0/16", "203.0.113.64/26", "203.0.113.0/24" },
	  { FROM4, .proto = 17 },
	  "203.0.113.64/26" },
	{ "longer beside it",
	  { "203.0.0.0/16", "203.0.113.128/25" },
	  { FROM4, .proto = 17 },
	  "203.0.0.0/16" },
	{ "destination is not looked at", { "192.0.2.0/24" }, { FROM4, .proto = 17 }, NULL },
	{ "vlan", { "203.0.113.0/24" }, { FROM4, .proto = 17, .tags = 1 }, "203.0.113.0/24" },
	{ "two tags", { "203.0.113.0/24" }, { FROM4, .proto = 17, .tags = 2 }, "203.0.113.0/24" },
	{ "options", { "203.0.113.0/24" }, { FROM4, .proto = 6, .options = 8 }, "203.0.113.0/24" },
	{ "first fragment",
	  { "203.0.113.0/24" },
	  { FROM4, .proto = 17, .frag = -1, .payload = 32 },
	  "203.0.113.0/24" },
	{ "later fragment",
	  { "203.0.113.0/24" },
	  { FROM4, .proto = 17, .frag = 64, .payload = 32 },
	  "203.0.113.0/24" },
	{ "v6 address", { "2001:db8:1:2::77" }, { FROM6, .proto = 17 }, "2001:db8:1:2::77/128" },
	{ "v6 tcp", { "2001:db8:1:2::/64" }, { FROM6, .proto = 6 }, "2001:db8:1:2::/64" },
	{ "v6 icmp", { "2001:db8:1:2::/64" }, { FROM6, .proto = 58 }, "2001:db8:1:2::/64" },
	{ "v6 /48", { "2001:db8:1::/48" }, { FROM6, .proto = 17 }, "2001:db8:1::/48" },
	{ "v6 /47", { "2001:db8::/47" }, { FROM6, .proto = 17 }, "2001:db8::/47" },
	{ "v6 /32", { "2001:db8::/32" }, { FROM6, .proto = 17 }, "2001:db8::/32" },
	{ "v6 /20", { "2001::/20" }, { FROM6, .proto = 17 }, "2001::/20" },
	{ "v6 /13, the whole bitmap", { "2000::/13" }, { FROM6, .proto = 17 }, "2000::/13" },
	{ "v6 /0", { "::/0" }, { FROM6, .proto = 17 }, "::/0" },
	{ "v6 /0 holds no IPv4", { "::/0" }, { FROM4, .proto = 17 }, NULL },
	{ "v6 neighbour", { "2001:db8:1:2::76" }, { FROM6, .proto = 17 }, NULL },
	{ "v6 longest",
	  { "2001:db8::/32", "2001:db8:1:2::77", "2001:db8:1::/48" },
	  { FROM6, .proto = 17 },
	  "2001:db8:1:2::77/128" },
	{ "v6 vlan", { "2001:db8::/32" }, { FROM6, .proto = 17, .tags = 2 }, "2001:db8::/32" },
	{ "v6 extension",
	  { "2001:db8::/32" },
	  { FROM6, .proto = 6, .options = 16 },
	  "2001:db8::/32" },
	{ "v6 later fragment",
	  { "2001:db8::/32" },
	  { FROM6, .proto = 17, .frag = 64, .payload = 32 },
	  "2001:db8::/32" },
};

static void test_decides(void **state)
{
	unsigned char buf[FRAME_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("  %s\n", cases[i].name);
		for (size_t j = 0; j < 3 && cases[i].block[j]; j++)
			block(cases[i].block[j], 0);
		assert_int_equal(run(buf, frame_make(buf, &cases[i].frame, NULL)),
				 cases[i].hit ? XDP_DROP : XDP_PASS);
		if (cases[i].hit)
			assert_int_equal(hits(cases[i].hit), 1);
		for (size_t j = 0; j < 3 && cases[i].block[j]; j++)
			unblock(cases[i].block[j]);
		assert_int_equal(run(buf, frame_make(buf, &cases[i].frame, NULL)), XDP_PASS);
	}
}

static void test_arp_passes(void **state)
{
	unsigned char arp[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6, 0, 1, 8, 0, 6, 4 };

	(void)state;
	block("0.0.0.0/0", 0);
	block("::/0", 0);
	assert_int_equal(run(arp, sizeof(arp)), XDP_PASS);
	empty();
}

/* Cut at every byte: dropped exactly when the IP header, and so the source, is there in full. */
static void test_truncated(void **state)
{
	static const struct frame frames[] = {
		{ FROM4, .proto = IPPROTO_TCP, .tags = 1, .options = 4, .payload = 4 },
		{ FROM6, .proto = IPPROTO_UDP, .tags = 2, .options = 8, .payload = 4 },
	};
	unsigned char buf[FRAME_MAX];

	(void)state;
	block("0.0.0.0/0", 0);
	block("::/0", 0);
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		__u32 l3, full = frame_make(buf, &frames[i], &l3);
		__u32 header = i ? 40 : 20;

		for (__u32 len = 14; len <= full; len++) /* the kernel takes none below 14 */
			assert_int_equal(run(buf, len), len >= l3 + header ? XDP_DROP : XDP_PASS);
	}
	empty();
}

static void test_expiry(void **state)
{
	__u64 past = 1, future = now_ns() + 3600 * NSEC;
	char text[PREFIX_TEXT];

	(void)state;
	block("203.0.113.77", past);
	assert_int_equal(run_from("203.0.113.77"), XDP_PASS);
	block("203.0.113.77", future);
	assert_int_equal(run_from("203.0.113.77"), XDP_DROP);
	/* What has expired does not hide what still holds, however many are between. */
	block("203.0.113.0/24", 0);
	for (int len = 25; len <= 32; len++) {
		snprintf(text, sizeof(text), "203.0.113.%u/%d", 77 & ~((1u << (32 - len)) - 1),
			 len);
		block(text, past);
	}
	assert_int_equal(run_from("203.0.113.77"), XDP_DROP);
	block("203.0.113.0/24", past);
	assert_int_equal(run_from("203.0.113.77"), XDP_PASS);
	block("0.0.0.0/0", past);
	assert_int_equal(run_from("203.0.113.77"), XDP_PASS);
	empty();
}

/* All 129 prefixes of an address; all but the shortest have expired. */
static void test_expiry_v6(void **state)
{
	const struct blocklist_want past = { .expires_ns = 1 }, never = { 0 };
	struct prefix p = prefix("::/0");
	__u32 rule;

	(void)state;
	for (p.len = 0; p.len <= 128; p.len++)
		assert_int_equal(blocklist_add(list, &p, p.len ? &past : &never, &rule, NULL), 1);
	assert_int_equal(run_from("::"), XDP_DROP);
	assert_int_equal(hits("::/0"), 1);
	assert_int_equal(count(), 1);
	empty();
}

static void test_sweep(void **state)
{
	struct blocklist_size size;
	int rules = stage_map(rig.chain, SLOT, "rules");
	struct chain_rule rule;
	__u32 gone, stays;

	(void)state;
	gone = block("198.51.100.0/24", now_ns() + NSEC / 100);
	block("2001:db8::/32", 1);
	stays = block("203.0.113.0/24", 0);
	while (run_from("198.51.100.1") != XDP_PASS)
		; /* until the kernel says that it has expired */
	assert_int_equal(count(), 1);
	assert_int_equal(bpf_map_lookup_elem(rules, &gone, &rule), 0);
	reopen(); /* sweeps */
	assert_int_equal(bpf_map_lookup_elem(rules, &gone, &rule), -ENOENT);
	assert_int_equal(bpf_map_lookup_elem(rules, &stays, &rule), 0);
	assert_string_equal(rule.text, "203.0.113.0/24");
	assert_int_equal(blocklist_size(list, &size), 0);
	assert_int_equal(size.count4, 1);
	assert_int_equal(size.count6, 0);
	assert_int_equal(run_from("203.0.113.9"), XDP_DROP);
	close(rules);
	empty();
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "dbl");
	assert_int_equal(blocklist_load(rig.chain, SLOT, MAX, NULL), 0);
	reopen();
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
		cmocka_unit_test(test_decides),	  cmocka_unit_test(test_arp_passes),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_expiry_v6), cmocka_unit_test(test_sweep),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
