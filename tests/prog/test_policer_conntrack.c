// SPDX-License-Identifier: GPL-2.0
/*
 * The policer conntrack: what is a flow, how it is learned, what passes in a flood, what a flood
 * cannot push out, and that all of it survives a replacement.
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

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"
#include "tests/rounds.h"

#define SLOT  7
#define KIND  "conntrack"
#define QUICK "learn=1s threshold=20 end=1 flows=4096"
#define V4    .src = "198.51.100.9", .dst = "192.0.2.1"
#define V6    .src = "2001:db8:66::9", .dst = "2001:db8::1"
#define PORTS .sport = 4001, .dport = 443
#define ACK   .proto = IPPROTO_TCP, .tcp_flags = 0x10

static struct rig rig;

static int run(const struct frame *f, char reason[CHAIN_REASON_LEN])
{
	unsigned char buf[FRAME_MAX];

	return policing_run(&rig, SLOT, buf, frame_make(buf, f, NULL), reason);
}

static void expect(const struct frame *f, int verdict, const char *reason)
{
	unsigned char buf[FRAME_MAX];

	policing_expect(&rig, SLOT, buf, frame_make(buf, f, NULL), verdict, reason);
}

/* Packets of one flow until it is known. */
static void learn(const struct frame *f)
{
	char reason[CHAIN_REASON_LEN];
	__u64 start = now_ns();

	for (;;) {
		assert_int_equal(run(f, reason), XDP_PASS);
		if (!strcmp(reason, "learned"))
			break;
		assert_string_equal(reason, "");
		assert_true(now_ns() - start < 5 * NSEC);
		usleep(150000);
	}
	assert_true(now_ns() - start > NSEC / 2);
}

/* Packets of all sorts of flows to the destination of @f, until one of them is dropped. */
static void flood(const struct frame *f)
{
	char src[64], reason[CHAIN_REASON_LEN];
	struct frame any = *f;

	any.src = src;
	for (int i = 1; i < 5000; i++) {
		snprintf(src, sizeof(src),
			 strchr(f->dst, ':') ? "2001:db8:bad:%d::%d" : "203.0.%d.%d", i / 250,
			 i % 250);
		run(&any, reason);
		if (!strcmp(reason, "unknown"))
			return;
	}
	fail_msg("the flood is none");
}

static const struct {
	const char *name;
	struct frame known, near;
} flows[] = {
	{ "tcp, another source port",
	  { V4, PORTS, ACK },
	  { V4, .sport = 4002, .dport = 443, ACK } },
	{ "tcp 6, another destination port",
	  { V6, PORTS, ACK },
	  { V6, .sport = 4001, .dport = 444, ACK } },
	{ "udp, another source",
	  { V4, PORTS, .proto = 17 },
	  { .src = "198.51.100.8", .dst = "192.0.2.1", PORTS, .proto = 17 } },
	{ "udp, tcp with the same ports",
	  { V4, .sport = 4007, .dport = 443, .proto = 17, .tags = 1 },
	  { V4, .sport = 4007, .dport = 443, ACK, .tags = 1 } },
	{ "udp 6, another source",
	  { V6, PORTS, .proto = 17, .options = 8 },
	  { .src = "2001:db8:66::a", .dst = "2001:db8::1", PORTS, .proto = 17 } },
	{ "icmp", { V4, .proto = 1 }, { .src = "198.51.100.8", .dst = "192.0.2.1", .proto = 1 } },
	{ "esp", { V4, .proto = 50 }, { V4, .proto = 51 } },
	{ "later fragments", { V4, .proto = 17, .frag = 64 }, { V4, .proto = 6, .frag = 64 } },
};

/* All of them together, so seldom that it stays calm: 6 go to one destination. */
static void learn_all(void)
{
	int known[ARRAY_SIZE(flows)] = { 0 };
	char reason[CHAIN_REASON_LEN];
	__u64 start = now_ns();
	size_t left = ARRAY_SIZE(flows);

	while (left) {
		assert_true(now_ns() - start < 10 * NSEC);
		for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
			assert_int_equal(run(&flows[i].known, reason), XDP_PASS);
			if (known[i] || strcmp(reason, "learned"))
				continue;
			known[i] = 1;
			left--;
		}
		usleep(450000);
	}
}

static void test_flows(void **state)
{
	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK);
	learn_all();
	for (size_t i = 0; i < ARRAY_SIZE(flows); i++) {
		print_message("  %s\n", flows[i].name);
		flood(&flows[i].known);
		expect(&flows[i].known, XDP_PASS, "");
		expect(&flows[i].near, XDP_DROP, "unknown");
		expect(&flows[i].known, XDP_PASS, "");
	}
}

/* Calm: everything passes, however new; and one that came once, or at once, is not known. */
static void test_candidate(void **state)
{
	static const struct frame f = { V4, PORTS, ACK };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK);
	for (int i = 0; i < 5; i++)
		expect(&f, XDP_PASS, "");
	flood(&f);
	expect(&f, XDP_DROP, "unknown");
}

static void test_default_is_calm(void **state)
{
	static const struct frame f = { V4, PORTS, ACK };
	char reason[CHAIN_REASON_LEN];

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	for (int i = 0; i < rounds(2000); i++) /* in less than `learn` */
		assert_int_equal(run(&f, reason), XDP_PASS);
}

/* Only where the flood is. */
static void test_destinations(void **state)
{
	static const struct frame f = { V4, PORTS, ACK };
	static const struct frame near = { .src = "198.51.100.9", .dst = "192.0.2.2", PORTS, ACK };
	static const struct frame six = { V6, PORTS, ACK };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK);
	flood(&f);
	expect(&near, XDP_PASS, "");
	expect(&six, XDP_PASS, "");
	policing_put(rig.chain, SLOT, KIND, QUICK " per4=24");
	flood(&f);
	expect(&near, XDP_DROP, "unknown");
}

/* What neighbours say to each other is none of it. */
static void test_link(void **state)
{
	static const struct frame flooded[] = { { V6, PORTS, ACK }, { V4, PORTS, ACK } };
	static const struct frame vrrp = { .src = "192.0.2.3", .dst = "224.0.0.18", .proto = 112 };
	static const struct frame mld = { .src = "fe80::1", .dst = "ff02::16", .proto = 58 };
	struct frame nd = { V6, .proto = IPPROTO_ICMPV6 };
	unsigned char buf[FRAME_MAX];
	__u32 l3, len = frame_make(buf, &nd, &l3);

	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK " per4=0 per6=0");
	flood(&flooded[0]);
	flood(&flooded[1]);
	expect(&vrrp, XDP_PASS, "");
	expect(&mld, XDP_PASS, "");
	buf[l3 + 40] = 136;					    /* neighbour advertisement */
	policing_expect(&rig, SLOT, buf, len, XDP_DROP, "unknown"); /* from afar */
	buf[l3 + 7] = 255;
	policing_expect(&rig, SLOT, buf, len, XDP_PASS, "");
}

static void test_syn(void **state)
{
	static const struct frame syn = { V4, PORTS, .proto = 6, .tcp_flags = 2 };
	static const struct frame syn_ack = { V4, PORTS, .proto = 6, .tcp_flags = 0x12 };
	static const struct frame ack = { V4, PORTS, ACK };
	char reason[CHAIN_REASON_LEN];
	__u64 start;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK);
	flood(&ack);
	expect(&syn_ack, XDP_DROP, "unknown");
	expect(&ack, XDP_DROP, "unknown");
	expect(&syn, XDP_PASS, "syn");
	expect(&ack, XDP_PASS, "");
	for (start = now_ns(); run(&ack, reason) == XDP_PASS && strcmp(reason, "learned");) {
		assert_true(now_ns() - start < 5 * NSEC);
		usleep(100000);
	}
	assert_string_equal(reason, "learned");
	policing_put(rig.chain, SLOT, KIND, QUICK " syn=false");
	flood(&ack);
	expect(&syn, XDP_DROP, "unknown");
}

/*
 * 40,000 flows that say one packet each, ten for each place in the table, while it is calm and in a
 * flood: who is known stays.
 */
static void test_flood_keeps_known(void **state)
{
	static const struct frame f = { V4, PORTS, ACK };
	unsigned char buf[FRAME_MAX];
	__u32 l3, len;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "learn=1s threshold=30000 end=1 flows=4096");
	learn(&f);
	len = frame_make(buf, &f, &l3);
	for (int i = 0; i < 40000; i++) {
		buf[l3 + 20] = i >> 8;
		buf[l3 + 21] = i;
		buf[l3 + 13] = 200;
		rig_run(&rig, buf, len, NULL, 0, NULL);
	}
	expect(&f, XDP_PASS, "");
	if (!getenv("TEST_EMULATED"))
		assert_true(policing_hits(rig.chain, SLOT, "unknown") > 100);
}

static void test_replacement(void **state)
{
	static const struct frame f = { V4, PORTS, ACK }, other = { V4, .sport = 1, ACK };
	unsigned int lost = 9;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK);
	learn(&f);
	flood(&f);
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, QUICK " timeout=2h", &lost, NULL), 0);
	assert_int_equal(lost, 0);
	expect(&f, XDP_PASS, "");
	if (getenv("TEST_EMULATED")) /* in the seconds that a verifier takes there, a flood is over
				      */
		flood(&other);
	expect(&other, XDP_DROP, "unknown");
	/* Of another size the table cannot go on, and that is told. */
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, "flows=8192", &lost, NULL), 0);
	assert_int_equal(lost, 1);
}

static void test_end(void **state)
{
	static const struct frame f = { V4, PORTS, ACK };
	char reason[CHAIN_REASON_LEN];
	__u64 start;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "learn=1s threshold=20 end=10 flows=4096");
	flood(&f);
	for (start = now_ns();;) {
		run(&f, reason);
		if (!reason[0])
			break;
		assert_string_equal(reason, "unknown");
		assert_true(now_ns() - start < 10 * NSEC);
		usleep(200000);
	}
}

static void test_timeout(void **state)
{
	static const struct frame f = { V4, PORTS, ACK };
	char reason[CHAIN_REASON_LEN];
	__u64 start = now_ns();

	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK " timeout=1s");
	learn(&f);
	do {
		assert_true(now_ns() - start < 20 * NSEC);
		usleep(1300000); /* without a packet of it */
		flood(&f);
		run(&f, reason);
	} while (strcmp(reason, "unknown"));
}

static void test_odd_packets(void **state)
{
	static const struct frame f = { V6, PORTS, ACK, .tags = 1, .options = 8 };
	unsigned char buf[FRAME_MAX];
	__u32 len = frame_make(buf, &f, NULL);

	(void)state;
	policing_put(rig.chain, SLOT, KIND, QUICK);
	flood(&f);
	for (__u32 cut = 14; cut < len; cut++)
		assert_int_equal(rig_run(&rig, buf, cut, NULL, 0, NULL),
				 cut < 18 + 40 ? XDP_PASS : XDP_DROP);
}

static void test_bad_parameters(void **state)
{
	static const struct policing_bad bad[] = {
		{ "threshold=0", "7: conntrack: threshold: 0: a number from 1 to" },
		{ "threshold=1k end=2k", "7: conntrack: end: 2000: at most the threshold, 1000" },
		{ "learn=3", "7: conntrack: learn: 3: a time from 1s to 1h is wanted" },
		{ "flows=1", "7: conntrack: flows: 1: a number from 1024 to 67108864" },
		{ "syn=1", "7: conntrack: syn: 1: true or false is wanted" },
	};

	(void)state;
	policing_refuse(rig.chain, SLOT, KIND, bad, ARRAY_SIZE(bad));
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "dpc");
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
		cmocka_unit_test(test_flows),
		cmocka_unit_test(test_candidate),
		cmocka_unit_test(test_default_is_calm),
		cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_syn),
		cmocka_unit_test(test_flood_keeps_known),
		cmocka_unit_test(test_replacement),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_timeout),
		cmocka_unit_test(test_odd_packets),
		cmocka_unit_test(test_bad_parameters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
