// SPDX-License-Identifier: GPL-2.0
/* The connection table and the ring of the load balancer: which real, when things change. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

#include "lib/lb_int.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/lbrig.h"

#define VIP    "192.0.2.1:80/tcp"
#define VIP_B  "192.0.2.2:80/tcp"
#define VIP_6  "[2001:db8::1]:80/tcp"
#define VIP_U  "192.0.2.1:53/udp"
#define CONNS  4096
#define FLOWS  200
#define REAL_A "10.0.0.1"
#define REAL_B "10.0.0.2"
#define REAL_C "10.0.0.3"

static const struct lb_options defaults = { .conns = CONNS };

static int up(void **state)
{
	(void)state;
	lbrig_up();
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

/* The VIPs without reals, and an empty table. */
static int fresh(void **state)
{
	struct lb_options o = { .conns = CONNS / 2 };
	struct lb_state list;
	char text[LB_TEXT];

	(void)state;
	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	for (size_t i = 0; i < list.count; i++) {
		lb_service_text(text, &list.vips[i].service);
		lbrig_vip_del(text);
	}
	lb_state_free(&list);
	lbrig_load(&o);
	o = defaults;
	lbrig_load(&o);
	lbrig_vip(VIP);
	lbrig_vip(VIP_B);
	lbrig_vip(VIP_6);
	lbrig_vip(VIP_U);
	return 0;
}

/* Send a packet of flow @sport to @vip. The real, "" if it was not sent; the reason in @reason. */
static const char *sent_to(const char *vip, __u16 sport, __u8 flags, char reason[CHAIN_NAME_LEN])
{
	static struct lbrig_outer o;
	struct lbrig_out out;
	unsigned char buf[FRAME_MAX];
	struct lb_service s;
	char dst[LB_TEXT];
	struct frame f = { .sport = sport, .dst = dst, .tcp_flags = flags };

	assert_int_equal(lb_service_parse(vip, &s, NULL), 0);
	lb_addr_text(dst, &s.addr);
	f.src = s.addr.family == AF_INET6 ? "2001:db8:9::7" : "198.51.100.7";
	f.proto = s.proto == PKT_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	f.dport = pkt_h16(s.port);
	lbrig_run(buf, frame_make(buf, &f, NULL), &out);
	snprintf(reason, CHAIN_NAME_LEN, "%s", out.reason);
	if (out.verdict != XDP_TX)
		return "";
	assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
	return o.dst;
}

#define assert_sent(vip, sport, flags, want_reason, want_real)                                     \
	do {                                                                                       \
		char reason_[CHAIN_NAME_LEN];                                                      \
		const char *real_ = sent_to(vip, sport, flags, reason_);                           \
		assert_string_equal(reason_, want_reason);                                         \
		assert_string_equal(real_, want_real);                                             \
	} while (0)

static void test_syn_and_data(void **state)
{
	static const char *const vips[] = { VIP, VIP_6 };
	static const char *const reals[][2] = { { REAL_A, REAL_B }, { "fc00::1", "fc00::2" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(vips); i++) {
		lbrig_real(vips[i], reals[i][0], 1);
		assert_sent(vips[i], 1000, PKT_ACK, "miss", reals[i][0]);
		assert_sent(vips[i], 1000, PKT_ACK, "known", reals[i][0]);
		assert_sent(vips[i], 1001, PKT_SYN, "new", reals[i][0]);
		assert_sent(vips[i], 1001, PKT_ACK, "known", reals[i][0]);
		/* a SYN never goes by the table, nor does a SYN with other bits set */
		assert_sent(vips[i], 1001, PKT_SYN, "new", reals[i][0]);
		assert_sent(vips[i], 1001, PKT_SYN | 0xc0, "new", reals[i][0]);
		assert_sent(vips[i], 1001, PKT_SYN | PKT_ACK, "known", reals[i][0]);
		assert_sent(vips[i], 1001, PKT_FIN | PKT_ACK, "known", reals[i][0]);
		assert_sent(vips[i], 1001, PKT_RST, "known", reals[i][0]);
		/* an RST makes no entry */
		assert_sent(vips[i], 1002, PKT_RST, "miss", reals[i][0]);
		assert_sent(vips[i], 1002, PKT_SYN | PKT_RST, "miss", reals[i][0]);
		assert_sent(vips[i], 1002, PKT_ACK, "miss", reals[i][0]);
		assert_sent(vips[i], 1002, PKT_ACK, "known", reals[i][0]);
	}
	lbrig_real(VIP_U, REAL_A, 1);
	assert_sent(VIP_U, 1000, 0, "new", REAL_A);
	assert_sent(VIP_U, 1000, 0, "known", REAL_A);
}

/* Connections stay when reals come; a new connection of the same ports does not. */
static void test_real_added(void **state)
{
	char reason[CHAIN_NAME_LEN];
	int moved = 0;

	(void)state;
	lbrig_real(VIP, REAL_A, 1);
	for (__u16 i = 0; i < FLOWS; i++)
		assert_sent(VIP, 2000 + i, PKT_SYN, "new", REAL_A);
	lbrig_real(VIP, REAL_B, 1);
	for (__u16 i = 0; i < FLOWS; i++)
		assert_sent(VIP, 2000 + i, PKT_ACK, "known", REAL_A);
	for (__u16 i = 0; i < FLOWS; i++) {
		char real[64];

		snprintf(real, sizeof(real), "%s", sent_to(VIP, 2000 + i, PKT_SYN, reason));
		assert_string_equal(reason, "new");
		moved += !strcmp(real, REAL_B);
		assert_sent(VIP, 2000 + i, PKT_ACK, "known", real);
	}
	assert_in_range(moved, FLOWS / 2 - 40, FLOWS / 2 + 40);
}

/* Connections of a removed real go to another, all others stay; without any they are dropped. */
static void test_real_removed(void **state)
{
	static char before[FLOWS][64];
	char reason[CHAIN_NAME_LEN];

	(void)state;
	lbrig_real(VIP, REAL_A, 1);
	lbrig_real(VIP, REAL_B, 1);
	lbrig_real(VIP, REAL_C, 1);
	for (__u16 i = 0; i < FLOWS; i++)
		snprintf(before[i], 64, "%s", sent_to(VIP, 3000 + i, PKT_SYN, reason));
	lbrig_real_del(VIP, REAL_B);
	for (__u16 i = 0; i < FLOWS; i++) {
		const char *now = sent_to(VIP, 3000 + i, PKT_ACK, reason);

		if (strcmp(before[i], REAL_B)) {
			assert_string_equal(reason, "known");
			assert_string_equal(now, before[i]);
			continue;
		}
		assert_string_equal(reason, "moved");
		assert_true(!strcmp(now, REAL_A) || !strcmp(now, REAL_C));
		snprintf(before[i], 64, "%s", now);
		assert_sent(VIP, 3000 + i, PKT_ACK, "known", before[i]);
	}
	lbrig_real_del(VIP, REAL_A);
	lbrig_real_del(VIP, REAL_C);
	assert_sent(VIP, 3000, PKT_ACK, "no_real", "");
	assert_sent(VIP, 3000, PKT_SYN, "no_real", "");
	lbrig_real(VIP, REAL_A, 1);
	assert_sent(VIP, 3000, PKT_ACK, "moved", REAL_A);
}

#define TAKEN 0xffffffff /* a gen: by VIP 0, which is none */

/* Take all numbers that are free but @number, so that the next real gets that. */
static void numbers_take(__u32 number)
{
	for (__u32 i = 1; i < LB_REALS; i++)
		if (!lbrig_lb->reals[i].gen && i != number)
			lbrig_lb->reals[i] = (struct lb_real){ .gen = TAKEN };
}

static void numbers_give_back(void)
{
	for (__u32 i = 1; i < LB_REALS; i++)
		if (lbrig_lb->reals[i].gen == TAKEN)
			lbrig_lb->reals[i].gen = 0;
}

static __u32 number_of(const char *vip, const char *real)
{
	struct lb_state list;
	char text[LB_TEXT];
	__u32 number = 0;

	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	for (size_t i = 0; i < list.count; i++) {
		lb_service_text(text, &list.vips[i].service);
		for (size_t j = 0; !strcmp(text, vip) && j < list.vips[i].count_reals; j++) {
			char addr[LB_TEXT];

			lb_addr_text(addr, &list.vips[i].reals[j].addr);
			if (!strcmp(addr, real))
				number = list.vips[i].reals[j].number;
		}
	}
	lb_state_free(&list);
	return number;
}

/* The number of a removed real is given to a real of another VIP, and of the same one. */
static void test_number_reused(void **state)
{
	static const char *const again[] = { VIP_B, VIP };
	static const char *const want[] = { REAL_A, REAL_C };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(again); i++) {
		__u32 number;

		fresh(NULL);
		lbrig_real(VIP, REAL_B, 1);
		number = number_of(VIP, REAL_B);
		assert_sent(VIP, 4000, PKT_SYN, "new", REAL_B);
		lbrig_real_del(VIP, REAL_B);
		numbers_take(number);
		lbrig_real(again[i], REAL_C, 1);
		numbers_give_back();
		assert_int_equal(number_of(again[i], REAL_C), number);
		if (!i)
			lbrig_real(VIP, REAL_A, 1);
		assert_sent(VIP, 4000, PKT_ACK, "moved", want[i]);
	}
}

/* A new VIP that gets the number of a deleted one knows nothing of its connections. */
static void test_vip_reused(void **state)
{
	(void)state;
	lbrig_real(VIP, REAL_A, 1);
	assert_sent(VIP, 5000, PKT_SYN, "new", REAL_A);
	lbrig_vip_del(VIP);
	for (__u32 i = 1; i < LB_REALS; i++)
		assert_int_equal(lbrig_lb->reals[i].gen, 0);
	assert_sent(VIP, 5000, PKT_ACK, "", "");
	assert_sent(VIP, 5000, PKT_SYN, "", "");
	lbrig_vip("192.0.2.77:80/tcp"); /* takes the lowest number that is free: that one */
	assert_sent("192.0.2.77:80/tcp", 5000, PKT_ACK, "no_real", "");
	lbrig_real("192.0.2.77:80/tcp", REAL_B, 1);
	assert_sent("192.0.2.77:80/tcp", 5000, PKT_ACK, "moved", REAL_B);
	lbrig_vip(VIP);
	assert_sent(VIP, 5000, PKT_ACK, "no_real", "");
}

/* Of one set, flows that are in use outlast a flood of SYNs. */
static void test_flood(void **state)
{
	struct lb_options o = { .conns = LB_WAYS };
	static const char *const vips[] = { VIP, VIP_6 };
	static const char *const reals[] = { REAL_A, "fc00::1" };

	(void)state;
	lbrig_load(&o);
	for (size_t v = 0; v < ARRAY_SIZE(vips); v++) {
		lbrig_real(vips[v], reals[v], 1);
		for (__u16 i = 1; i < LB_WAYS; i++) {
			assert_sent(vips[v], i, PKT_SYN, "new", reals[v]);
			assert_sent(vips[v], i, PKT_ACK, "known", reals[v]);
		}
		for (__u16 i = 0; i < FLOWS; i++)
			assert_sent(vips[v], 6000 + i, PKT_SYN, "new", reals[v]);
		for (__u16 i = 1; i < LB_WAYS; i++)
			assert_sent(vips[v], i, PKT_ACK, "known", reals[v]);
		assert_sent(vips[v], 6000, PKT_ACK, "miss", reals[v]);
	}
}

/* The stage is replaced: VIPs, reals, table and counters go on. */
static void test_replaced(void **state)
{
	struct lb_options o = { .conns = CONNS, .has_gateway = 1, .gateway = { 2 } };
	struct lb_state list;

	(void)state;
	lbrig_real(VIP, REAL_A, 1);
	assert_sent(VIP, 7000, PKT_SYN, "new", REAL_A);
	lbrig_load(&o);
	assert_sent(VIP, 7000, PKT_ACK, "known", REAL_A);
	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	assert_int_equal(list.count, 4);
	assert_int_equal(list.vips[1].count_reals, 1);
	assert_int_equal(list.vips[1].reals[0].sent.packets, 2);
	lb_state_free(&list);
	o.conns *= 2;
	lbrig_load(&o);
	assert_sent(VIP, 7000, PKT_ACK, "miss", REAL_A);
}

/* Exactly: packets and bytes as they came, by VIP and by real; the rules' texts. */
static void test_counters(void **state)
{
	const struct lb_vip_state *v;
	struct chain_rule rule;
	struct lb_state list;
	__u32 id;

	(void)state;
	assert_sent(VIP, 8000, PKT_SYN, "no_real", "");
	lbrig_real(VIP, REAL_A, 1);
	for (__u16 i = 0; i < 7; i++)
		assert_sent(VIP, 8000, PKT_ACK, i ? "known" : "miss", REAL_A);
	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	assert_int_equal(list.count, 4);
	v = &list.vips[1]; /* after 192.0.2.1:53/udp */
	assert_int_equal(v->count.sent.packets, 7);
	assert_int_equal(v->count.sent.bytes, 7 * 54);
	assert_int_equal(v->count.dropped.packets, 1);
	assert_int_equal(v->count.dropped.bytes, 54);
	assert_int_equal(v->reals[0].sent.packets, 7);
	assert_int_equal(v->reals[0].sent.bytes, 7 * 54);
	assert_int_equal(v->reals[0].entries, LB_RING);
	id = v->reals[0].number;
	assert_int_equal(bpf_map_lookup_elem(lbrig_lb->rules, &id, &rule), 0);
	assert_string_equal(rule.text, REAL_A);
	assert_string_equal(rule.note, VIP);
	id = LB_RULE_VIP + v->number;
	assert_int_equal(bpf_map_lookup_elem(lbrig_lb->rules, &id, &rule), 0);
	assert_string_equal(rule.text, VIP);
	lb_state_free(&list);
	/* a real that comes back starts at 0, its VIP goes on */
	lbrig_real_del(VIP, REAL_A);
	lbrig_real(VIP, REAL_A, 1);
	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	assert_int_equal(list.vips[1].reals[0].sent.packets, 0);
	assert_int_equal(list.vips[1].count.sent.packets, 7);
	lb_state_free(&list);
}

static void test_gateway(void **state)
{
	struct lb_options o = { .conns = CONNS, .has_gateway = 1, .gateway = { 2, 1, 2, 3, 4, 5 } };
	const struct frame f = { .src = "198.51.100.7",
				 .dst = "192.0.2.1",
				 .dport = 80,
				 .proto = IPPROTO_TCP,
				 .tags = 1 };
	unsigned char buf[FRAME_MAX];
	struct lb_options got;
	struct lbrig_out out;

	(void)state;
	lbrig_real(VIP, REAL_A, 1);
	lbrig_load(&o);
	assert_int_equal(lb_options(lbrig.chain, &got), 0);
	assert_memory_equal(&got, &o, sizeof(o));
	lbrig_run(buf, frame_make(buf, &f, NULL), &out);
	assert_int_equal(out.verdict, XDP_TX);
	assert_memory_equal(out.frame, o.gateway, 6);
	assert_memory_equal(out.frame + 6, buf, 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_syn_and_data, fresh),
		cmocka_unit_test_setup(test_real_added, fresh),
		cmocka_unit_test_setup(test_real_removed, fresh),
		cmocka_unit_test_setup(test_number_reused, fresh),
		cmocka_unit_test_setup(test_vip_reused, fresh),
		cmocka_unit_test_setup(test_flood, fresh),
		cmocka_unit_test_setup(test_replaced, fresh),
		cmocka_unit_test_setup(test_counters, fresh),
		cmocka_unit_test_setup(test_gateway, fresh),
	};

	return cmocka_run_group_tests(tests, up, down);
}
