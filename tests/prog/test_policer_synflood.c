// SPDX-License-Identifier: GPL-2.0
/*
 * The policer synflood: where a flood begins and ends, cookies byte by byte and checked by the
 * kernel's own listener state, the second try elsewhere, and what goes on over a replacement.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"
#include "tests/syn.h"

#define SLOT 4
#define KIND "synflood"
#define PORT 8080
#define OURS "local=192.0.2.0/24,2001:db8::/64"
#define V4   .src = "198.51.100.9", .dst = "192.0.2.1"
#define V6   .src = "2001:db8:66::9", .dst = "2001:db8::1"
#define SYN  .proto = IPPROTO_TCP, .tcp_flags = 2, .dport = PORT

static struct rig rig;

static void expect_syn(const struct frame *f, __u32 seq, int verdict, const char *reason)
{
	unsigned char buf[FRAME_MAX];
	__u32 len = syn_make(buf, f, 20, seq);

	policing_expect(&rig, SLOT, buf, len, verdict, reason);
}

/* Bring the destination of @f over its limit of 10 a second, with SYNs that are nobody's. */
static void flood(const struct frame *f)
{
	char src[64], reason[CHAIN_REASON_LEN];
	struct frame from = *f;
	unsigned char buf[FRAME_MAX];

	from.src = src;
	for (int i = 1; i < 250; i++) {
		snprintf(src, sizeof(src),
			 strchr(f->dst, ':') ? "2001:db8:bad:%d::1" : "203.0.113.%d", i);
		policing_run(&rig, SLOT, buf, syn_make(buf, &from, 0, i), reason);
		if (reason[0])
			return;
	}
	fail_msg("the flood is none");
}

/* What a second allows passes, and what drains meanwhile: not one less, not one more. */
static void test_threshold(void **state)
{
	static const struct frame dst[] = { { V4, SYN }, { V6, SYN, .tags = 1 } };
	static struct chain_totals totals;
	__u64 asked;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "threshold=20 end=1");
	assert_int_equal(chain_totals(rig.chain, &totals), 0);
	asked = totals.asked[SLOT];
	for (int k = 0; k < 2; k++) {
		__u64 start = now_ns();
		int passed = 0;

		for (;; passed++) {
			char reason[CHAIN_REASON_LEN];
			unsigned char buf[FRAME_MAX];

			policing_run(&rig, SLOT, buf, syn_make(buf, &dst[k], 20, passed), reason);
			if (reason[0])
				break;
			assert_true(passed < 2000);
		}
		assert_in_range(passed, 19, 20 + 20 * (now_ns() - start) / NSEC);
		for (int i = 0; i < 5; i++)
			expect_syn(&dst[k], 10000 + i, XDP_DROP, "first_syn");
		/* Who records the flight is asked once a flood. */
		assert_int_equal(chain_totals(rig.chain, &totals), 0);
		assert_int_equal(totals.asked[SLOT] - asked, k + 1);
	}
}

/* Neighbours of who is flooded are not touched, but where a prefix is a destination. */
static void test_destinations(void **state)
{
	static const struct frame f = { V4, SYN };
	struct frame near = f;

	(void)state;
	near.dst = "192.0.2.2";
	policing_put(rig.chain, SLOT, KIND, "threshold=10");
	flood(&f);
	expect_syn(&near, 1, XDP_PASS, "");
	expect_syn(&f, 1, XDP_DROP, "first_syn");
	policing_put(rig.chain, SLOT, KIND, "threshold=10 per4=24");
	flood(&f);
	expect_syn(&near, 1, XDP_DROP, "first_syn");
}

static const struct {
	const char *name;
	struct frame f;
} passes[] = {
	{ "syn ack", { V4, .proto = 6, .tcp_flags = 0x12, .dport = PORT } },
	{ "ack", { V4, .proto = 6, .tcp_flags = 0x10, .dport = PORT } },
	{ "rst", { V4, .proto = 6, .tcp_flags = 4, .dport = PORT } },
	{ "udp", { V4, .proto = 17, .dport = PORT } },
	{ "a fragment of a syn", { V4, SYN, .frag = -1 } },
	{ "icmp 6", { V6, .proto = 58 } },
};

static void test_not_a_syn(void **state)
{
	static const struct frame f4 = { V4, SYN }, f6 = { V6, SYN };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "threshold=10");
	flood(&f4);
	flood(&f6);
	for (size_t i = 0; i < ARRAY_SIZE(passes); i++) {
		unsigned char buf[FRAME_MAX];

		print_message("  %s\n", passes[i].name);
		policing_expect(&rig, SLOT, buf, frame_make(buf, &passes[i].f, NULL), XDP_PASS, "");
	}
}

/* The same SYN again: not at once, but a client's time later. Then its source is known. */
static void test_second_try(void **state)
{
	static const struct frame fs[] = { { V4, SYN, .options = 8 }, { V6, SYN, .tags = 2 } };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "threshold=10 end=1");
	for (int k = 0; k < 2; k++) {
		__u64 start = now_ns();
		char reason[CHAIN_REASON_LEN] = "";
		unsigned char buf[FRAME_MAX];
		__u32 len;

		flood(&fs[k]);
		expect_syn(&fs[k], 7, XDP_DROP, "first_syn");
		expect_syn(&fs[k], 7, XDP_DROP, "first_syn");
		for (start = now_ns(); strcmp(reason, "tried_again");) {
			assert_true(now_ns() - start < 3 * NSEC);
			expect_syn(&fs[k], 8 + (now_ns() - start), XDP_DROP, "first_syn");
			len = syn_make(buf, &fs[k], 20, 7);
			policing_run(&rig, SLOT, buf, len, reason);
			usleep(10000);
		}
		assert_true(now_ns() - start > NSEC / 3);
		expect_syn(&fs[k], 9, XDP_PASS, "known_source");
	}
}

/* Buckets, first SYNs and known sources go on when a parameter changes. */
static void test_replacement(void **state)
{
	static const struct frame f = { V4, SYN };
	unsigned int lost = 9;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "threshold=10 end=1");
	flood(&f);
	expect_syn(&f, 7, XDP_DROP, "first_syn");
	assert_int_equal(
		policing_load(rig.chain, SLOT, KIND, "threshold=11 end=1 retry=9s", &lost, NULL),
		0);
	assert_int_equal(lost, 0);
	expect_syn(&f, 8, XDP_DROP, "first_syn");
	for (__u64 start = now_ns();;) {
		char reason[CHAIN_REASON_LEN];
		unsigned char buf[FRAME_MAX];

		policing_run(&rig, SLOT, buf, syn_make(buf, &f, 20, 7), reason);
		if (!strcmp(reason, "tried_again"))
			break;
		assert_true(now_ns() - start < 3 * NSEC);
		usleep(10000);
	}
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, "threshold=10 end=1", NULL, NULL), 0);
	expect_syn(&f, 10, XDP_PASS, "known_source");
}

/* Over by itself, but not before a second without SYNs, and not while half of them come. */
static void test_end(void **state)
{
	static const struct frame f = { V4, SYN };
	char reason[CHAIN_REASON_LEN];
	unsigned char buf[FRAME_MAX];
	__u64 start;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "threshold=10 end=5");
	flood(&f);
	start = now_ns();
	/* 8 a second, whatever else the machine does */
	for (__u64 i = 0; i < 12;) {
		for (; i <= (now_ns() - start) * 8 / NSEC; i++)
			expect_syn(&f, 1000 + i, XDP_DROP, "first_syn");
		usleep(20000);
	}
	for (start = now_ns();;) {
		usleep(400000); /* half of what would hold it */
		policing_run(&rig, SLOT, buf, syn_make(buf, &f, 20, 99), reason);
		if (!reason[0])
			break;
		assert_true(now_ns() - start < 10 * NSEC);
	}
}

/* The third packet of the handshake: @seq and @ack of the TCP header. */
static void expect_ack(const struct frame *f, __u32 seq, __u32 ack, int verdict, const char *reason)
{
	unsigned char buf[FRAME_MAX];
	struct frame a = *f;
	__u32 len, l4;

	a.tcp_flags = 0x10;
	len = frame_make(buf, &a, NULL);
	l4 = len - 20;
	seq = htonl(seq);
	ack = htonl(ack);
	memcpy(buf + l4 + 4, &seq, 4);
	memcpy(buf + l4 + 8, &ack, 4);
	policing_expect(&rig, SLOT, buf, len, verdict, reason);
}

static const struct {
	const char *name;
	struct frame f;
	int options; /* of TCP */
} cookies[] = {
	{ "no options", { V4, SYN, .sport = 4001 }, 0 },
	{ "mss", { V4, SYN, .sport = 4002 }, 4 },
	{ "20 bytes", { V4, SYN, .sport = 4003 }, 20 },
	{ "40 bytes", { V4, SYN, .sport = 4004 }, 40 },
	{ "ip options", { V4, SYN, .sport = 4005, .options = 40 }, 20 },
	{ "a tag", { V4, SYN, .sport = 4006, .tags = 1 }, 20 },
	{ "two tags, no options", { V4, SYN, .sport = 4007, .tags = 2 }, 0 },
	{ "6, no options", { V6, SYN, .sport = 4008 }, 0 },
	{ "6, 40 bytes", { V6, SYN, .sport = 4009 }, 40 },
	{ "6, hop by hop, tags", { V6, SYN, .sport = 4010, .options = 16, .tags = 2 }, 12 },
};

static void test_cookies(void **state)
{
	static const struct frame v4 = { V4, SYN }, v6 = { V6, SYN };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "threshold=10 end=1 " OURS);
	flood(&v4);
	flood(&v6);
	for (size_t i = 0; i < ARRAY_SIZE(cookies); i++) {
		const struct frame *f = &cookies[i].f;
		unsigned char buf[FRAME_MAX], out[FRAME_MAX];
		__u32 seq = 1000000 * i + 5, len = syn_make(buf, f, cookies[i].options, seq);
		__u32 out_len = 0, cookie;

		print_message("  %s\n", cookies[i].name);
		assert_int_equal(rig_run(&rig, buf, len, out, sizeof(out), &out_len), XDP_TX);
		cookie = syn_check_answer(buf, out, out_len, f, seq);
		expect_ack(f, seq + 1, cookie + 1, XDP_PASS, "cookie_ok");
		/* The next few numbers are cookies for other segment sizes. */
		expect_ack(f, seq + 1, cookie + 999, XDP_DROP, "cookie_bad");
		expect_ack(f, seq + 999, cookie + 1, XDP_DROP, "cookie_bad");
	}
	assert_int_equal(policing_hits(rig.chain, SLOT, "to_listener"), 2);
}

/* Nobody listens there, or it is not ours: the source is validated. */
static void test_not_ours(void **state)
{
	static const struct frame closed = { V4, .proto = 6, .tcp_flags = 2, .dport = PORT + 1 };
	static const struct frame other = { .src = "198.51.100.9", .dst = "192.0.3.1", SYN };

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "threshold=10 " OURS);
	flood(&closed);
	flood(&other);
	expect_syn(&closed, 1, XDP_DROP, "first_syn");
	expect_syn(&other, 1, XDP_DROP, "first_syn");
	expect_ack(&other, 1, 1, XDP_PASS, "");
}

/* In shadow nothing is sent, and the packet stays what it was. */
static void test_shadow(void **state)
{
	static const struct frame f = { V4, SYN };
	unsigned char buf[FRAME_MAX], out[FRAME_MAX];
	__u32 len = syn_make(buf, &f, 20, 1), out_len = 0;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "shadow threshold=10 " OURS);
	flood(&f);
	policing_expect(&rig, SLOT, buf, len, XDP_PASS, "cookie_sent");
	assert_int_equal(rig_run(&rig, buf, len, out, sizeof(out), &out_len), XDP_PASS);
	assert_int_equal(out_len, len);
	assert_memory_equal(out, buf, len);
}

static void test_bad_parameters(void **state)
{
	static const struct policing_bad bad[] = {
		{ "threshold=0", "7: synflood: threshold: 0: a number from 1 to 100000000" },
		{ "threshold=10 end=11", "7: synflood: end: 11: at most the threshold, 10" },
		{ "local=10.0.0.1/8", "7: synflood: local: 10.0.0.1/8: " },
		{ "per4=33", "7: synflood: per4: 33: a number from 0 to 32" },
		{ "retry=1d", "7: synflood: retry: 1d: a time from 1s to 2m" },
	};
	struct fail f = { 0 };

	(void)state;
	policing_refuse(rig.chain, SLOT, KIND, bad, ARRAY_SIZE(bad));
	rig_sh("echo 1 >/proc/sys/net/ipv4/tcp_syncookies");
	assert_true(policing_load(rig.chain, SLOT, KIND, OURS, NULL, &f) < 0);
	rig_sh("echo 2 >/proc/sys/net/ipv4/tcp_syncookies");
	print_message("  %s\n", f.text);
	assert_non_null(strstr(f.text, "sysctl -w net.ipv4.tcp_syncookies=2"));
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, OURS, NULL, &f), 0);
}

static int setup(void **state)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int fd;

	(void)state;
	rig_alone();
	rig_up(&rig, "dps");
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	return rig_sh("ip link set lo up; ip addr add 192.0.2.1/32 dev lo;"
		      "ip addr add 2001:db8::1/128 dev lo nodad;"
		      "echo 2 >/proc/sys/net/ipv4/tcp_syncookies") ||
	       bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 16);
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
		cmocka_unit_test(test_threshold),   cmocka_unit_test(test_destinations),
		cmocka_unit_test(test_not_a_syn),   cmocka_unit_test(test_second_try),
		cmocka_unit_test(test_replacement), cmocka_unit_test(test_end),
		cmocka_unit_test(test_cookies),	    cmocka_unit_test(test_not_ours),
		cmocka_unit_test(test_shadow),	    cmocka_unit_test(test_bad_parameters),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
