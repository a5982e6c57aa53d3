// SPDX-License-Identifier: GPL-2.0
/* What `where` says of a flow, against where its packet then goes; and what purge takes out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/lb_simulate.h"
#include "lib/lb_where.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/lbrig.h"

#define FLOWS 300

static const struct {
	const char *name, *vip, *dst; /* dst: where packets go, in the VIP */
	__u32 flags;
	const char *client, *reals[3];
} cases[] = {
	{ "IPv4",
	  "192.0.2.1:80/tcp",
	  "192.0.2.1:80/tcp",
	  0,
	  "198.51.100.7",
	  { "10.0.0.1", "10.0.0.2", "10.0.0.3" } },
	{ "IPv6",
	  "[2001:db8::1]:80/tcp",
	  "[2001:db8::1]:80/tcp",
	  0,
	  "2001:db8:9::7",
	  { "fc00::1", "fc00::2", "fc00::3" } },
	{ "UDP",
	  "192.0.2.1:53/udp",
	  "192.0.2.1:53/udp",
	  0,
	  "198.51.100.7",
	  { "10.0.0.1", "10.0.0.2", "10.0.0.3" } },
	{ "any port",
	  "192.0.2.2:any/tcp",
	  "192.0.2.2:99/tcp",
	  0,
	  "198.51.100.7",
	  { "10.0.0.1", "10.0.0.2", "fc00::3" } },
	{ "prefix",
	  "192.0.3.0/24:80/tcp",
	  "192.0.3.77:80/tcp",
	  0,
	  "198.51.100.7",
	  { "10.0.0.1", "10.0.0.2", "10.0.0.3" } },
	{ "prefix IPv6",
	  "[2001:db8:7::/64]:any/tcp",
	  "[2001:db8:7::5]:81/tcp",
	  0,
	  "2001:db8:9::7",
	  { "fc00::1", "fc00::2", "fc00::3" } },
	{ "one shot",
	  "192.0.2.4:80/tcp",
	  "192.0.2.4:80/tcp",
	  LB_VIP_ONE_SHOT,
	  "198.51.100.7",
	  { "10.0.0.1", "10.0.0.2", "10.0.0.3" } },
	{ "by source",
	  "192.0.2.5:80/tcp",
	  "192.0.2.5:80/tcp",
	  LB_VIP_HASH_SOURCE,
	  "198.51.100.7",
	  { "10.0.0.1", "10.0.0.2", "10.0.0.3" } },
};

static int up(void **state)
{
	struct lb_options o = { .conns = 1 << 20 }; /* so that no entry gives way */

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

static void flow_of(size_t i, __u16 sport, struct lb_flow *flow)
{
	char client[LB_TEXT + 16];
	int is6 = strchr(cases[i].client, ':') != NULL;

	snprintf(client, sizeof(client), is6 ? "[%s]:%u" : "%s:%u", cases[i].client, sport);
	assert_int_equal(lb_flow_parse(client, cases[i].dst, flow, NULL), 0);
}

/* Send one packet of the flow. Its real. */
static const char *send_one(size_t i, __u16 sport, __u8 tcp_flags)
{
	static struct lbrig_outer o;
	static struct lbrig_out out;
	unsigned char buf[FRAME_MAX];
	struct lb_service to;
	char dst[LB_TEXT];
	struct frame f = { .src = cases[i].client, .dst = dst, .sport = sport };

	assert_int_equal(lb_service_parse(cases[i].dst, &to, NULL), 0);
	lb_addr_text(dst, &to.addr);
	f.dport = pkt_h16(to.port);
	f.proto = to.proto == PKT_UDP ? IPPROTO_UDP : IPPROTO_TCP;
	f.tcp_flags = to.proto == PKT_UDP ? 0 : tcp_flags;
	lbrig_run(buf, frame_make(buf, &f, NULL), &out);
	assert_int_equal(out.verdict, XDP_TX);
	assert_int_equal(lbrig_outer(out.frame, out.len, &o), 0);
	return o.dst;
}

static void says(size_t i, __u16 sport, enum lb_by by, const char *real)
{
	struct fail f = { 0 };
	struct lb_where w;
	struct lb_flow flow;
	char text[LB_TEXT];

	flow_of(i, sport, &flow);
	if (lb_where(lbrig_lb, &flow, &w, &f))
		fail_msg("%s", f.text);
	lb_addr_text(text, &w.real);
	assert_int_equal(w.by, by);
	assert_string_equal(text, real);
	lb_service_text(text, &w.vip);
	assert_string_equal(text, cases[i].vip);
}

static void predict(size_t i, __u16 sport)
{
	char text[LB_TEXT];
	struct lb_where w;
	struct lb_flow flow;

	flow_of(i, sport, &flow);
	assert_int_equal(lb_where(lbrig_lb, &flow, &w, NULL), 0);
	assert_int_equal(w.by, LB_BY_RING);
	lb_addr_text(text, &w.real);
	assert_string_equal(text, send_one(i, sport, PKT_SYN));
}

/* First by the ring; then, with the rings changed under them, by the table. */
static void test_where(void **state)
{
	char first[FLOWS][LB_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int has_table = !(cases[i].flags & LB_VIP_ONE_SHOT);

		print_message("%s\n", cases[i].name);
		lbrig_clear();
		lbrig_vip_flags(cases[i].vip, cases[i].flags, 0);
		lbrig_real(cases[i].vip, cases[i].reals[0], 1);
		lbrig_real(cases[i].vip, cases[i].reals[1], 2);
		for (__u16 n = 0; n < FLOWS; n++) {
			predict(i, 2000 + n);
			snprintf(first[n], LB_TEXT, "%s", send_one(i, 2000 + n, PKT_ACK));
		}
		lbrig_real(cases[i].vip, cases[i].reals[2], 5);
		for (__u16 n = 0; n < FLOWS && has_table; n++) {
			says(i, 2000 + n, LB_BY_TABLE, first[n]);
			assert_string_equal(send_one(i, 2000 + n, PKT_ACK), first[n]);
		}
	}
}

static void test_nobody(void **state)
{
	struct lb_where w;
	struct lb_flow flow;

	(void)state;
	lbrig_clear();
	flow_of(0, 1000, &flow);
	assert_int_equal(lb_where(lbrig_lb, &flow, &w, NULL), -ENOENT);
	lbrig_vip(cases[0].vip);
	assert_int_equal(lb_where(lbrig_lb, &flow, &w, NULL), 0);
	assert_int_equal(w.by, LB_BY_NOBODY);
	assert_int_equal(w.real.family, 0);
}

static void test_claims(void **state)
{
	const __u64 id = 77;
	struct lb_service vip, quic;
	struct prefix source;
	struct lb_flow flow;
	struct lb_addr a, b;
	struct lb_where w;

	(void)state;
	lbrig_clear();
	lbrig_vip(cases[0].vip);
	lbrig_vip_flags("192.0.2.1:443/udp", LB_VIP_QUIC, 2);
	lb_addr_parse("10.0.0.1", &a, NULL);
	lb_addr_parse("10.0.0.2", &b, NULL);
	lb_service_parse(cases[0].vip, &vip, NULL);
	lb_service_parse("192.0.2.1:443/udp", &quic, NULL);
	prefix_parse("198.51.100.0/24", &source, NULL);
	lbrig_real(cases[0].vip, "10.0.0.1", 1);
	lbrig_real(cases[0].vip, "10.0.0.2", 0);
	lbrig_real("192.0.2.1:443/udp", "10.0.0.1", 1);
	lbrig_real("192.0.2.1:443/udp", "10.0.0.2", 0);
	assert_int_equal(lb_real_sources(lbrig_lb, &vip, &b, &source, 1, NULL), 0);
	assert_int_equal(lb_real_ids(lbrig_lb, &quic, &b, &id, 1, NULL), 0);
	says(0, 4000, LB_BY_SOURCE, "10.0.0.2");
	assert_string_equal(send_one(0, 4000, PKT_SYN), "10.0.0.2");
	assert_int_equal(lb_flow_parse("198.51.100.7:1", "192.0.2.1:443/udp", &flow, NULL), 0);
	flow.id = 77;
	assert_int_equal(lb_where(lbrig_lb, &flow, &w, NULL), 0);
	assert_int_equal(w.by, LB_BY_ID);
	assert_memory_equal(&w.real, &b, sizeof(b));
	flow.id = 78;
	assert_int_equal(lb_where(lbrig_lb, &flow, &w, NULL), 0);
	assert_int_equal(w.by, LB_BY_RING);
	assert_memory_equal(&w.real, &a, sizeof(a));
}

static void test_purge(void **state)
{
	struct lb_service vip;
	struct lb_addr real;
	__u64 count;

	(void)state;
	lbrig_clear();
	for (size_t i = 0; i < 3; i++) {
		lbrig_vip(cases[i].vip);
		lbrig_real(cases[i].vip, cases[i].reals[0], 1);
		for (__u16 n = 0; n < 20; n++)
			send_one(i, 5000 + n, PKT_SYN);
	}
	lb_service_parse(cases[1].vip, &vip, NULL);
	assert_int_equal(lb_purge(lbrig_lb, &vip, NULL, &count, NULL), 0);
	assert_int_equal(count, 20);
	says(1, 5000, LB_BY_RING, cases[1].reals[0]);
	says(0, 5000, LB_BY_TABLE, cases[0].reals[0]);
	/* the same server behind both IPv4 VIPs */
	lb_addr_parse(cases[0].reals[0], &real, NULL);
	assert_int_equal(lb_purge(lbrig_lb, NULL, &real, &count, NULL), 0);
	assert_int_equal(count, 40);
	says(0, 5000, LB_BY_RING, cases[0].reals[0]);
	says(2, 5000, LB_BY_RING, cases[2].reals[0]);
	lb_service_parse("192.0.2.99:80/tcp", &vip, NULL);
	assert_int_equal(lb_purge(lbrig_lb, &vip, NULL, &count, NULL), -ENOENT);
}

/* What it foretells is what the ring is then. */
static void test_simulate(void **state)
{
	struct lb_sim_real r[3] = { 0 };
	struct lb_state list;
	struct lb_sim sim;

	(void)state;
	lbrig_clear();
	lbrig_vip(cases[0].vip);
	for (size_t i = 0; i < 3; i++) {
		lb_addr_parse(cases[0].reals[i], &r[i].addr, NULL);
		r[i].weight_now = i < 2;
		r[i].weight_then = i == 1 ? 1 : i; /* 0, 1, 2: one goes, one stays, one comes */
	}
	assert_int_equal(lb_simulate(r, 3, &sim), 0);
	lbrig_real(cases[0].vip, cases[0].reals[0], 1);
	lbrig_real(cases[0].vip, cases[0].reals[1], 1);
	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	assert_int_equal(list.vips[0].reals[0].entries, r[0].now);
	assert_int_equal(list.vips[0].reals[1].entries, r[1].now);
	lb_state_free(&list);
	lbrig_real(cases[0].vip, cases[0].reals[2], 2);
	lbrig_real_del(cases[0].vip, cases[0].reals[0]);
	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	assert_int_equal(list.vips[0].reals[0].entries, r[1].then);
	assert_int_equal(list.vips[0].reals[1].entries, r[2].then);
	lb_state_free(&list);
	assert_int_equal(sim.needed, r[0].now + r[1].now - r[1].then);
	assert_true(sim.moved >= sim.needed && sim.moved < LB_RING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where),	 cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_claims),	 cmocka_unit_test(test_purge),
		cmocka_unit_test(test_simulate),
	};

	return cmocka_run_group_tests(tests, up, down);
}
