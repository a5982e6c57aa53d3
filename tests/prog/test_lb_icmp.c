// SPDX-License-Identifier: GPL-2.0
/* ICMP and ICMPv6 at the load balancer: echo, and errors about a flow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <stdio.h>
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

static int up(void **state)
{
	(void)state;
	lbrig_up();
	lbrig_vip(VIP4 ":80/tcp");
	lbrig_vip("[" VIP6 "]:80/tcp");
	lbrig_vip("203.0.113.0/24:any/tcp");
	for (int i = 1; i <= 8; i++) {
		char real[LB_TEXT];

		snprintf(real, sizeof(real), "10.0.0.%d", i);
		lbrig_real(VIP4 ":80/tcp", real, 1);
		lbrig_real("203.0.113.0/24:any/tcp", real, 1);
		snprintf(real, sizeof(real), "fc00::%d", i);
		lbrig_real("[" VIP6 "]:80/tcp", real, 1);
	}
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

static const struct {
	const char *name;
	struct frame frame;
	const char *reason;
} echoes[] = {
	{ "4", { .src = CLIENT4, .dst = VIP4, .proto = IPPROTO_ICMP, .payload = 33 }, "echo" },
	{ "6", { .src = CLIENT6, .dst = VIP6, .proto = IPPROTO_ICMPV6, .payload = 32 }, "echo" },
	{ "4: two tags, options",
	  { .src = CLIENT4, .dst = VIP4, .proto = IPPROTO_ICMP, .tags = 2, .options = 8 },
	  "echo" },
	{ "6: a tag, hop-by-hop",
	  { .src = CLIENT6, .dst = VIP6, .proto = IPPROTO_ICMPV6, .tags = 1, .options = 8 },
	  "echo" },
	{ "4: within a prefix",
	  { .src = CLIENT4, .dst = "203.0.113.9", .proto = IPPROTO_ICMP },
	  "echo" },
	{ "4: to another", { .src = CLIENT4, .dst = "192.0.2.2", .proto = IPPROTO_ICMP }, "" },
	{ "6: to another", { .src = CLIENT6, .dst = "2001:db8::2", .proto = IPPROTO_ICMPV6 }, "" },
	{ "4: in fragments",
	  { .src = CLIENT4, .dst = VIP4, .proto = IPPROTO_ICMP, .frag = -1, .payload = 8 },
	  "fragment" },
};

/* An answer is the question with addresses and MACs turned round, and sound. */
static void assert_echo(const unsigned char *in, __u32 len, __u32 l3, const struct lbrig_out *out,
			const struct frame *f)
{
	int six = !!strchr(f->dst, ':'), size = six ? 16 : 4;
	const unsigned char *ip = out->frame + l3, *was = in + l3;
	__u32 at = six ? 40 + f->options : (ip[0] & 15) * 4, rest = len - l3 - at;

	assert_int_equal(out->verdict, XDP_TX);
	assert_int_equal(out->len, len);
	assert_memory_equal(out->frame, in + 6, 6);
	assert_memory_equal(out->frame + 6, in, 6);
	assert_memory_equal(out->frame + 12, in + 12, l3 - 12);
	assert_memory_equal(ip + (six ? 8 : 12), was + (six ? 24 : 16), size);
	assert_memory_equal(ip + (six ? 24 : 16), was + (six ? 8 : 12), size);
	assert_int_equal(ip[six ? 7 : 8], 64);
	assert_int_equal(ip[at], six ? 129 : 0);
	if (six)
		assert_int_equal(
			frame_sum(ip + at, rest, frame_sum(ip + 8, 32, rest + IPPROTO_ICMPV6)),
			0xffff);
	else
		assert_int_equal(frame_sum(ip, at, 0), 0xffff);
	if (!six)
		assert_int_equal(frame_sum(ip + at, rest, 0), 0xffff);
	assert_memory_equal(ip + at + 4, was + at + 4, rest - 4);
}

static void test_echo(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(echoes); i++) {
		const struct frame *f = &echoes[i].frame;
		unsigned char buf[FRAME_MAX];
		struct lbrig_out out;
		__u32 l3, at, len = frame_make(buf, f, &l3);

		print_message("  %s\n", echoes[i].name);
		at = buf[l3] >> 4 == 6 ? 40 + f->options : 20 + f->options;
		if (buf[l3] >> 4 == 4) {
			buf[l3 + 8] = 3; /* TTL */
			frame_fix4(buf + l3);
		}
		if (!f->frag)
			frame_fix_l4(buf + l3, at, len - l3 - at, f->proto);
		lbrig_run(buf, len, &out);
		assert_string_equal(out.reason, echoes[i].reason);
		if (!strcmp(out.reason, "echo")) {
			assert_echo(buf, len, l3, &out, f);
			continue;
		}
		assert_int_equal(out.verdict, *echoes[i].reason ? XDP_DROP : XDP_PASS);
		assert_memory_equal(out.frame, buf, len);
	}
}

/* What is neither echo nor error is the stack's: neighbours must find each other. */
static void test_other_types(void **state)
{
	static const unsigned char types4[] = { 0, 5, 9, 13, 17 },
				   types6[] = { 129, 133, 135, 136 };
	const struct frame f4 = { .src = CLIENT4, .dst = VIP4, .proto = IPPROTO_ICMP };
	const struct frame f6 = { .src = CLIENT6, .dst = VIP6, .proto = IPPROTO_ICMPV6 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(types4) + ARRAY_SIZE(types6); i++) {
		int six = i >= ARRAY_SIZE(types4);
		unsigned char buf[FRAME_MAX];
		struct lbrig_out out;
		__u32 l3, len = frame_make(buf, six ? &f6 : &f4, &l3);

		buf[l3 + (six ? 40 : 20)] = six ? types6[i - ARRAY_SIZE(types4)] : types4[i];
		lbrig_run(buf, len, &out);
		assert_int_equal(out.verdict, XDP_PASS);
		assert_string_equal(out.reason, "");
	}
}

/* The real that a packet of the flow goes to; "" if to none. */
static const char *real_of(const struct frame *f)
{
	static struct lbrig_outer o;
	unsigned char buf[FRAME_MAX];
	struct lbrig_out out;

	lbrig_run(buf, frame_make(buf, f, NULL), &out);
	return lbrig_outer(out.frame, out.len, &o) ? "" : o.dst;
}

/*
 * An error from a router about a packet that a real sent as @flow's VIP. @l4: bytes of its segment
 * that are in it; -1: what is in it was sent to the VIP, not by it.
 */
static __u32 error_make(unsigned char buf[FRAME_MAX], const struct frame *flow, int type, int l4)
{
	int six = !!strchr(flow->dst, ':'), hlen = six ? 40 : 20;
	struct frame f = { .src = six ? "2001:db8:77::1" : "203.0.113.254",
			   .dst = flow->dst,
			   .proto = six ? IPPROTO_ICMPV6 : IPPROTO_ICMP,
			   .payload = hlen + (l4 < 0 ? 8 : l4) };
	struct frame sent = { .src = flow->dst,
			      .dst = flow->src,
			      .proto = flow->proto,
			      .sport = flow->dport,
			      .dport = flow->sport,
			      .tcp_flags = PKT_ACK };
	unsigned char about[FRAME_MAX];
	__u32 l3, len = frame_make(buf, &f, &l3);

	frame_make(about, l4 < 0 ? flow : &sent, NULL);
	buf[l3 + hlen] = type;
	memcpy(buf + l3 + hlen + 8, about + 14, f.payload);
	frame_fix_l4(buf + l3, hlen, 8 + f.payload, f.proto);
	return len;
}

static const struct {
	const char *name;
	struct frame flow;
	int type, l4;
	int verdict;
} errors[] = {
	{ "4: unreachable, 8 bytes of TCP", { .src = CLIENT4, .dst = VIP4 }, 3, 8, XDP_TX },
	{ "4: time exceeded, all of it", { .src = CLIENT4, .dst = VIP4 }, 11, 20, XDP_TX },
	{ "4: parameter problem", { .src = CLIENT4, .dst = VIP4 }, 12, 20, XDP_TX },
	{ "4: redirect", { .src = CLIENT4, .dst = VIP4 }, 5, 20, XDP_PASS },
	{ "4: 3 bytes of TCP", { .src = CLIENT4, .dst = VIP4 }, 3, 3, XDP_PASS },
	{ "4: about what others sent", { .src = CLIENT4, .dst = VIP4 }, 3, -1, XDP_PASS },
	{ "4: within a prefix", { .src = CLIENT4, .dst = "203.0.113.7" }, 3, 8, XDP_TX },
	{ "4: to another", { .src = CLIENT4, .dst = "192.0.2.9" }, 3, 8, XDP_PASS },
	{ "6: unreachable", { .src = CLIENT6, .dst = VIP6 }, 1, 20, XDP_TX },
	{ "6: too big, 8 bytes of TCP", { .src = CLIENT6, .dst = VIP6 }, 2, 8, XDP_TX },
	{ "6: time exceeded", { .src = CLIENT6, .dst = VIP6 }, 3, 20, XDP_TX },
	{ "6: parameter problem", { .src = CLIENT6, .dst = VIP6 }, 4, 20, XDP_TX },
	{ "6: about what others sent", { .src = CLIENT6, .dst = VIP6 }, 1, -1, XDP_PASS },
};

/* To the flow's real, by the table and, when it is not there, by the ring; never into the table. */
static void test_errors(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct frame flow = errors[i].flow;
		unsigned char buf[FRAME_MAX];
		struct lbrig_out out;

		print_message("  %s\n", errors[i].name);
		flow.proto = IPPROTO_TCP;
		flow.dport = 80;
		for (int k = 0; k < 16; k++) {
			__u32 len;

			flow.sport = 3000 + 100 * i + k;
			len = error_make(buf, &flow, errors[i].type, errors[i].l4);
			lbrig_run(buf, len, &out);
			assert_int_equal(out.verdict, errors[i].verdict);
			assert_string_equal(out.reason, out.verdict == XDP_TX ? "icmp_error" : "");
			flow.tcp_flags = PKT_RST;
			if (out.verdict == XDP_TX)
				lbrig_wrapped(buf, len, 14, &out, real_of(&flow));
			else
				assert_memory_equal(out.frame, buf, len);
		}
	}
}

/* In GUE: the outer checksum is right, also where the error's own is not. */
static void test_errors_in_gue(void **state)
{
	static const struct frame flows[] = { { .src = CLIENT4, .dst = "192.0.2.33" },
					      { .src = CLIENT6, .dst = "2001:db8::33" } };
	static const char *const vips[] = { "192.0.2.33:80/tcp", "[2001:db8::33]:80/tcp" };

	(void)state;
	for (int six = 0; six < 2; six++) {
		lbrig_vip_flags(vips[six], LB_VIP_GUE, 0);
		lbrig_real(vips[six], six ? "fc00::33" : "10.0.0.33", 1);
		for (int wrong = 0; wrong < 2; wrong++) {
			struct frame flow = flows[six];
			unsigned char buf[FRAME_MAX];
			struct lbrig_outer o;
			struct lbrig_out out;
			__u32 len;

			flow.proto = IPPROTO_TCP;
			flow.sport = 4000;
			flow.dport = 80;
			len = error_make(buf, &flow, six ? 1 : 3, 20);
			buf[14 + (six ? 40 : 20) + 2] ^= wrong ? 0x5a : 0; /* of its checksum */
			lbrig_run(buf, len, &out);
			assert_string_equal(out.reason, "icmp_error");
			o = lbrig_wrapped(buf, len, 14, &out, six ? "fc00::33" : "10.0.0.33");
			assert_int_equal(o.proto, IPPROTO_UDP);
			assert_true(o.check_ok);
		}
		lbrig_vip_del(vips[six]);
	}
}

/* An established flow keeps its real when the ring changes; the errors about it go there too. */
static void test_error_by_table(void **state)
{
	struct frame flow = {
		.src = CLIENT4, .dst = VIP4, .proto = IPPROTO_TCP, .sport = 77, .dport = 80
	};
	unsigned char buf[FRAME_MAX];
	struct lbrig_outer o;
	struct lbrig_out out;
	char real[64];

	(void)state;
	flow.tcp_flags = PKT_SYN;
	snprintf(real, sizeof(real), "%s", real_of(&flow));
	lbrig_real(VIP4 ":80/tcp", "10.0.1.1", 1000);
	lbrig_real(VIP4 ":80/tcp", "10.0.1.2", 1000);
	lbrig_run(buf, error_make(buf, &flow, 3, 8), &out);
	assert_string_equal(out.reason, "icmp_error");
	assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
	assert_string_equal(o.dst, real);
	flow.tcp_flags = PKT_RST;
	assert_string_equal(real_of(&flow), real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),	       cmocka_unit_test(test_other_types),
		cmocka_unit_test(test_errors),	       cmocka_unit_test(test_errors_in_gue),
		cmocka_unit_test(test_error_by_table),
	};

	return cmocka_run_group_tests(tests, up, down);
}
