// SPDX-License-Identifier: GPL-2.0
/* The flood guard: when it comes, what it does, that it goes by itself. All on one CPU. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/lb_int.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/lbrig.h"
#include "xdpchain/pkt.h"

#define VIP_T "192.0.2.1:80/tcp"
#define VIP_U "192.0.2.1:53/udp"
#define RATE  50

static int up(void **state)
{
	cpu_set_t one;

	(void)state;
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
	lbrig_up();
	lbrig_vip(VIP_T);
	lbrig_vip(VIP_U);
	for (int i = 1; i <= 4; i++) {
		char real[LB_TEXT];

		snprintf(real, sizeof(real), "10.0.0.%d", i);
		lbrig_real(VIP_T, real, 1);
		lbrig_real(VIP_U, real, 1);
	}
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

static void set_rate(__u32 rate)
{
	struct lb_options o;

	assert_int_equal(lb_options(lbrig.chain, &o), 0);
	o.guard_rate = rate;
	lbrig_load(&o);
}

/* The reason of a packet of flow @sport; where it went in @real. */
static const char *send_one(int proto, __u16 sport, __u8 flags, char real[64])
{
	static struct lbrig_out out;
	const struct frame f = { .src = "198.51.100.7",
				 .dst = "192.0.2.1",
				 .proto = proto,
				 .sport = sport,
				 .dport = proto == IPPROTO_TCP ? 80 : 53,
				 .tcp_flags = flags };
	unsigned char buf[FRAME_MAX];
	struct lbrig_outer o;

	lbrig_run(buf, frame_make(buf, &f, NULL), &out);
	assert_int_equal(out.verdict, XDP_TX);
	assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
	memcpy(real, o.dst, sizeof(o.dst));
	return out.reason;
}

/* Send packets of flow @sport until their reason is @want; fails after 5 s. */
static void wait_for(__u16 sport, const char *want)
{
	__u64 until = now_ns() + 5 * NSEC;
	char real[64];

	while (strcmp(send_one(IPPROTO_TCP, sport, PKT_ACK, real), want))
		assert_true(now_ns() < until);
}

/* New connections from port @from on, until the guard comes. How many it let through. */
static __u32 flood(int proto, __u16 from)
{
	char real[64];
	__u32 n = 0;

	while (strcmp(send_one(proto, from + n, PKT_SYN, real), "guard"))
		assert_true(n++ < 2 * RATE + 2);
	return n;
}

/* The state as operators see it, and as packets do. */
static void assert_on(int on)
{
	struct lb_guard_state s;

	assert_int_equal(lb_guard(lbrig_lb, &s), 0);
	assert_int_equal(s.cpus_on, on);
	assert_int_equal(lbrig_lb->heads->guards, on);
}

static void test_guard(void **state)
{
	static const int protos[] = { IPPROTO_TCP, IPPROTO_UDP };
	struct lb_guard_state before, after;
	char was[64], now[64];

	(void)state;
	set_rate(0);
	assert_string_equal(send_one(IPPROTO_TCP, 7, PKT_SYN, was), "new");
	set_rate(RATE);
	for (size_t i = 0; i < ARRAY_SIZE(protos); i++) {
		__u16 from = 1000 + 1000 * i;

		assert_on(0);
		assert_int_equal(lb_guard(lbrig_lb, &before), 0);
		/* one may have come before in this second, which may end in between */
		assert_in_range(flood(protos[i], from), RATE - 1, 2 * RATE);
		assert_on(1);
		/* what is known is not asked for, and goes where the ring says: here, the same */
		assert_string_equal(send_one(IPPROTO_TCP, 7, PKT_ACK, now), "guard");
		assert_string_equal(now, was);
		assert_string_equal(send_one(IPPROTO_TCP, 60000 + i, PKT_SYN, now), "guard");
		assert_int_equal(lb_guard(lbrig_lb, &after), 0);
		assert_int_equal(after.times, before.times + 1);
		assert_in_range(after.packets - before.packets, 3, 3);
		/* it ends by itself; then the table is as it was before, and knows nothing new */
		wait_for(7, "known");
		assert_on(0);
		assert_string_equal(send_one(IPPROTO_TCP, 60000 + i, PKT_ACK, now), "miss");
	}
}

/* As long as SYNs come above the rate it stays, without a gap. */
static void test_lasts(void **state)
{
	__u64 until;
	char real[64];
	__u16 port = 0;

	(void)state;
	set_rate(RATE);
	flood(IPPROTO_TCP, 5000);
	until = now_ns() + 5 * NSEC / 2;
	while (now_ns() < until)
		assert_string_equal(send_one(IPPROTO_TCP, 6000 + port++, PKT_SYN, real), "guard");
	wait_for(7, "known");
	assert_on(0);
}

/* Without a rate, or below it, it never comes; turned off while it is on, it is off. */
static void test_never(void **state)
{
	char real[64];

	(void)state;
	set_rate(RATE);
	flood(IPPROTO_TCP, 10000);
	set_rate(0);
	for (__u16 i = 0; i < 4 * RATE; i++)
		assert_string_equal(send_one(IPPROTO_TCP, 20000 + i, PKT_SYN, real), "new");
	assert_string_equal(send_one(IPPROTO_TCP, 7, PKT_ACK, real), "known");
	set_rate(1000000);
	wait_for(7, "known");
	for (__u16 i = 0; i < 4 * RATE; i++)
		assert_string_equal(send_one(IPPROTO_TCP, 21000 + i, PKT_SYN, real), "new");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guard),
		cmocka_unit_test(test_lasts),
		cmocka_unit_test(test_never),
	};

	return cmocka_run_group_tests(tests, up, down);
}
