// SPDX-License-Identifier: GPL-2.0
/* The load balancer's stage behind the root: what it does to each kind of packet, byte by byte. */
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

#define CLIENT4		      "198.51.100.7"
#define CLIENT6		      "2001:db8:9::7"
#define VIP4		      "192.0.2.1"
#define VIP6		      "2001:db8::1"
#define EMPTY4		      "192.0.2.2" /* has no real */
#define FLOW4(to, what, port) .src = CLIENT4, .dst = (to), .proto = (what), .dport = (port)
#define FLOW6(to, what, port) .src = CLIENT6, .dst = (to), .proto = (what), .dport = (port)
#define TCP4		      FLOW4(VIP4, IPPROTO_TCP, 80)
#define UDP4		      FLOW4(VIP4, IPPROTO_UDP, 53)
#define TCP6		      FLOW6(VIP6, IPPROTO_TCP, 80)
#define UDP6		      FLOW6(VIP6, IPPROTO_UDP, 53)

/* One real each, so that the address is known. */
static int up(void **state)
{
	(void)state;
	lbrig_up();
	lbrig_vip(VIP4 ":80/tcp");
	lbrig_vip(VIP4 ":53/udp");
	lbrig_vip("[" VIP6 "]:80/tcp");
	lbrig_vip("[" VIP6 "]:53/udp");
	lbrig_vip(EMPTY4 ":80/tcp");
	lbrig_real(VIP4 ":80/tcp", "10.0.0.80", 1);
	lbrig_real(VIP4 ":53/udp", "10.0.0.53", 1);
	lbrig_real("[" VIP6 "]:80/tcp", "fc00::80", 1);
	lbrig_real("[" VIP6 "]:53/udp", "fc00::53", 1);
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

/* The frame as it went in, encapsulated towards @real. */
static void assert_encapsulated(const unsigned char *in, __u32 len, __u32 l3,
				const struct lbrig_out *out, const char *real)
{
	struct lbrig_outer o = lbrig_wrapped(in, len, l3, out, real);

	assert_int_equal(o.ttl, 64);
	assert_int_equal(o.proto, o.version == 4 ? IPPROTO_IPIP : IPPROTO_IPV6);
	assert_int_equal(o.at, l3);
	assert_memory_equal(out->frame, in + 6, 6); /* to whom it came from */
	assert_memory_equal(out->frame + 6, in, 6);
	assert_memory_equal(out->frame + 12, in + 12, l3 - 12); /* tags and type stay */
}

static const struct {
	const char *name;
	struct frame frame;
	int verdict;
	const char *reason, *real;
} packets[] = {
	{ "tcp4 syn", { TCP4, .tcp_flags = PKT_SYN }, XDP_TX, "new", "10.0.0.80" },
	{ "tcp4 data",
	  { TCP4, .tcp_flags = PKT_ACK, .payload = 20 },
	  XDP_TX,
	  "known",
	  "10.0.0.80" },
	{ "tcp4 vlan", { TCP4, .tcp_flags = PKT_ACK, .tags = 1 }, XDP_TX, "known", "10.0.0.80" },
	{ "tcp4 two tags",
	  { TCP4, .tcp_flags = PKT_ACK, .tags = 2 },
	  XDP_TX,
	  "known",
	  "10.0.0.80" },
	{ "tcp4 options",
	  { TCP4, .tcp_flags = PKT_ACK, .options = 8 },
	  XDP_TX,
	  "known",
	  "10.0.0.80" },
	{ "tcp4 all options",
	  { TCP4, .tcp_flags = PKT_ACK, .options = 40 },
	  XDP_TX,
	  "known",
	  "10.0.0.80" },
	{ "udp4", { UDP4, .payload = 30 }, XDP_TX, "new", "10.0.0.53" },
	{ "udp4 again", { UDP4, .payload = 30 }, XDP_TX, "known", "10.0.0.53" },
	{ "tcp6 syn", { TCP6, .tcp_flags = PKT_SYN }, XDP_TX, "new", "fc00::80" },
	{ "tcp6 data", { TCP6, .tcp_flags = PKT_ACK, .payload = 20 }, XDP_TX, "known", "fc00::80" },
	{ "tcp6 vlan", { TCP6, .tcp_flags = PKT_ACK, .tags = 1 }, XDP_TX, "known", "fc00::80" },
	{ "tcp6 two tags", { TCP6, .tcp_flags = PKT_ACK, .tags = 2 }, XDP_TX, "known", "fc00::80" },
	{ "tcp6 hop-by-hop",
	  { TCP6, .tcp_flags = PKT_ACK, .options = 8 },
	  XDP_TX,
	  "known",
	  "fc00::80" },
	{ "udp6", { UDP6, .payload = 30 }, XDP_TX, "new", "fc00::53" },
	{ "no real",
	  { FLOW4(EMPTY4, IPPROTO_TCP, 80), .tcp_flags = PKT_SYN },
	  XDP_DROP,
	  "no_real",
	  NULL },
	{ "first fragment 4", { UDP4, .frag = -1, .payload = 16 }, XDP_DROP, "fragment", NULL },
	{ "later fragment 4", { UDP4, .frag = 64, .payload = 16 }, XDP_DROP, "fragment", NULL },
	{ "first fragment 6", { UDP6, .frag = -1, .payload = 16 }, XDP_DROP, "fragment", NULL },
	{ "later fragment 6", { UDP6, .frag = 64, .payload = 16 }, XDP_DROP, "fragment", NULL },
	{ "fragment for another",
	  { FLOW4("192.0.2.9", IPPROTO_UDP, 53), .frag = 64, .payload = 16 },
	  XDP_PASS,
	  "",
	  NULL },
	{ "another address", { FLOW4("192.0.2.9", IPPROTO_TCP, 80) }, XDP_PASS, "", NULL },
	{ "another port", { FLOW4(VIP4, IPPROTO_TCP, 81) }, XDP_PASS, "", NULL },
	{ "another protocol", { FLOW4(VIP4, IPPROTO_TCP, 53) }, XDP_PASS, "", NULL },
	{ "another address 6", { FLOW6("2001:db8::2", IPPROTO_TCP, 80) }, XDP_PASS, "", NULL },
	{ "another port 6", { FLOW6(VIP6, IPPROTO_TCP, 81) }, XDP_PASS, "", NULL },
	{ "tunnel to the VIP",
	  { FLOW4(VIP4, IPPROTO_IPIP, 0), .payload = 60 },
	  XDP_PASS,
	  "",
	  NULL },
	{ "sctp to the VIP", { FLOW4(VIP4, IPPROTO_SCTP, 0), .payload = 60 }, XDP_PASS, "", NULL },
};

static void test_packets(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		unsigned char buf[FRAME_MAX];
		struct lbrig_out out;
		__u32 l3, len = frame_make(buf, &packets[i].frame, &l3);

		print_message("  %s\n", packets[i].name);
		lbrig_run(buf, len, &out);
		assert_string_equal(out.reason, packets[i].reason);
		assert_int_equal(out.verdict, packets[i].verdict);
		if (packets[i].real) {
			assert_encapsulated(buf, len, l3, &out, packets[i].real);
			continue;
		}
		assert_int_equal(out.len, len);
		assert_memory_equal(out.frame, buf, len);
	}
}

/* One byte of a sound header is changed; offsets are from the IP header. */
static const struct {
	const char *name;
	struct frame frame;
	int at, value, fix;
	int verdict;
	const char *reason;
} headers[] = {
	{ "4: checksum", { TCP4 }, 10, 0x55, 0, XDP_DROP, "bad_checksum" },
	{ "4: checksum with options",
	  { TCP4, .options = 40 },
	  59,
	  0x55,
	  0,
	  XDP_DROP,
	  "bad_checksum" },
	{ "4: ttl 0", { TCP4 }, 8, 0, 1, XDP_DROP, "ttl" },
	{ "4: ttl 1 has arrived", { TCP4 }, 8, 1, 1, XDP_TX, "miss" },
	{ "4: tos", { TCP4 }, 1, 0xb9, 1, XDP_TX, "known" },
	{ "4: df", { TCP4 }, 6, 0x40, 1, XDP_TX, "known" },
	{ "4: reserved flag", { TCP4 }, 6, 0x80, 1, XDP_TX, "known" },
	{ "4: longer than the frame", { TCP4 }, 2, 1, 1, XDP_DROP, "malformed" },
	{ "4: shorter than its ports", { TCP4 }, 3, 27, 1, XDP_DROP, "short" },
	{ "4: length 0", { TCP4 }, 3, 0, 1, XDP_DROP, "malformed" },
	{ "4: shorter than the frame", { TCP4, .payload = 18 }, 3, 40, 1, XDP_TX, "known" },
	{ "4: tcp header of 4 words", { TCP4 }, 32, 0x40, 0, XDP_DROP, "malformed" },
	{ "6: hop limit 0", { TCP6 }, 7, 0, 0, XDP_DROP, "ttl" },
	{ "6: hop limit 1", { TCP6 }, 7, 1, 0, XDP_TX, "miss" },
	{ "6: traffic class", { TCP6 }, 0, 0x6b, 0, XDP_TX, "known" },
	{ "6: longer than the frame", { TCP6 }, 4, 1, 0, XDP_DROP, "malformed" },
	{ "6: shorter than its ports", { TCP6 }, 5, 7, 0, XDP_DROP, "short" },
	{ "6: length 0", { TCP6 }, 5, 0, 0, XDP_DROP, "malformed" },
};

static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(headers); i++) {
		struct frame f = headers[i].frame;
		unsigned char buf[FRAME_MAX];
		struct lbrig_outer o;
		struct lbrig_out out;
		__u32 l3, len;

		print_message("  %s\n", headers[i].name);
		f.sport = 41000; /* a flow of its own */
		f.tcp_flags = PKT_ACK;
		len = frame_make(buf, &f, &l3);
		buf[l3 + headers[i].at] = headers[i].value;
		if (headers[i].fix)
			frame_fix4(buf + l3);
		lbrig_run(buf, len, &out);
		assert_string_equal(out.reason, headers[i].reason);
		assert_int_equal(out.verdict, headers[i].verdict);
		if (out.verdict != XDP_TX) {
			assert_memory_equal(out.frame, buf, len);
			continue;
		}
		assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
		assert_true(o.check_ok);
		assert_memory_equal(out.frame + o.inner, buf + l3, len - l3);
		if (o.version == 4) {
			assert_int_equal(o.tos, buf[l3 + 1]);
			assert_int_equal(o.df, buf[l3 + 6] >> 6 & 1);
			assert_int_equal(o.id, 1); /* frame_make()'s */
			assert_int_equal(o.len, 20 + (buf[l3 + 2] << 8 | buf[l3 + 3]));
		} else {
			assert_int_equal(o.tos, (buf[l3] & 15) << 4 | buf[l3 + 1] >> 4);
			assert_int_equal(o.len, len - l3 + 40);
		}
	}
}

/* Cut anywhere, a packet for a VIP is either sent whole, or dropped or passed as it is. */
static void test_truncated(void **state)
{
	static const struct frame frames[] = {
		{ TCP4, .tcp_flags = PKT_ACK, .options = 8, .tags = 2, .payload = 4 },
		{ UDP4, .payload = 4 },
		{ TCP6, .tcp_flags = PKT_ACK, .options = 8, .tags = 1, .payload = 4 },
		{ UDP6, .payload = 4 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(frames); i++) {
		unsigned char buf[FRAME_MAX];
		struct lbrig_out out;
		__u32 l3, whole = frame_make(buf, &frames[i], &l3);
		__u32 addressed = l3 + (buf[l3] >> 4 == 4 ? 20 : 40);

		for (__u32 len = 14; len < whole; len++) {
			lbrig_run(buf, len, &out);
			assert_int_equal(out.len, len);
			assert_memory_equal(out.frame, buf, len);
			assert_int_equal(out.verdict, len < addressed ? XDP_PASS : XDP_DROP);
			if (len < addressed)
				assert_string_equal(out.reason, "");
			else if (strcmp(out.reason, "short"))
				assert_string_equal(out.reason, "malformed");
		}
	}
}

/* The source of the outer packet is another for another flow, and always the same for one. */
static void test_outer_source(void **state)
{
	static const struct {
		struct frame frame;
		const char *src;
	} cases[] = {
		{ { TCP4, .sport = 31337 }, "172.16.13.125" }, /* 100.7 ^ 105.122 */
		{ { TCP4, .sport = 31338 }, "172.16.14.125" },
		{ { TCP6, .sport = 31337 }, "100::7a69:7" },
		{ { TCP6, .sport = 31338 }, "100::7a6a:7" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		unsigned char buf[FRAME_MAX];
		struct lbrig_outer o;
		struct lbrig_out out;

		lbrig_run(buf, frame_make(buf, &cases[i].frame, NULL), &out);
		assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
		assert_string_equal(o.src, cases[i].src);
	}
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

/* A frame in several buffers is sent whole, where the interface takes it. */
static void test_jumbo(void **state)
{
	const struct frame f = { UDP4, .tags = 1 };
	static unsigned char buf[LBRIG_FRAME];
	static struct lbrig_out out;
	__u32 l3, len;

	(void)state;
	assert_int_equal(rig_sh("ip link set %sp mtu 9000; ip link set %s mtu 9000", lbrig.ifname,
				lbrig.ifname),
			 0);
	len = sized(buf, &f, 8000, &l3);
	lbrig_run(buf, len, &out);
	assert_int_equal(out.verdict, XDP_TX);
	assert_encapsulated(buf, len, l3, &out, "10.0.0.53");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_packets),	  cmocka_unit_test(test_headers),
		cmocka_unit_test(test_truncated), cmocka_unit_test(test_outer_source),
		cmocka_unit_test(test_jumbo),
	};

	return cmocka_run_group_tests(tests, up, down);
}
