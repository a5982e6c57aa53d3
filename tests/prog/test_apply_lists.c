// SPDX-License-Identifier: GPL-2.0
/*
 * A list of prefixes that goes on is changed in place. When another chain cannot be settled, every
 * list is what it was: prefixes, rule ids, notes, times, hits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>

#include "lib/blocklist.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/applyrig.h"
#include "tests/rig.h"

#define ROOM 6
#define LIST                                                                                       \
	"policers:\n  - name: mine\n    kind: blocklist\n    params: {max_prefixes: 6}\n    "      \
	"rules:\n"
#define RULE(prefix)	    "    - {match: " prefix "}\n"
#define NOTED(prefix, note) "    - {match: " prefix ", note: " note "}\n"

/* The packet of applyrig_run() is of the last one. */
#define BEFORE                                                                                     \
	IFACES LIST RULE("10.0.0.0/8") NOTED("192.0.2.0/24", "old") RULE("198.51.100.0/24")        \
		NOTED("2001:db8::/32", "six") "    - {match: 203.0.113.0/24, expires: 1h}\n"

struct entry {
	struct blocklist_item item;
	struct chain_rule rule;
};

struct list {
	struct blocklist *b;
	struct entry v[2 * ROOM];
	size_t count;
};

static struct blocklist *open_list(const char *ifname, enum chain_access access, struct chain **c)
{
	struct blocklist *b;

	assert_int_equal(chain_open(ifname, access, c, NULL), 0);
	assert_int_equal(blocklist_open(*c, CHAIN_SLOT_POLICER_MIN, &b, NULL), 0);
	return b;
}

static int read_one(const struct blocklist_item *item, void *arg)
{
	struct list *l = arg;
	struct entry *e = &l->v[l->count++];

	memset(e, 0, sizeof(*e));
	e->item = *item;
	return blocklist_rule(l->b, item->rule, &e->rule);
}

static void read_list(const char *ifname, struct list *l)
{
	struct chain *c;

	memset(l, 0, sizeof(*l));
	l->b = open_list(ifname, CHAIN_READ, &c);
	assert_int_equal(blocklist_each(l->b, read_one, l, NULL), 0);
	blocklist_close(l->b);
	chain_close(c);
	l->b = NULL;
}

static void block(const char *ifname, const char *text)
{
	const struct blocklist_want want = { .note = "by hand" };
	struct chain *c;
	struct blocklist *b = open_list(ifname, CHAIN_WRITE, &c);
	struct prefix p;
	__u32 rule;

	assert_int_equal(prefix_parse(text, &p, NULL), 0);
	assert_true(blocklist_add(b, &p, &want, &rule, NULL) >= 0);
	blocklist_close(b);
	chain_close(c);
}

/* The rules of the second list cannot be written any more. */
static void frozen(void)
{
	struct chain *c;
	int fd;

	assert_int_equal(chain_open("xap1", CHAIN_READ, &c, NULL), 0);
	fd = stage_map(c, CHAIN_SLOT_POLICER_MIN, "rules");
	assert_int_equal(bpf_map_freeze(fd), 0);
	close(fd);
	chain_close(c);
}

/* A command has put as much on the second list as there is room for. */
static void full(void)
{
	block("xap1", "100.64.0.1");
	block("xap1", "203.0.113.0/24"); /* which the configuration has for an hour */
	block("xap1", "100.64.0.2");
}

static const struct {
	const char *name, *yaml;
	const char *why; /* NULL: it is applied */
	void (*harm)(void);
	int had_to_go; /* so that there was room: those come back with another id and no hits */
} cases[] = {
	{ "one that is new", IFACES LIST RULE("10.0.0.0/8") RULE("172.16.0.0/12"),
	  "xap1: 172.16.0.0/12", frozen, 0 },
	{ "another note, none, and a time that is gone",
	  IFACES LIST NOTED("192.0.2.0/24", "new") NOTED("10.0.0.0/8", "ten") RULE("203.0.113.0/24")
		  RULE("2001:db8::/32") RULE("9.0.0.0/8"),
	  "xap1: ", frozen, 0 },
	{ "what a command has put there",
	  IFACES LIST NOTED("10.9.0.0/16", "mine") RULE("9.0.0.0/8"), "xap1: ", frozen, 0 },
	{ "no room on the second",
	  IFACES LIST RULE("10.0.0.0/8") NOTED("192.0.2.0/24", "new") RULE("198.51.100.0/24")
		  RULE("203.0.113.0/24") RULE("9.0.0.0/8"),
	  "xap1: 9.0.0.0/8: the list is full", full, 0 },
	{ "all others, and no room on the second",
	  IFACES LIST RULE("1.0.0.0/8") RULE("2.0.0.0/8") RULE("3.0.0.0/8")
		  NOTED("4.0.0.0/8", "four") RULE("2001:db8:1::/48"),
	  "the list is full", full, 1 },
	{ "all others, and room",
	  IFACES LIST RULE("1.0.0.0/8") RULE("2.0.0.0/8") RULE("3.0.0.0/8") RULE("4.0.0.0/8")
		  NOTED("5.0.0.0/8", "five") RULE("2001:db8:1::/48"),
	  NULL, NULL, 0 },
};

static void assert_same(const struct list *a, const struct list *b, int had_to_go)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		const struct entry *x = &a->v[i], *y = &b->v[i];

		assert_memory_equal(&x->item.prefix, &y->item.prefix, sizeof(x->item.prefix));
		assert_int_equal(x->item.expires_ns, y->item.expires_ns);
		assert_int_equal(x->item.owner, y->item.owner);
		assert_string_equal(x->rule.text, y->rule.text);
		assert_string_equal(x->rule.note, y->rule.note);
		if (had_to_go)
			continue;
		assert_int_equal(x->item.rule, y->item.rule);
		assert_int_equal(x->item.hits, y->item.hits);
		assert_int_equal(x->rule.since_ns, y->rule.since_ns);
	}
}

/* Those that are configured are those of the file, and what a command has put there stays. */
static void assert_applied(const struct list *l, size_t by_hand)
{
	size_t conf = 0, run = 0;

	for (size_t i = 0; i < l->count; i++) {
		conf += l->v[i].item.owner == BLOCKLIST_CONF;
		run += l->v[i].item.owner == BLOCKLIST_RUN;
	}
	assert_int_equal(conf, 6);
	assert_int_equal(run, by_hand);
}

static void refused(size_t i, const struct list before[2])
{
	struct list after[2];
	struct fail f = { 0 };

	assert_true(applyrig_apply(cases[i].yaml, &f) < 0);
	if (!strstr(f.text, cases[i].why))
		print_message("    %s\n", f.text);
	assert_non_null(strstr(f.text, cases[i].why));
	for (int k = 0; k < 2; k++) {
		read_list(applyrig_ifnames[k], &after[k]);
		assert_same(&before[k], &after[k], cases[i].had_to_go);
		assert_int_equal(applyrig_run(applyrig_ifnames[k]), XDP_DROP);
	}
}

static void test_lists_go_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct list before[2];

		print_message("  %s\n", cases[i].name);
		applyrig_ok(BEFORE);
		assert_int_equal(applyrig_run("xap0"), XDP_DROP);
		block("xap0", "10.9.0.0/16");
		if (cases[i].harm)
			cases[i].harm();
		for (int k = 0; k < 2; k++)
			read_list(applyrig_ifnames[k], &before[k]);
		assert_int_equal(before[0].v[before[0].count - 2].item.hits, 1);
		if (cases[i].why) {
			refused(i, before);
		} else {
			applyrig_ok(cases[i].yaml);
			for (int k = 0; k < 2; k++)
				read_list(applyrig_ifnames[k], &before[k]);
			assert_applied(&before[0], 1);
			assert_applied(&before[1], 0);
		}
		for (int k = 0; k < 2; k++)
			chain_remove(applyrig_ifnames[k], NULL);
	}
}

/* What was refused is known to be what it was: the same file again changes nothing. */
static void test_known_again(void **state)
{
	struct fail f = { 0 };

	(void)state;
	applyrig_ok(BEFORE);
	full();
	assert_true(applyrig_apply(cases[3].yaml, &f) < 0);
	applyrig_ok(BEFORE);
	for (size_t i = 0; i < applyrig_result.count; i++)
		assert_int_equal(applyrig_result.lines[i].did, APPLY_KEPT);
	applyrig_ok(IFACES LIST RULE("203.0.113.0/24"));
	assert_int_equal(applyrig_run("xap0"), XDP_DROP);
	applyrig_ok(IFACES LIST RULE("9.0.0.0/8"));
	assert_int_equal(applyrig_run("xap0"), XDP_PASS);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, applyrig_up, applyrig_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_lists_go_back),
		CASE(test_known_again),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, applyrig_group_up, applyrig_group_down);
}
