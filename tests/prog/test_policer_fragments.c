// SPDX-License-Identifier: GPL-2.0
/*
 * The policer fragments: sequences of fragments of both families, what each is taken for, in any
 * order, over replacements and floods.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT 6
#define KIND "fragments"
#define V4   .src = "198.51.100.9", .dst = "192.0.2.1"
#define V6   .src = "2001:db8:66::9", .dst = "2001:db8::1"

static struct rig rig;

struct piece {
	int offset, len; /* bytes of the datagram, len 0: ends the list */
	int more;
	const char *reason;
};

/* A fragment, with or without a transport header in it. FRAME_MAX is enough: what counts is said.
 */
static __u32 piece_make(unsigned char buf[FRAME_MAX], const struct frame *like,
			const struct piece *p, __u16 id)
{
	struct frame f = *like;
	int six = !!strchr(f.src, ':'), l4 = 0;
	__u32 l3, len, at;

	if (!p->offset)
		l4 = f.proto == IPPROTO_TCP ? 20 : 8;
	f.frag = p->offset ? p->offset : -1;
	f.payload = p->len - l4;
	len = frame_make(buf, &f, &l3);
	if (six) {
		at = l3 + 40 + f.options;
		buf[at + 3] = (buf[at + 3] & 0xf8) | p->more;
		buf[at + 6] = id >> 8;
		buf[at + 7] = id;
	} else {
		buf[l3 + 4] = id >> 8;
		buf[l3 + 5] = id;
		buf[l3 + 6] = (buf[l3 + 6] & 0x1f) | p->more << 5;
	}
	return len;
}

static void run_piece(const struct frame *like, const struct piece *p, __u16 id)
{
	unsigned char buf[FRAME_MAX];
	__u32 len = piece_make(buf, like, p, id);

	policing_expect(&rig, SLOT, buf, len, p->reason[0] ? XDP_DROP : XDP_PASS, p->reason);
}

#define OK ""

static const struct {
	const char *name;
	struct piece p[8];
} rows[] = {
	{ "in order", { { 0, 64, 1, OK }, { 64, 64, 1, OK }, { 128, 33, 0, OK } } },
	{ "the other way", { { 128, 33, 0, OK }, { 64, 64, 1, OK }, { 0, 64, 1, OK } } },
	{ "mixed up",
	  { { 64, 64, 1, OK }, { 192, 1, 0, OK }, { 0, 64, 1, OK }, { 128, 64, 1, OK } } },
	{ "and again with that id",
	  { { 0, 64, 1, OK }, { 64, 9, 0, OK }, { 0, 64, 1, OK }, { 64, 9, 0, OK } } },
	{ "one twice", { { 0, 64, 1, OK }, { 0, 64, 1, "duplicate" }, { 64, 9, 0, OK } } },
	{ "the last twice", { { 64, 9, 0, OK }, { 64, 9, 0, "duplicate" }, { 0, 64, 1, OK } } },
	{ "inside of another",
	  { { 0, 128, 1, OK }, { 64, 48, 1, "duplicate" }, { 128, 9, 0, OK } } },
	{ "over the end of another",
	  { { 0, 64, 1, OK },
	    { 56, 64, 1, "overlap" },
	    { 120, 9, 0, "overlap" },
	    { 0, 64, 1, "overlap" } } },
	{ "over the start of another",
	  { { 64, 64, 1, OK }, { 0, 72, 1, "overlap" }, { 128, 9, 0, "overlap" } } },
	{ "around another", { { 64, 64, 1, OK }, { 48, 120, 1, "overlap" } } },
	{ "a word apart", { { 512, 64, 1, OK }, { 448, 72, 1, "overlap" } } },
	{ "over several words",
	  { { 0, 120, 1, OK }, { 65400, 64, 0, OK }, { 65352, 56, 1, "overlap" } } },
	{ "two ends", { { 64, 64, 0, OK }, { 128, 64, 0, "overlap" } } },
	{ "behind the end", { { 64, 64, 0, OK }, { 128, 64, 1, "overlap" } } },
	{ "an end before others", { { 128, 64, 1, OK }, { 64, 64, 1, OK }, { 0, 56, 1, OK } } },
	{ "not a multiple of 8", { { 64, 65, 1, "length" } } },
	{ "smaller than any link", { { 0, 40, 1, "tiny" }, { 64, 40, 1, "tiny" } } },
	{ "a small last one", { { 0, 48, 1, OK }, { 48, 1, 0, OK } } },
	{ "on the header", { { 8, 64, 1, "tiny" }, { 40, 64, 0, "tiny" } } },
	{ "beyond 64 KiB", { { 65472, 120, 0, "too_long" } } },
	{ "nearly 64 KiB", { { 65400, 64, 0, OK } } },
};

static const struct frame likes[] = {
	{ V4, .proto = IPPROTO_UDP, .sport = 1, .dport = 2 },
	{ V4, .proto = IPPROTO_TCP, .sport = 1, .dport = 2, .tcp_flags = 16, .tags = 2 },
	{ V4, .proto = IPPROTO_ICMP, .options = 8 },
	{ V6, .proto = IPPROTO_UDP, .sport = 1, .dport = 2 },
	{ V6, .proto = IPPROTO_TCP, .sport = 1, .dport = 2, .tcp_flags = 16, .options = 24 },
	{ V6, .proto = IPPROTO_ICMPV6, .tags = 1, .options = 8 },
};

static void test_rows(void **state)
{
	__u16 id = 1;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		for (size_t k = 0; k < ARRAY_SIZE(likes); k++, id++)
			for (const struct piece *p = rows[i].p; p->len; p++)
				run_piece(&likes[k], p, id);
	}
}

/* Fragments of two datagrams are nothing to each other. */
static void test_whose(void **state)
{
	static const struct piece first = { 0, 64, 1, OK }, over = { 56, 64, 1, "overlap" },
				  other = { 56, 64, 1, OK };
	struct frame f = likes[0];

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	run_piece(&f, &first, 1);
	run_piece(&f, &other, 2);
	f.src = "198.51.100.8";
	run_piece(&f, &other, 1);
	f.src = "198.51.100.9";
	f.dst = "192.0.2.2";
	run_piece(&f, &other, 1);
	f.dst = "192.0.2.1";
	f.proto = IPPROTO_ICMP;
	run_piece(&f, &other, 1);
	f.proto = IPPROTO_UDP;
	run_piece(&f, &over, 1);
}

/* One that is never finished is forgotten after a second, and its id is good again. */
static void test_window(void **state)
{
	static const struct piece first = { 0, 64, 1, OK }, over = { 56, 64, 1, "overlap" };
	__u64 start;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	run_piece(&likes[0], &first, 1);
	run_piece(&likes[0], &over, 1);
	for (start = now_ns();;) {
		char reason[CHAIN_REASON_LEN];
		unsigned char buf[FRAME_MAX];

		policing_run(&rig, SLOT, buf, piece_make(buf, &likes[0], &first, 1), reason);
		if (!reason[0])
			break;
		assert_true(now_ns() - start < 4 * NSEC);
		usleep(20000);
	}
	assert_true(now_ns() - start > NSEC / 2);
}

static void test_drop_all(void **state)
{
	static const struct piece any = { 0, 64, 1, "any" }, last = { 64, 9, 0, "any" };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "drop=all");
	for (size_t k = 0; k < ARRAY_SIZE(likes); k++) {
		unsigned char buf[FRAME_MAX];

		run_piece(&likes[k], &any, 1);
		run_piece(&likes[k], &last, 1);
		policing_expect(&rig, SLOT, buf, frame_make(buf, &likes[k], NULL), XDP_PASS, "");
	}
}

/* RFC 6946: a fragment header, and all is there. */
static void test_atomic(void **state)
{
	static const struct piece whole = { 0, 64, 0, OK };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "drop=all");
	for (size_t k = 0; k < ARRAY_SIZE(likes); k++)
		run_piece(&likes[k], &whole, 1);
}

/* The TCP header must be in the first fragment, whatever `min` says. */
static void test_header_cut(void **state)
{
	(void)state;
	policing_put(rig.chain, SLOT, KIND, "min=8");
	for (size_t k = 0; k < ARRAY_SIZE(likes); k++) {
		const struct piece p = { 0, 24, 1, "" };
		unsigned char buf[FRAME_MAX];
		int six = !!strchr(likes[k].src, ':');
		__u32 l3 = 14 + 4 * likes[k].tags, len = piece_make(buf, &likes[k], &p, 1);

		if (likes[k].proto != IPPROTO_TCP)
			continue;
		buf[l3 + (six ? 5 : 3)] -= 8;
		policing_expect(&rig, SLOT, buf, len - 8, XDP_DROP, "tiny");
	}
}

static void test_every_length(void **state)
{
	static const struct piece p = { 64, 64, 1, "" };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	for (size_t k = 0; k < ARRAY_SIZE(likes); k++) {
		unsigned char buf[FRAME_MAX];
		__u32 len = piece_make(buf, &likes[k], &p, 1);

		for (__u32 cut = 14; cut < len; cut++) {
			int verdict = rig_run(&rig, buf, cut, NULL, 0, NULL);

			assert_true(verdict == XDP_PASS || verdict == XDP_DROP);
		}
	}
}

static const struct {
	const char *name, *words, *reason;
	const char *src, *dst; /* of who is not touched by it */
} rates[] = {
	{ "source", "source=10", "source_rate", "198.51.100.10", "192.0.2.1" },
	{ "source prefix", "source=10 per4=24", "source_rate", "198.51.101.9", "192.0.2.1" },
	{ "destination", "destination=10", "destination_rate", "198.51.100.9", "192.0.2.2" },
};

/* 1: it passed. */
static int flood_one(__u16 id)
{
	static const struct piece p = { 0, 64, 1, OK };
	char reason[CHAIN_REASON_LEN];
	unsigned char buf[FRAME_MAX];

	policing_run(&rig, SLOT, buf, piece_make(buf, &likes[0], &p, id), reason);
	return !reason[0];
}

static void test_rates(void **state)
{
	static const struct piece ok = { 0, 64, 1, OK };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		const struct piece held = { 0, 64, 1, rates[i].reason };
		struct frame other = likes[0];

		print_message("  %s\n", rates[i].name);
		policing_put(rig.chain, SLOT, KIND, rates[i].words);
		for (int id = 1; flood_one(id); id++)
			assert_true(id < 2000);
		run_piece(&likes[0], &held, 0);
		other.src = rates[i].src;
		other.dst = rates[i].dst;
		run_piece(&other, &ok, 0);
	}
}

/* What came of a datagram, and the rates, are known to the one that comes after. */
static void test_replacement(void **state)
{
	static const struct piece first = { 0, 64, 1, OK }, over = { 56, 64, 1, "overlap" };
	unsigned int lost = 9;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "window=1m"); /* to load may take seconds */
	run_piece(&likes[3], &first, 1);
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, "min=16 window=1m", &lost, NULL), 0);
	assert_int_equal(lost, 0);
	run_piece(&likes[3], &over, 1);
}

static void test_bad_parameters(void **state)
{
	static const struct policing_bad bad[] = {
		{ "drop=some", "7: fragments: drop: some: bad or all is wanted" },
		{ "min=7", "7: fragments: min: 7: a number from 8 to 1232 is wanted" },
		{ "window=2m", "7: fragments: window: 2m: a time from 1s to 1m is wanted" },
		{ "source=fast", "7: fragments: source: fast: a number from 0 to 100000000" },
	};

	(void)state;
	policing_refuse(rig.chain, SLOT, KIND, bad, ARRAY_SIZE(bad));
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "dpf");
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
		cmocka_unit_test(test_rows),	     cmocka_unit_test(test_whose),
		cmocka_unit_test(test_window),	     cmocka_unit_test(test_drop_all),
		cmocka_unit_test(test_atomic),	     cmocka_unit_test(test_header_cut),
		cmocka_unit_test(test_every_length), cmocka_unit_test(test_rates),
		cmocka_unit_test(test_replacement),  cmocka_unit_test(test_bad_parameters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
