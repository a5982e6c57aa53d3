// SPDX-License-Identifier: GPL-2.0
/* What the balancer wraps, decap unwraps: the packet that comes out is the one that went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/decap.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/lbrig.h"
#include "tests/policing.h"
#include "xdpchain/pkt.h"

#define TAGS 3 /* none, one, two */

static const struct kind {
	const char *name, *note, *vip, *src, *dst, *real;
	__u32 flags;
} kinds[] = {
	{ "4 in 4", "ip4_in_ip4", "192.0.2.1:80/tcp", "198.51.100.7", "192.0.2.1", "10.0.0.1", 0 },
	{ "4 in 6", "ip4_in_ip6", "192.0.2.2:80/tcp", "198.51.100.7", "192.0.2.2", "fc00::1", 0 },
	{ "6 in 6", "ip6_in_ip6", "[2001:db8::1]:80/tcp", "2001:db8:9::7", "2001:db8::1", "fc00::1",
	  0 },
	{ "4 in GUE 4", "gue", "192.0.2.3:80/tcp", "198.51.100.7", "192.0.2.3", "10.0.0.1",
	  LB_VIP_GUE },
	{ "4 in GUE 6", "gue", "192.0.2.4:80/tcp", "198.51.100.7", "192.0.2.4", "fc00::1",
	  LB_VIP_GUE },
	{ "6 in GUE 6", "gue", "[2001:db8::2]:80/tcp", "2001:db8:9::7", "2001:db8::2", "fc00::1",
	  LB_VIP_GUE },
};

/* Each kind with each number of tags: as it was, and wrapped. */
static struct pair {
	unsigned char in[FRAME_MAX];
	__u32 len, l3;
	struct lbrig_out wrapped;
	struct lbrig_outer outer;
} pairs[ARRAY_SIZE(kinds)][TAGS];

static void decap(const struct decap_options *o)
{
	struct fail f = { 0 };

	if (decap_load(lbrig.chain, 0, o, &f))
		fail_msg("%s %s", f.text, f.log);
}

/* Wrap them all by a balancer, and leave one that has no VIPs. */
static int up(void **state)
{
	(void)state;
	lbrig_up();
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		lbrig_vip_flags(kinds[i].vip, kinds[i].flags, 0);
		lbrig_real(kinds[i].vip, kinds[i].real, 1);
		for (int tags = 0; tags < TAGS; tags++) {
			struct pair *p = &pairs[i][tags];
			const struct frame f = { .src = kinds[i].src,
						 .dst = kinds[i].dst,
						 .proto = IPPROTO_TCP,
						 .tags = tags,
						 .payload = 31,
						 .sport = 400,
						 .dport = 80,
						 .tcp_flags = PKT_SYN };

			p->len = frame_make(p->in, &f, &p->l3);
			lbrig_run(p->in, p->len, &p->wrapped);
			assert_int_equal(p->wrapped.verdict, XDP_TX);
			assert_int_equal(lbrig_outer(p->wrapped.frame, p->wrapped.len, &p->outer),
					 0);
		}
	}
	lbrig_clear();
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

static void test_round_trip(void **state)
{
	const struct decap_options o = { .gue_port = LB_GUE_PORT };

	(void)state;
	decap(&o);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		for (int tags = 0; tags < TAGS; tags++) {
			const struct pair *p = &pairs[i][tags];
			const char *note = kinds[i].note;
			__u64 noted = policing_hits(lbrig.chain, CHAIN_SLOT_POLICER_MIN, note);
			struct lbrig_out out;

			print_message("  %s, %d tags\n", kinds[i].name, tags);
			lbrig_run(p->wrapped.frame, p->wrapped.len, &out);
			assert_int_equal(out.verdict, XDP_PASS);
			assert_int_equal(out.len, p->len);
			assert_memory_equal(out.frame, p->wrapped.frame, 12);
			assert_memory_equal(out.frame + 12, p->in + 12, p->len - 12);
			assert_int_equal(policing_hits(lbrig.chain, CHAIN_SLOT_POLICER_MIN, note),
					 noted + 1);
		}
}

/* Only to whom it is for; GUE only on its port; and not what was cut. */
static void test_left_alone(void **state)
{
	struct decap_options o = { .gue_port = LB_GUE_PORT + 1, .count = 1 };
	const struct pair *v4 = &pairs[0][0], *v6 = &pairs[2][1];
	struct lbrig_out out;

	(void)state;
	assert_int_equal(lb_addr_parse("fc00::1", &o.to[0], NULL), 0);
	decap(&o);
	lbrig_run(v6->wrapped.frame, v6->wrapped.len, &out);
	assert_int_equal(out.len, v6->len);
	lbrig_run(v4->wrapped.frame, v4->wrapped.len, &out);
	assert_int_equal(out.len, v4->wrapped.len);
	lbrig_run(pairs[5][0].wrapped.frame, pairs[5][0].wrapped.len, &out);
	assert_int_equal(out.len, pairs[5][0].wrapped.len);
	for (__u32 len = 14; len < v6->outer.inner + 20; len++) {
		lbrig_run(v6->wrapped.frame, len, &out);
		assert_int_equal(out.verdict, XDP_PASS);
		assert_int_equal(out.len, len);
		assert_memory_equal(out.frame, v6->wrapped.frame, len);
	}
}

/* A mark of congestion outside: RFC 6040 section 4.2, by what the inner packet says of ECN. */
static void test_marks(void **state)
{
	static const struct {
		int outer, inner, result; /* -1: dropped */
	} cases[] = {
		{ 0, 0, 0 },  { 2, 2, 2 }, { 3, 2, 3 }, { 3, 1, 3 }, { 3, 3, 3 },
		{ 3, 0, -1 }, { 2, 0, 0 }, { 0, 2, 2 }, { 1, 2, 2 },
	};
	const struct decap_options o = { .gue_port = LB_GUE_PORT };

	(void)state;
	decap_unload(lbrig.chain, NULL);
	decap(&o);
	for (size_t k = 1; k < 3; k++) /* an IPv4 and an IPv6 packet in IPv6 */
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			struct pair p = pairs[k][0];
			unsigned char *outer = p.wrapped.frame + p.outer.at;
			unsigned char *inner = p.wrapped.frame + p.outer.inner;
			struct lbrig_out out;

			outer[1] = cases[i].outer << 4;
			inner[1] = k == 1 ? cases[i].inner | 0xb8 : cases[i].inner << 4;
			if (k == 1)
				frame_fix4(inner);
			lbrig_run(p.wrapped.frame, p.wrapped.len, &out);
			if (cases[i].result < 0) {
				assert_int_equal(out.verdict, XDP_DROP);
				continue;
			}
			assert_int_equal(out.verdict, XDP_PASS);
			assert_int_equal(out.len, p.len);
			if (k == 1)
				assert_int_equal(frame_sum(out.frame + p.l3, 20, 0), 0xffff);
			assert_int_equal(out.frame[p.l3 + 1],
					 k == 1 ? cases[i].result | 0xb8 : cases[i].result << 4);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_left_alone),
		cmocka_unit_test(test_marks),
	};

	return cmocka_run_group_tests(tests, up, down);
}
