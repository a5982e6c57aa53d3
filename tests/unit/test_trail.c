// SPDX-License-Identifier: GPL-2.0
/* test_trail - the forms of a trail, made anew and out of the cache. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/trail.h"
#include "lib/util.h"
#include "lib/record.h"
#include "xdpchain/chain.h"

struct names {
	bool known;
	unsigned int asked;
};

static bool name_stage(void *arg, __u32 slot, __u32 instance, char name[TRAIL_NAME])
{
	static const char *const stages[CHAIN_SLOTS] = { [0] = "firewall",
							 [1] = "blocklist",
							 [2] = "ratelimit",
							 [3] = "my stage",
							 [15] = "lb" };
	struct names *n = arg;

	n->asked++;
	if (!n->known || !stages[slot] || instance != 100 + slot)
		return false;
	strcpy(name, stages[slot]);
	return true;
}

static bool name_reason(void *arg, __u32 slot, __u32 instance, __u32 reason, char name[TRAIL_NAME])
{
	(void)instance;
	if (!((struct names *)arg)->known || reason > 4)
		return false;
	strcpy(name, slot == 15 ? "forward" : reason == 1 ? "prefix" : "near_limit");
	return true;
}

static bool name_rule(void *arg, __u32 slot, __u32 instance, __u32 rule, char text[TRAIL_NAME])
{
	(void)slot;
	(void)instance;
	if (!((struct names *)arg)->known || rule > 9)
		return false;
	strcpy(text, rule == 8 ? "udp and (port 53 || port 54)" : "203.0.113.0/24");
	return true;
}

/* Instance 100 + slot is the one whose name is known. */
#define STEP(s, v, ...)                                                                            \
	{                                                                                          \
		.slot = s, .verdict = v, .instance = 100 + (s), __VA_ARGS__                        \
	}
#define SHADOW(v) ((v) | EVENT_SHADOW)

static const struct row {
	const char *name;
	bool known, times;
	__u8 verdict, point, steps;
	struct event_step step[3];
	const char *text, *all, *comment;
} cases[] = {
	{ "dropped by a rule",
	  true,
	  true,
	  CHAIN_DROP,
	  0,
	  1,
	  { STEP(1, CHAIN_DROP, .reason = 1, .rule = 7, .ns = 212) },
	  " | DROP droplet/blocklist: prefix rule 7 (203.0.113.0/24), 212 ns",
	  " | DROP droplet/blocklist: prefix rule 7 (203.0.113.0/24), 212 ns",
	  "xdpchain/2 DROP; 1:blocklist DROP reason=1/prefix rule=7/203.0.113.0/24 212ns" },
	{ "passed to a real",
	  true,
	  false,
	  CHAIN_TX,
	  0,
	  2,
	  { STEP(1, CHAIN_NEXT), STEP(15, CHAIN_TX, .reason = 1, .rule = 3) },
	  " | TX lb: forward rule 3 (203.0.113.0/24)",
	  " | TX lb: forward rule 3 (203.0.113.0/24) | next droplet/blocklist",
	  "xdpchain/2 TX; 1:blocklist; "
	  "15:lb TX reason=1/forward rule=3/203.0.113.0/24" },
	{ "end of chain",
	  true,
	  true,
	  CHAIN_PASS,
	  0,
	  1,
	  { STEP(1, CHAIN_NEXT, .ns = 4294967295) },
	  " | PASS end of chain",
	  " | PASS end of chain | next droplet/blocklist, 4294967295 ns",
	  "xdpchain/2 PASS; 1:blocklist 4294967295ns" },
	{ "no stage at all",
	  true,
	  true,
	  CHAIN_PASS,
	  EVENT_ENTRY,
	  0,
	  { { 0 } },
	  " | PASS end of chain",
	  " | PASS end of chain",
	  "xdpchain/2 PASS entry" },
	{ "a note and a shadow before the end",
	  true,
	  false,
	  CHAIN_PASS,
	  0,
	  3,
	  { STEP(1, SHADOW(CHAIN_DROP), .reason = 1, .rule = 1), STEP(2, CHAIN_NEXT, .reason = 2),
	    STEP(15, CHAIN_PASS) },
	  " | PASS lb | would drop droplet/blocklist: prefix rule 1 (203.0.113.0/24)"
	  " | next droplet/ratelimit: near_limit",
	  " | PASS lb | would drop droplet/blocklist: prefix rule 1 (203.0.113.0/24)"
	  " | next droplet/ratelimit: near_limit",
	  "xdpchain/2 PASS; 1:blocklist would-DROP reason=1/prefix rule=1/203.0.113.0/24; "
	  "2:ratelimit NEXT reason=2/near_limit; 15:lb PASS" },
	{ "only a shadow",
	  true,
	  true,
	  CHAIN_PASS,
	  0,
	  1,
	  { STEP(1, SHADOW(CHAIN_DROP), .reason = 1, .ns = 5) },
	  " | PASS end of chain | would drop droplet/blocklist: prefix, 5 ns",
	  " | PASS end of chain | would drop droplet/blocklist: prefix, 5 ns",
	  "xdpchain/2 PASS; 1:blocklist would-DROP reason=1/prefix 5ns" },
	{ "nothing is known",
	  false,
	  true,
	  CHAIN_DROP,
	  0,
	  1,
	  { STEP(3, CHAIN_DROP, .reason = 5, .rule = 6) },
	  " | DROP slot3: reason 5 rule 6, 0 ns",
	  " | DROP slot3: reason 5 rule 6, 0 ns",
	  "xdpchain/2 DROP; 3 DROP reason=5 rule=6 0ns" },
	{ "names that need quotes",
	  true,
	  false,
	  CHAIN_DROP,
	  0,
	  1,
	  { STEP(3, CHAIN_DROP, .reason = 5, .rule = 8) },
	  " | DROP \"droplet/my stage\": reason 5 rule 8 (\"udp and (port 53 || port 54)\")",
	  " | DROP \"droplet/my stage\": reason 5 rule 8 (\"udp and (port 53 || port 54)\")",
	  "xdpchain/2 DROP; 3:\"my stage\" DROP reason=5 "
	  "rule=8/\"udp and (port 53 || port 54)\"" },
	{ "a stage of an older instance, and a verdict nobody knows",
	  true,
	  false,
	  6,
	  0,
	  1,
	  { { .slot = 1, .instance = 1, .verdict = 6 } },
	  " | verdict6 slot1",
	  " | verdict6 slot1",
	  "xdpchain/2 verdict6; 1 verdict6" },
	{ "a program that is in no chain",
	  true,
	  true,
	  CHAIN_DROP,
	  0,
	  1,
	  { STEP(0, CHAIN_DROP, .ns = 212) },
	  " | DROP firewall, 212 ns",
	  " | DROP firewall, 212 ns",
	  "xdpchain/2 DROP; 0:firewall DROP 212ns" },
	{ "dropped by nobody",
	  true,
	  true,
	  CHAIN_DROP,
	  0,
	  1,
	  { STEP(2, CHAIN_NEXT, .rule = 2, .ns = 99) },
	  " | DROP",
	  " | DROP | next droplet/ratelimit: rule 2 (203.0.113.0/24), 99 ns",
	  "xdpchain/2 DROP; 2:ratelimit NEXT rule=2/203.0.113.0/24 99ns" },
};

/* Formats into a block of just the size, and proves that one byte less does not do. */
static void assert_form(const struct trail *t, enum trail_form form, const char *want)
{
	size_t len = strlen(want);
	char *buf = malloc(len);

	assert_int_equal(trail_format(t, form, buf, len), len);
	assert_memory_equal(buf, want, len);
	assert_int_equal(trail_format(t, form, buf, len - 1), 0);
	free(buf);
}

static struct ev row_event(const struct row *r, struct event *head)
{
	*head = (struct event){ .verdict = r->verdict,
				.point = r->point,
				.steps = r->steps,
				.flags = r->times ? EVENT_STEP_TIMES : 0 };
	return (struct ev){ .head = head, .steps = r->step };
}

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct row *r = &cases[i];
		struct names n = { .known = r->known };
		struct trail_names names = { name_stage, name_reason, name_rule, &n, 0 };
		struct event head;
		struct ev ev = row_event(r, &head);
		struct trail t;

		print_message("  %s\n", r->name);
		trail_make(&ev, &names, &t);
		assert_form(&t, TRAIL_TEXT, r->text);
		assert_form(&t, TRAIL_TEXT_ALL, r->all);
		assert_form(&t, TRAIL_COMMENT, r->comment);
		assert_int_equal(trail_parse(r->comment, strlen(r->comment), &t), 0);
		assert_form(&t, TRAIL_TEXT_ALL, r->all);
	}
}

static void assert_cached(struct trail_cache *c, const struct ev *ev,
			  const struct trail_names *names, const struct row *r)
{
	const char *want[] = { r->text, r->all, r->comment };

	for (int form = TRAIL_TEXT; form <= TRAIL_COMMENT; form++) {
		const char *text;
		size_t len = trail_cached(c, ev, names, form, &text);

		assert_int_equal(len, strlen(want[form]));
		assert_memory_equal(text, want[form], len);
	}
}

/* Twice each, so that both making and reusing words is judged; names are asked once a form. */
static void test_cached(void **state)
{
	struct trail_cache *c = trail_cache_new();

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct names n = { .known = cases[i].known };
		struct trail_names names = { name_stage, name_reason, name_rule, &n, i };
		struct event head;
		struct ev ev = row_event(&cases[i], &head);

		assert_cached(c, &ev, &names, &cases[i]);
		assert_cached(c, &ev, &names, &cases[i]);
		assert_int_equal(n.asked, 2 * cases[i].steps);
	}
	trail_cache_free(c);
}

/* What libpcap saw. */
static void test_no_verdict(void **state)
{
	const struct event head = { .verdict = CHAIN_PASS, .flags = EVENT_NO_VERDICT };
	const struct ev ev = { .head = &head };
	struct trail_cache *c = trail_cache_new();
	struct record r;
	const char *text;

	(void)state;
	assert_int_equal(trail_cached(c, &ev, NULL, TRAIL_TEXT, &text), 0);
	assert_int_equal(trail_cached(c, &ev, NULL, TRAIL_COMMENT, &text), 0);
	trail_cache_free(c);
	record_event(&r, &ev, 0, 0, 0);
	assert_int_equal(r.have & (RECORD_VERDICT | RECORD_FLAGS | RECORD_QUEUE), 0);
}

/* The same step at another time, and with names that have changed meanwhile. */
static void test_cache_follows(void **state)
{
	struct row r = cases[0];
	struct trail_cache *c = trail_cache_new();
	struct names n = { .known = true };
	struct trail_names names = { name_stage, name_reason, name_rule, &n, 0 };
	struct event head;
	struct ev ev = row_event(&r, &head);

	(void)state;
	assert_cached(c, &ev, &names, &r);
	r.step[0].ns = 7;
	r.text = r.all = " | DROP droplet/blocklist: prefix rule 7 (203.0.113.0/24), 7 ns";
	r.comment = "xdpchain/2 DROP; 1:blocklist DROP reason=1/prefix "
		    "rule=7/203.0.113.0/24 7ns";
	assert_cached(c, &ev, &names, &r);
	n.known = false;
	names.generation++;
	r.text = r.all = " | DROP slot1: reason 1 rule 7, 7 ns";
	r.comment = "xdpchain/2 DROP; 1 DROP reason=1 rule=7 7ns";
	assert_cached(c, &ev, &names, &r);
	trail_cache_free(c);
}

static __u64 seed = 0x5eed;

static unsigned int rnd(unsigned int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

/* Few values, so that trails repeat, and differ in one thing only. */
static void rnd_event(struct event *head, struct event_step *step)
{
	*head = (struct event){ .verdict = 1 + rnd(2),
				.point = rnd(2),
				.steps = rnd(8) ? rnd(3) : rnd(EVENT_STEPS + 1),
				.flags = rnd(4) ? 0 : EVENT_STEP_TIMES };
	for (unsigned int i = 0; i < head->steps; i++)
		step[i] =
			(struct event_step)STEP(1 + rnd(2), rnd(2) ? CHAIN_NEXT : CHAIN_DROP,
						.reason = rnd(2), .rule = rnd(2) * 7, .ns = rnd(3));
	if (head->steps && !rnd(4))
		step[rnd(head->steps)].instance = 1;
}

/* Whatever is kept says what would be made anew. */
static void test_cache_random(void **state)
{
	struct trail_cache *c = trail_cache_new();
	struct names n = { .known = true };
	struct trail_names names = { name_stage, name_reason, name_rule, &n, 0 };
	struct event_step step[EVENT_STEPS];
	struct event head;
	struct ev ev = { .head = &head, .steps = step };
	static char want[TRAIL_MAX];
	struct trail t;

	(void)state;
	for (int i = 0; i < 100000; i++) {
		enum trail_form form = rnd(TRAIL_COMMENT + 1);
		const char *text;
		size_t len;

		if (!rnd(1000)) {
			n.known = !n.known;
			names.generation++;
		}
		rnd_event(&head, step);
		trail_make(&ev, &names, &t);
		len = trail_format(&t, form, want, sizeof(want));
		assert_int_equal(trail_cached(c, &ev, &names, form, &text), len);
		assert_memory_equal(text, want, len);
	}
	trail_cache_free(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),	      cmocka_unit_test(test_cached),
		cmocka_unit_test(test_cache_follows), cmocka_unit_test(test_cache_random),
		cmocka_unit_test(test_no_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
