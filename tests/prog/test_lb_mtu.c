// SPDX-License-Identifier: GPL-2.0
/* What does not fit the interface once the load balancer has wrapped it: the sender is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/util.h"
#include "tests/frame.h"
#include "tests/lbrig.h"
#include "xdpchain/pkt.h"

#define CLIENT4 "198.51.100.7"
#define CLIENT6 "2001:db8:9::7"
#define VIP4	"192.0.2.1"
#define VIP6	"2001:db8::1"
#define UDP4	.src = CLIENT4, .dst = VIP4, .proto = IPPROTO_UDP, .sport = 1000, .dport = 53
#define UDP6	.src = CLIENT6, .dst = VIP6, .proto = IPPROTO_UDP, .sport = 1000, .dport = 53

static int up(void **state)
{
	(void)state;
	lbrig_up();
	lbrig_vip(VIP4 ":53/udp");
	lbrig_vip("[" VIP6 "]:53/udp");
	lbrig_real(VIP4 ":53/udp", "10.0.0.53", 1);
	lbrig_real("[" VIP6 "]:53/udp", "fc00::53", 1);
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

static __u32 be(const unsigned char *p, int bytes)
{
	__u32 v = 0;

	while (bytes--)
		v = v << 8 | *p++;
	return v;
}

/* An error to the sender of @in that names @mtu and quotes the packet; sound in all its sums. */
static void assert_told4(const unsigned char *in, const struct lbrig_out *out, __u32 l3, __u32 mtu)
{
	const unsigned char *ip = out->frame + l3, *icmp = ip + 20;

	assert_string_equal(out->reason, "told_too_big");
	assert_int_equal(out->len, l3 + 20 + 8 + 84);
	assert_memory_equal(out->frame, in + 6, 6);
	assert_memory_equal(out->frame + 6, in, 6);
	assert_memory_equal(out->frame + 12, in + 12, l3 - 12);
	assert_int_equal(frame_sum(ip, 20, 0), 0xffff);
	assert_int_equal(ip[0], 0x45);
	assert_int_equal(be(ip + 2, 2), out->len - l3);
	assert_int_equal(ip[8], 64);
	assert_int_equal(ip[9], IPPROTO_ICMP);
	assert_memory_equal(ip + 12, in + l3 + 16, 4);
	assert_memory_equal(ip + 16, in + l3 + 12, 4);
	assert_int_equal(be(icmp, 2), 0x0304);
	assert_int_equal(be(icmp + 4, 4), mtu);
	assert_int_equal(frame_sum(icmp, 8 + 84, 0), 0xffff);
	assert_memory_equal(icmp + 8, in + l3, 84);
}

static void assert_told6(const unsigned char *in, const struct lbrig_out *out, __u32 l3, __u32 mtu)
{
	const unsigned char *ip = out->frame + l3, *icmp = ip + 40;

	assert_string_equal(out->reason, "told_too_big");
	assert_int_equal(out->len, l3 + 40 + 8 + 248);
	assert_memory_equal(out->frame, in + 6, 6);
	assert_memory_equal(out->frame + 12, in + 12, l3 - 12);
	assert_int_equal(be(ip, 4), 0x60000000);
	assert_int_equal(be(ip + 4, 2), 256);
	assert_int_equal(ip[6], IPPROTO_ICMPV6);
	assert_int_equal(ip[7], 64);
	assert_memory_equal(ip + 8, in + l3 + 24, 16);
	assert_memory_equal(ip + 24, in + l3 + 8, 16);
	assert_int_equal(be(icmp, 2), 0x0200);
	assert_int_equal(be(icmp + 4, 4), mtu);
	assert_int_equal(frame_sum(icmp, 256, frame_sum(ip + 8, 32, 256 + IPPROTO_ICMPV6)), 0xffff);
	assert_memory_equal(icmp + 8, in + l3, 248);
}

/* A sound UDP packet of @len bytes after the link layer. Its frame's length. */
static __u32 sized(unsigned char *buf, const struct frame *f, __u32 len, __u32 *l3)
{
	int six = !!strchr(f->dst, ':');

	frame_make(buf, f, l3);
	buf[*l3 + (six ? 4 : 2)] = (len - (six ? 40 : 0)) >> 8;
	buf[*l3 + (six ? 5 : 3)] = len - (six ? 40 : 0);
	if (!six)
		frame_fix4(buf + *l3);
	for (__u32 i = *l3 + (six ? 48 : 28); i < *l3 + len; i++)
		buf[i] = i * 7;
	return *l3 + len;
}

/* What does not fit the interface once encapsulated: its MTU is 1500. */
static void test_too_big(void **state)
{
	static const struct {
		__u32 len; /* of the IP packet, bytes */
		int six, tags, is_sent;
	} cases[] = {
		{ 1280, 0, 0, 1 }, { 1480, 0, 0, 1 }, { 1481, 0, 0, 0 }, { 1500, 0, 0, 0 },
		{ 1500, 0, 1, 0 }, { 1500, 0, 2, 0 }, { 9000, 0, 0, 0 }, { 1460, 1, 0, 1 },
		{ 1461, 1, 0, 0 }, { 1500, 1, 2, 0 }, { 9000, 1, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct frame f4 = { UDP4, .tags = cases[i].tags };
		struct frame f6 = { UDP6, .tags = cases[i].tags };
		static unsigned char buf[LBRIG_FRAME];
		static struct lbrig_out out;
		int six = cases[i].six;
		__u32 l3, len = sized(buf, six ? &f6 : &f4, cases[i].len, &l3);

		print_message("  IPv%d, %u bytes, %d tags\n", six ? 6 : 4, cases[i].len,
			      cases[i].tags);
		lbrig_run(buf, len, &out);
		assert_int_equal(out.verdict, XDP_TX);
		if (cases[i].is_sent)
			lbrig_wrapped(buf, len, l3, &out, six ? "fc00::53" : "10.0.0.53");
		else if (six)
			assert_told6(buf, &out, l3, 1460);
		else
			assert_told4(buf, &out, l3, 1480);
	}
}

/* So many errors a second, and none where RFC 1122 3.2.2 forbids it. */
static void test_told_seldom(void **state)
{
	static const char *const silent[] = { "0.1.2.3", "127.0.0.1", "224.0.0.1",
					      "255.255.255.255" };
	struct frame f = { UDP4 };
	unsigned char buf[LBRIG_FRAME] = { 0 };
	struct lb_options o;
	struct lbrig_out out;
	__u32 l3, len, told = 0;
	__u64 until;

	(void)state;
	assert_int_equal(lb_options(lbrig.chain, &o), 0);
	o.icmp_rate = 5;
	lbrig_load(&o);
	for (size_t i = 0; i < ARRAY_SIZE(silent); i++) {
		f.src = silent[i];
		len = sized(buf, &f, 1500, &l3);
		lbrig_run(buf, len, &out);
		assert_int_equal(out.verdict, XDP_DROP);
		assert_string_equal(out.reason, "too_big");
		assert_memory_equal(out.frame, buf, len);
	}
	f.src = CLIENT4;
	len = sized(buf, &f, 1500, &l3);
	until = now_ns() + 3 * NSEC; /* what other tests were told counts until a second is over */
	do
		lbrig_run(buf, len, &out);
	while (out.verdict != XDP_TX && now_ns() < until);
	for (int i = 0; i < 200; i++) {
		lbrig_run(buf, len, &out);
		told += out.verdict == XDP_TX;
	}
	assert_in_range(told, 4, 14); /* in as many seconds as that took, or their parts */
	o.icmp_rate = 0;
	lbrig_load(&o);
	lbrig_run(buf, len, &out);
	assert_string_equal(out.reason, "too_big");
	lb_options_defaults(&o);
	o.conns = 4096;
	lbrig_load(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_told_seldom),
	};

	return cmocka_run_group_tests(tests, up, down);
}
