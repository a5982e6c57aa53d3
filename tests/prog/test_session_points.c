// SPDX-License-Identifier: GPL-2.0
/* Packets as they came and as they leave, through a stage that makes them longer and others. */
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

#include "lib/util.h"
#include "tests/grab.h"
#include "tests/probe.h"

#define JUMBO	9000
#define PUSHED	20 /* bytes that the stage puts before the packet */
#define CHANGED (PUSHED + 14)
#define BOTH	SESSION_ENTRY
#define ENTRY	(SESSION_ENTRY | SESSION_NO_EXIT)

static struct rig rig;
static unsigned char pkt[JUMBO], sent[PUSHED + JUMBO];

static const __u32 lens[] = { 14, 60, 64, 1500, 3000, 4096, JUMBO };

static void send_len(__u32 len)
{
	const struct probe_run r = { .pkt = pkt, .len = len };

	assert_int_equal(probe_run(&rig, &r), XDP_TX);
}

/* Is @e the packet of @len bytes at @point, as far as @snaplen goes? */
static void check(const struct grab_event *e, __u8 point, __u32 len, __u32 snaplen)
{
	const unsigned char *want = point == EVENT_ENTRY ? pkt : sent;
	__u32 cap;

	if (point == EVENT_EXIT)
		len += PUSHED;
	cap = len < snaplen ? len : snaplen;
	assert_int_equal(e->head.point, point);
	assert_int_equal(e->head.len, len);
	assert_int_equal(e->head.cap_len, cap);
	assert_int_equal(e->head.verdict, CHAIN_TX);
	assert_int_equal(e->head.steps, 2);
	assert_int_equal(e->steps[0].slot, 3);
	assert_int_equal(e->steps[1].slot, 5);
	assert_int_equal(e->steps[1].rule, 77);
	assert_memory_equal(e->data, want, cap);
}

static const struct {
	const char *name;
	__u32 flags, snaplen;
} cases[SESSIONS] = {
	{ "exit", 0, EVENT_SNAPLEN_MAX },
	{ "entry", ENTRY, EVENT_SNAPLEN_MAX },
	{ "both", BOTH, 128 },
	{ "both, one byte", BOTH | SESSION_STEP_TIMES, 1 },
};

/* The events of one session, in order: entry before exit, numbers without a gap at each point. */
static void check_all(const struct grab *g, size_t i)
{
	__u8 first = cases[i].flags & SESSION_ENTRY ? EVENT_ENTRY : EVENT_EXIT;
	__u8 last = cases[i].flags & SESSION_NO_EXIT ? EVENT_ENTRY : EVENT_EXIT;
	size_t points = first == last ? 1 : 2;
	struct session_count n = grab_counts(g);

	print_message("  %s\n", cases[i].name);
	assert_int_equal(g->count, points * ARRAY_SIZE(lens));
	for (size_t k = 0; k < g->count; k++) {
		check(&g->events[k], k % points ? last : first, lens[k / points], cases[i].snaplen);
		if (k >= points)
			assert_int_equal(g->events[k].head.seq, g->events[k - points].head.seq + 1);
		/* They are taken for all, where one asks for them. */
		assert_int_equal(g->events[k].head.flags, EVENT_STEP_TIMES);
	}
	assert_int_equal(n.offered, g->count);
	assert_int_equal(n.captured, g->count);
	assert_int_equal(n.entry_captured, first == EVENT_ENTRY ? ARRAY_SIZE(lens) : 0);
	assert_int_equal(n.filtered + n.lost + n.entry_lost, 0);
}

static void test_bytes(void **state)
{
	struct grab g[SESSIONS];

	(void)state;
	for (size_t i = 0; i < SESSIONS; i++) {
		struct session_spec spec = { .snaplen = cases[i].snaplen,
					     .flags = cases[i].flags,
					     .ring_bytes = 1 << 18 };

		grab_open(&g[i], rig.ifname, &spec, NULL);
	}
	for (size_t k = 0; k < ARRAY_SIZE(lens); k++)
		send_len(lens[k]);
	for (size_t i = 0; i < SESSIONS; i++) {
		grab_stop(&g[i]);
		check_all(&g[i], i);
	}
	for (size_t i = 0; i < SESSIONS; i++)
		grab_close(&g[i]);
}

/* One leaves, and comes again: the others have their bytes all the while, at either point. */
static void test_come_and_go(void **state)
{
	struct session_spec entry = { .snaplen = 200, .flags = ENTRY, .ring_bytes = 1 << 18 };
	struct session_spec leave = { .snaplen = 200, .ring_bytes = 1 << 18 };
	struct grab stays, comes;

	(void)state;
	grab_open(&stays, rig.ifname, &entry, NULL);
	for (int round = 0; round < 4; round++) {
		grab_open(&comes, rig.ifname, round % 2 ? &entry : &leave, NULL);
		send_len(100);
		grab_read(&comes, 1);
		grab_stop(&comes);
		send_len(101);
		grab_read(&stays, 1);
		assert_int_equal(comes.count, 1);
		check(&comes.events[0], round % 2 ? EVENT_ENTRY : EVENT_EXIT, 100, 200);
		assert_int_equal(stays.count, 2 * round + 2);
		check(&stays.events[2 * round], EVENT_ENTRY, 100, 200);
		check(&stays.events[2 * round + 1], EVENT_ENTRY, 101, 200);
		grab_close(&comes);
	}
	grab_stop(&stays);
	assert_int_equal(grab_counts(&stays).lost, 0);
	grab_close(&stays);
}

/* What is not wanted is filtered twice, and thinned out by packets, not by events. */
static void test_counts(void **state)
{
	static const struct {
		const char *name, *filter;
		struct session_spec spec;
		__u64 captured, capped;
	} rows[] = {
		{ "filter", "len == 64", { .snaplen = 64 }, 2, 0 },
		{ "verdict", NULL, { .snaplen = 64, .verdicts = 1 << CHAIN_DROP }, 0, 0 },
		{ "sample", NULL, { .snaplen = 64, .sample = 3 }, 20, 0 },
		{ "rate", NULL, { .snaplen = 64, .rate = 4 }, 8, 52 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct session_spec spec = rows[i].spec;
		struct session_count n;
		struct grab g;

		print_message("  %s\n", rows[i].name);
		spec.flags = BOTH;
		spec.ring_bytes = 1 << 18;
		grab_open(&g, rig.ifname, &spec, rows[i].filter);
		for (__u32 k = 0; k < 30; k++)
			send_len(50 + k);
		grab_stop(&g);
		n = grab_counts(&g);
		assert_int_equal(n.offered, 60);
		assert_int_equal(n.captured, rows[i].captured);
		assert_int_equal(n.entry_captured, rows[i].captured / 2);
		assert_int_equal(n.filtered, 60 - rows[i].captured);
		assert_int_equal(n.capped, rows[i].capped);
		assert_int_equal(g.count, rows[i].captured);
		grab_close(&g);
	}
}

/* One that rests when it has what its rate allows is offered nothing meanwhile, and then again. */
static void test_rests(void **state)
{
	struct session_spec spec = {
		.snaplen = 64, .rate = 4, .flags = SESSION_RESTS, .ring_bytes = 1 << 18
	};
	__u64 end = now_ns() + 5 * NSEC;
	struct session_count n;
	struct grab g;

	(void)state;
	grab_open(&g, rig.ifname, &spec, NULL);
	for (__u32 k = 0; k < 30; k++)
		send_len(50 + k);
	n = grab_counts(&g);
	assert_int_equal(n.offered, 5); /* the fifth showed that it has enough */
	assert_int_equal(n.captured, 4);
	assert_int_equal(n.capped, 1);
	while (n.captured < 8 && now_ns() < end) {
		send_len(60);
		n = grab_counts(&g);
	}
	assert_int_equal(n.captured, 8);
	assert_in_range(n.offered, 9, 15);
	grab_stop(&g);
	n = grab_counts(&g);
	assert_int_equal(n.offered, n.captured + n.filtered + n.lost);
	grab_close(&g);
}

static __u32 slot0(void)
{
	__u32 dump = CHAIN_TAP_DUMP, id = 0;

	return bpf_map_lookup_elem(rig.chain->tap, &dump, &id) ? 0 : id;
}

/* Read as a dashboard does, until slot 0 is filled, or empty. */
static void rest_until(struct grab *g, int filled)
{
	__u64 end = now_ns() + 5 * NSEC;

	while (!slot0() != !filled && now_ns() < end)
		session_rest(g->session);
	assert_int_equal(!!slot0(), filled);
}

/* While it has enough slot 0 is empty, but not for another who captures too. */
static void test_slot0_rests(void **state)
{
	struct session_spec spec = {
		.snaplen = 64, .rate = 4, .flags = SESSION_RESTS, .ring_bytes = 1 << 18
	};
	const struct session_spec all = { .snaplen = 64, .ring_bytes = 1 << 18 };
	struct grab g, other;
	struct fail f = { 0 };
	__u32 id;

	(void)state;
	grab_open(&g, rig.ifname, &spec, NULL);
	id = slot0();
	session_rest(g.session);
	assert_int_equal(slot0(), id); /* it has not had enough */
	for (__u32 k = 0; k < 30; k++)
		send_len(50 + k);
	session_rest(g.session);
	assert_int_equal(slot0(), 0);
	send_len(60);
	assert_int_equal(grab_counts(&g).offered, 5);
	assert_int_equal(session_check(g.session, &f),
			 0); /* does not put it back before its time */
	assert_int_equal(slot0(), 0);
	rest_until(&g, 1);
	assert_int_equal(slot0(), id);

	send_len(60); /* again: more than the window has room for, or the first of the next one */
	for (__u32 k = 0; k < 30; k++)
		send_len(50 + k);
	rest_until(&g, 0);
	grab_open(&other, rig.ifname, &all, NULL);
	id = slot0();
	assert_int_not_equal(id, 0);
	for (__u32 k = 0; k < 30; k++)
		send_len(50 + k);
	assert_int_equal(grab_counts(&other).captured, 30);
	for (int i = 0; i < 1000; i++)
		session_rest(g.session);
	assert_int_equal(slot0(), id);
	grab_close(&other);
	assert_int_not_equal(slot0(), 0);
	grab_close(&g);
	assert_int_equal(slot0(), 0);
}

/* In a ring that is too small either of the two events may be lost: each is counted for itself. */
static void test_overflow(void **state)
{
	struct session_spec spec = { .snaplen = 400, .flags = BOTH, .ring_bytes = 4096 };
	__u64 entry = 0;
	struct session_count n;
	struct grab g;

	(void)state;
	grab_open(&g, rig.ifname, &spec, NULL);
	for (int i = 0; i < 100; i++)
		send_len(300);
	grab_stop(&g);
	for (size_t i = 0; i < g.count; i++)
		entry += g.events[i].head.point == EVENT_ENTRY;
	n = grab_counts(&g);
	assert_int_equal(n.offered, 200);
	assert_int_equal(n.captured, g.count);
	assert_int_equal(n.captured + n.lost, 200);
	assert_int_equal(n.entry_captured, entry);
	assert_int_equal(n.entry_captured + n.entry_lost, 100);
	assert_in_range(g.count, 4, 20);
	grab_close(&g);
}

static int setup(void **state)
{
	struct fail f = { 0 };

	(void)state;
	rig_up(&rig, "xpt");
	probe_put(rig.chain, (struct probe){ .slot = 3, .verdict = CHAIN_NEXT });
	if (probe_object(rig.chain, "rewrite", 5, &f))
		print_error("%s\n%s\n", f.text, f.log);
	close(rig.chain->lock); /* sessions want it */
	rig.chain->lock = -1;
	for (int i = 0; i < JUMBO; i++)
		pkt[i] = i * 31 + (i >> 8);
	memset(sent, 0xaa, CHANGED);
	memcpy(sent + CHANGED, pkt + 14, JUMBO - 14);
	return probe_pin(0) < 0 || f.text[0];
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
		cmocka_unit_test(test_bytes),	    cmocka_unit_test(test_come_and_go),
		cmocka_unit_test(test_counts),	    cmocka_unit_test(test_rests),
		cmocka_unit_test(test_slot0_rests), cmocka_unit_test(test_overflow),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
