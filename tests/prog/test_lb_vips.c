// SPDX-License-Identifier: GPL-2.0
/* What a VIP may be and how it may be served: ports, prefixes, hashes, GUE, ids, modes of reals. */
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
#define REALS	8
#define FLOWS	64

static int up(void **state)
{
	/* so large that no set of it overflows, or a flow would be new again */
	struct lb_options o = { .conns = 1 << 17 };

	(void)state;
	lbrig_up();
	lbrig_load(&o);
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

static int clear(void **state)
{
	(void)state;
	lbrig_clear();
	return 0;
}

/* A VIP with REALS reals: 10.0.0.1 and on, or fc00::1. */
static void vip(const char *name, __u32 flags, __u32 id_bytes, int six)
{
	char real[LB_TEXT];

	lbrig_vip_flags(name, flags, id_bytes);
	for (int i = 1; i <= REALS; i++) {
		snprintf(real, sizeof(real), six ? "fc00::%d" : "10.0.0.%d", i);
		lbrig_real(name, real, 1);
	}
}

/* Send @f, with sound sums. Its reason; where it went in @o, if it was sent. */
static const char *send_frame(const struct frame *f, struct lbrig_outer *o)
{
	int six = !!strchr(f->src, ':');
	static struct lbrig_out out;
	unsigned char buf[FRAME_MAX];
	__u32 l3, at, len = frame_make(buf, f, &l3);

	at = six ? 40 + f->options : 20 + f->options;
	if (!f->frag && f->proto == IPPROTO_TCP)
		frame_fix_l4(buf + l3, at, len - l3 - at, f->proto);
	lbrig_run(buf, len, &out);
	memset(o, 0, sizeof(*o));
	if (out.verdict == XDP_TX) {
		assert_int_equal(lbrig_outer(out.frame, out.len, o), 0);
		assert_true(o->check_ok);
		assert_memory_equal(out.frame + o->inner, buf + l3, len - l3);
	}
	return out.reason;
}

#define assert_reason(f, o, want) assert_string_equal(send_frame(f, o), want)

/* Which VIP is meant, by what it has of its own: one real each. */
static const struct {
	const char *vip, *real;
} which_vips[] = {
	{ "192.0.2.1:80/tcp", "10.1.0.1" },	  { "192.0.2.1:any/tcp", "10.1.0.2" },
	{ "192.0.2.0/24:80/tcp", "10.1.0.3" },	  { "192.0.2.0/24:any/tcp", "10.1.0.4" },
	{ "192.0.0.0/16:any/tcp", "10.1.0.5" },	  { "192.0.2.1:any/udp", "10.1.0.6" },
	{ "192.0.2.128/25:443/tcp", "10.1.0.7" }, { "[2001:db8::1]:any/tcp", "fc00::1" },
	{ "[2001:db8::/64]:80/tcp", "fc00::2" },  { "[2001:db8::/32]:any/tcp", "fc00::3" },
	{ "[2001:db8::/64]:any/udp", "fc00::4" },
};
static const struct {
	const char *dst;
	int proto, port;
	const char *real;
} which[] = {
	{ "192.0.2.1", IPPROTO_TCP, 80, "10.1.0.1" },
	{ "192.0.2.1", IPPROTO_TCP, 81, "10.1.0.2" },
	{ "192.0.2.1", IPPROTO_UDP, 80, "10.1.0.6" },
	{ "192.0.2.2", IPPROTO_TCP, 80, "10.1.0.3" },
	{ "192.0.2.2", IPPROTO_TCP, 81, "10.1.0.4" },
	{ "192.0.2.200", IPPROTO_TCP, 443, "10.1.0.7" },
	{ "192.0.2.200", IPPROTO_TCP, 80, "10.1.0.3" }, /* the port before any */
	{ "192.0.3.1", IPPROTO_TCP, 80, "10.1.0.5" },
	{ "192.1.0.1", IPPROTO_TCP, 80, NULL },
	{ "192.0.2.2", IPPROTO_UDP, 80, NULL },
	{ "2001:db8::1", IPPROTO_TCP, 80, "fc00::1" }, /* the address before the port */
	{ "2001:db8::2", IPPROTO_TCP, 80, "fc00::2" },
	{ "2001:db8::2", IPPROTO_TCP, 81, "fc00::3" },
	{ "2001:db8:1::1", IPPROTO_TCP, 80, "fc00::3" },
	{ "2001:db8::2", IPPROTO_UDP, 53, "fc00::4" },
	{ "2001:db9::2", IPPROTO_TCP, 80, NULL },
};

static void test_which(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(which_vips); i++) {
		lbrig_vip(which_vips[i].vip);
		lbrig_real(which_vips[i].vip, which_vips[i].real, 1);
	}
	for (size_t i = 0; i < ARRAY_SIZE(which); i++) {
		struct frame f = { .dst = which[i].dst,
				   .src = strchr(which[i].dst, ':') ? CLIENT6 : CLIENT4,
				   .proto = which[i].proto,
				   .dport = which[i].port,
				   .sport = 1000 };
		struct lbrig_outer o;
		const char *reason = send_frame(&f, &o);

		print_message("  %s %d/%d\n", which[i].dst, which[i].port, which[i].proto);
		assert_string_equal(o.dst, which[i].real ? which[i].real : "");
		assert_true(!which[i].real == !*reason);
	}
	lbrig_vip_del("192.0.2.0/24:80/tcp");
	lbrig_vip_del("192.0.2.1:any/tcp");
	for (size_t i = 1; i < 4; i += 2) { /* 192.0.2.1:81 and 192.0.2.2:80 go to the next wider */
		struct frame f = { .src = CLIENT4,
				   .dst = which[i].dst,
				   .proto = IPPROTO_TCP,
				   .dport = which[i].port,
				   .sport = 2000 };
		struct lbrig_outer o;

		send_frame(&f, &o);
		assert_string_equal(o.dst, "10.1.0.4");
	}
}

/* In a VIP of many addresses and ports each flow has an entry of its own, that outlasts changes. */
static void test_wide_flows(void **state)
{
	static const struct {
		const char *vip, *src, *dst[2];
	} cases[] = {
		{ "192.0.2.0/24:any/tcp", CLIENT4, { "192.0.2.7", "192.0.2.8" } },
		{ "[2001:db8::/64]:any/tcp", CLIENT6, { "2001:db8::7", "2001:db8::8" } },
		{ "203.0.113.1:any/tcp", CLIENT4, { "203.0.113.1", "203.0.113.1" } },
		{ "[2001:db8:5::1]:any/tcp", CLIENT6, { "2001:db8:5::1", "2001:db8:5::1" } },
	};
	static char was[2][FLOWS][64];

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		struct frame f = { .src = cases[c].src, .proto = IPPROTO_TCP, .sport = 77 };
		struct lbrig_outer o;
		int moved = 0;

		vip(cases[c].vip, 0, 0, !!strchr(f.src, ':'));
		for (int round = 0; round < 2; round++) {
			for (int i = 0; i < 2 * FLOWS; i++) {
				f.dst = cases[c].dst[i & 1];
				f.dport = 1000 + i;
				f.tcp_flags = round ? PKT_ACK : PKT_SYN;
				assert_reason(&f, &o, round ? "known" : "new");
				if (!round)
					memcpy(was[i & 1][i / 2], o.dst, sizeof(o.dst));
				assert_string_equal(o.dst, was[i & 1][i / 2]);
				moved += strcmp(o.dst, was[0][0]) != 0;
			}
			if (!round)
				lbrig_real(cases[c].vip,
					   strchr(f.src, ':') ? "fc00::99" : "10.0.0.99", 1000);
		}
		assert_true(moved); /* they did not all go to one */
	}
}

/* The real of flow @i, by @flags of the VIP. */
static void test_hashes(void **state)
{
	static const struct {
		__u32 flags;
		int by_client, by_sport, by_dport; /* what makes a difference */
	} cases[] = {
		{ 0, 1, 1, 1 },
		{ LB_VIP_HASH_SOURCE, 1, 0, 0 },
		{ LB_VIP_HASH_DPORT, 0, 0, 1 },
	};

	(void)state;
	for (int six = 0; six < 2; six++)
		for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
			const char *name = six ? "[2001:db8::1]:any/tcp" : "192.0.2.1:any/tcp";
			char src[LB_TEXT], first[64] = "";
			int differ[3] = { 0 };

			lbrig_clear();
			vip(name, cases[c].flags, 0, six);
			for (int what = 0; what < 3; what++)
				for (int i = 0; i < FLOWS; i++) {
					struct frame f = { .src = src,
							   .dst = six ? "2001:db8::1" : "192.0.2.1",
							   .proto = IPPROTO_TCP,
							   .sport = 5000 + (what == 1) * i,
							   .dport = 80 + (what == 2) * i,
							   .tcp_flags = PKT_SYN };
					struct lbrig_outer o;

					snprintf(src, sizeof(src),
						 six ? "2001:db8:9::%x" : "198.51.100.%d",
						 7 + (what == 0) * i);
					assert_reason(&f, &o, "new");
					if (!*first)
						memcpy(first, o.dst, sizeof(first));
					differ[what] += strcmp(o.dst, first) != 0;
				}
			assert_int_equal(differ[0] > 0, cases[c].by_client);
			assert_int_equal(differ[1] > 0, cases[c].by_sport);
			assert_int_equal(differ[2] > 0, cases[c].by_dport);
		}
}

/* one-shot neither asks nor tells the table; no-lru tells it nothing new. */
static void test_table_options(void **state)
{
	const char *name = "192.0.2.1:53/udp";
	struct frame f = {
		.src = CLIENT4, .dst = "192.0.2.1", .proto = IPPROTO_UDP, .sport = 9, .dport = 53
	};
	struct lb_vip_options o = { .flags = LB_VIP_ONE_SHOT };
	struct lb_service s;
	struct lbrig_outer out;

	(void)state;
	assert_int_equal(lb_service_parse(name, &s, NULL), 0);
	vip(name, 0, 0, 0);
	assert_reason(&f, &out, "new");
	assert_reason(&f, &out, "known");
	assert_int_equal(lb_vip_set(lbrig_lb, &s, &o, NULL), 0);
	assert_reason(&f, &out, "one_shot");
	o.flags = LB_VIP_NO_LRU;
	assert_int_equal(lb_vip_set(lbrig_lb, &s, &o, NULL), 0);
	assert_reason(&f, &out, "known");
	f.sport = 10;
	assert_reason(&f, &out, "new");
	assert_reason(&f, &out, "new");
}

/* Fragments, first and later, go where the unfragmented packets of their client go. */
static void test_fragments(void **state)
{
	(void)state;
	vip("192.0.2.1:53/udp", LB_VIP_FRAGMENTS, 0, 0);
	vip("[2001:db8::1]:53/udp", LB_VIP_FRAGMENTS, 0, 1);
	vip("192.0.2.1:80/tcp", 0, 0, 0);
	vip("203.0.113.0/24:any/udp", LB_VIP_FRAGMENTS, 0, 0);
	for (int i = 0; i < FLOWS; i++) {
		char src4[LB_TEXT], src6[LB_TEXT];
		const struct frame frames[] = {
			{ .src = src4, .dst = "192.0.2.1" },
			{ .src = src6, .dst = "2001:db8::1" },
			{ .src = src4, .dst = "203.0.113.5" },
		};

		snprintf(src4, sizeof(src4), "198.51.100.%d", i + 1);
		snprintf(src6, sizeof(src6), "2001:db8:9::%x", i + 1);
		for (size_t k = 0; k < ARRAY_SIZE(frames); k++) {
			struct frame f = frames[k];
			struct lbrig_outer whole, part;

			f.proto = IPPROTO_UDP;
			f.payload = 16;
			f.sport = 3000 + i;
			f.dport = 53;
			assert_reason(&f, &whole, "one_shot");
			for (int frag = -1; frag <= 64; frag += 65) {
				f.frag = frag;
				assert_reason(&f, &part, "one_shot");
				assert_string_equal(part.dst, whole.dst);
			}
			f.frag = 64;
			f.proto = IPPROTO_TCP; /* of which nobody takes fragments */
			assert_reason(&f, &part, "fragment");
		}
	}
}

/* An IPv4 client's packet to an IPv6 real, in IP and in UDP, beside IPv4 reals. */
static void test_wrapping(void **state)
{
	static const struct {
		const char *name, *vip, *src, *dst, *real;
		__u32 flags;
		int version, proto, inner; /* inner: bytes before it */
	} cases[] = {
		{ "4 in 4", "192.0.2.1:80/tcp", CLIENT4, "192.0.2.1", "10.0.0.1", 0, 4, 4, 20 },
		{ "4 in 6", "192.0.2.2:80/tcp", CLIENT4, "192.0.2.2", "fc00::1", 0, 6, 4, 40 },
		{ "6 in 6", "[2001:db8::1]:80/tcp", CLIENT6, "2001:db8::1", "fc00::1", 0, 6, 41,
		  40 },
		{ "4 in GUE 4", "192.0.2.3:80/tcp", CLIENT4, "192.0.2.3", "10.0.0.1", LB_VIP_GUE, 4,
		  17, 28 },
		{ "4 in GUE 6", "192.0.2.4:80/tcp", CLIENT4, "192.0.2.4", "fc00::1", LB_VIP_GUE, 6,
		  17, 48 },
		{ "6 in GUE 6", "[2001:db8::2]:80/tcp", CLIENT6, "2001:db8::2", "fc00::1",
		  LB_VIP_GUE, 6, 17, 48 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		lbrig_vip_flags(cases[i].vip, cases[i].flags, 0);
		lbrig_real(cases[i].vip, cases[i].real, 1);
		for (int tags = 0; tags <= 2; tags++)
			for (int options = 0; options <= 8; options += 8) {
				struct frame f = { .src = cases[i].src,
						   .dst = cases[i].dst,
						   .proto = IPPROTO_TCP,
						   .tags = tags,
						   .options = options,
						   .payload = 41,
						   .sport = 400,
						   .dport = 80,
						   .tcp_flags = PKT_SYN };
				struct lbrig_outer o;

				print_message("  %s, %d tags, %d options\n", cases[i].name, tags,
					      options);
				assert_reason(&f, &o, "new");
				assert_int_equal(o.version, cases[i].version);
				assert_int_equal(o.proto, cases[i].proto);
				assert_int_equal(o.inner - o.at, cases[i].inner);
				assert_string_equal(o.dst, cases[i].real);
				assert_int_equal(o.dport, cases[i].flags ? 6080 : 0);
				assert_int_equal(!!o.udp_check, !!cases[i].flags);
			}
	}
}

/* A UDP checksum of 0 says nothing of the packet, a fragment's is elsewhere: the sum is made. */
static void test_gue_sums(void **state)
{
	struct lb_options opts;

	(void)state;
	assert_int_equal(lb_options(lbrig.chain, &opts), 0);
	opts.gue_port = 6666;
	lbrig_load(&opts);
	vip("192.0.2.1:53/udp", LB_VIP_GUE | LB_VIP_FRAGMENTS, 0, 1);
	for (int payload = 0; payload < 200; payload += 7) {
		struct frame f = { .src = CLIENT4,
				   .dst = "192.0.2.1",
				   .proto = IPPROTO_UDP,
				   .payload = payload,
				   .sport = 400,
				   .dport = 53 };
		struct lbrig_outer o;

		assert_reason(&f, &o, "one_shot");
		assert_int_not_equal(o.udp_check, 0);
		assert_int_equal(o.dport, 6666);
		f.frag = 8;
		assert_reason(&f, &o, "one_shot");
		assert_int_not_equal(o.udp_check, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_which, clear),
		cmocka_unit_test_setup(test_wide_flows, clear),
		cmocka_unit_test_setup(test_hashes, clear),
		cmocka_unit_test_setup(test_table_options, clear),
		cmocka_unit_test_setup(test_fragments, clear),
		cmocka_unit_test_setup(test_wrapping, clear),
		cmocka_unit_test_setup(test_gue_sums, clear),
	};

	return cmocka_run_group_tests(tests, up, down);
}
