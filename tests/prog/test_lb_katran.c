// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in and out of the katran load balancer, where the peers' data are there: all of each
 * suite, in order, on one table. Compared to the byte, but modulo the choice of the real where
 * that is a hash's; and but for those in `ours`, of which docs/PARITY.md says why.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/decap.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/katran.h"
#include "tests/lbrig.h"

#define GROUPS 64

/* Where we do otherwise on purpose, and what. */
static const struct {
	const char *suite;
	int index, verdict;
	const char *reason;
} ours[] = {
	{ "default", 12, XDP_TX, "known" },	 /* IPv4 options are parsed */
	{ "gue", 10, XDP_TX, "known" },		 /* the same */
	{ "decap-standalone", 3, XDP_PASS, "" }, /* fragments that are none of ours pass */
	{ "decap-standalone", 4, XDP_PASS, "" },
	{ "decap-standalone-gue", 4, XDP_PASS, "" },
	{ "decap-standalone-gue", 5, XDP_PASS, "" },
};

/* By a flow that theirs hashes by port alone it varies outer sources by port alone; we by all. */
static int is_own_source(const json_t *v)
{
	return !!strstr(katran_text(v, "name"), "dst port hashing only");
}

/* Flows that a suite has seen, and where they went. */
static struct group {
	char flow[128], real[64];
} groups[GROUPS];
static size_t count_groups;

static int is_here;

static int up(void **state)
{
	(void)state;
	is_here = katran_load();
	if (is_here)
		lbrig_up();
	return 0;
}

static int down(void **state)
{
	(void)state;
	if (is_here)
		lbrig_down();
	katran_free();
	return 0;
}

/* Their balancer's configuration, and an empty table. */
static void configure(int gue, __u32 icmp_rate)
{
	static const unsigned char mac[6] = { 0, 0, 0xde, 0xad, 0xbe, 0xaf };
	struct lb_options o;

	lb_options_defaults(&o);
	lbrig_clear();
	o.conns = 2048;
	lbrig_load(&o);
	o.conns = 4096;
	o.has_gateway = 1;
	memcpy(o.gateway, mac, sizeof(mac));
	o.icmp_rate = icmp_rate;
	o.gue_port = 9886;
	if (gue) {
		lb_outer_parse("10.0.13.37", AF_INET, &o.source4, NULL);
		lb_outer_parse("fc00:2307::1337", AF_INET6, &o.source6, NULL);
	}
	lbrig_load(&o);
	count_groups = 0;
}

static __u32 hex(const json_t *o, const char *key, unsigned char *out)
{
	const char *s = katran_text(o, key);
	__u32 n = 0;

	for (; s[0] && s[1] && n < LBRIG_FRAME; s += 2)
		sscanf(s, "%2hhx", &out[n++]);
	return n;
}

/* One flow has one real, whatever it is. */
static void assert_same_group(const json_t *v, const char *real)
{
	const char *flow = katran_text(v, "flow_group");
	size_t i;

	for (i = 0; i < count_groups && strcmp(groups[i].flow, flow); i++)
		;
	assert_true(i < GROUPS);
	if (i == count_groups) {
		snprintf(groups[i].flow, sizeof(groups[i].flow), "%s", flow);
		snprintf(groups[i].real, sizeof(groups[i].real), "%s", real);
		count_groups++;
	}
	assert_string_equal(groups[i].real, real);
}

/* Everything but the real and what follows from it, which must be sound. */
static void compare_modulo(const json_t *v, const unsigned char *in, __u32 len,
			   const unsigned char *want, __u32 want_len, const struct lbrig_out *out)
{
	int gue = !strncmp(katran_text(v, "output_encap"), "gue", 3);
	struct lbrig_outer o;

	assert_memory_equal(out->frame, want, 12);
	assert_int_equal(lbrig_outer(out->frame, out->len, &o), 0);
	assert_true(o.check_ok);
	assert_int_equal(o.ttl, 64);
	assert_int_equal(o.len, want_len - 14);
	assert_int_equal(o.proto == IPPROTO_UDP, gue);
	if (gue) {
		assert_int_equal(o.dport, 9886);
		assert_int_not_equal(o.udp_check, 0);
		if (!is_own_source(v))
			assert_int_equal(o.sport, json_integer_value(json_object_get(
							  v, "expected_outer_udp_sport")));
	}
	assert_memory_equal(out->frame + o.inner, in + 14, len - 14);
	assert_int_equal(o.tos, in[14] >> 4 == 4 ? in[15] : (in[14] & 15) << 4 | in[15] >> 4);
	if (gue || !is_own_source(v))
		assert_string_equal(o.src, katran_text(v, "expected_outer_src"));
	assert_true(katran_is_real(v, o.dst));
	assert_same_group(v, o.dst);
}

static void compare(const json_t *v, const unsigned char *in, __u32 len,
		    const struct lbrig_out *out)
{
	static unsigned char want[LBRIG_FRAME];
	__u32 want_len = hex(v, "expected_output_hex", want);

	assert_int_equal(out->len, want_len);
	if (!strcmp(katran_text(v, "compare"), "exact"))
		assert_memory_equal(out->frame, want, want_len);
	else
		compare_modulo(v, in, len, want, want_len, out);
}

/* 1: we do otherwise, and what we say. */
static int is_ours(const char *suite, int index, const unsigned char *in, __u32 len,
		   const struct lbrig_out *out)
{
	struct lbrig_outer o;

	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (strcmp(ours[i].suite, suite) || ours[i].index != index)
			continue;
		assert_int_equal(out->verdict, ours[i].verdict);
		assert_string_equal(out->reason, ours[i].reason);
		if (out->verdict == XDP_PASS) {
			assert_int_equal(out->len, len);
			assert_memory_equal(out->frame, in, len);
		} else {
			assert_int_equal(lbrig_outer(out->frame, out->len, &o), 0);
			assert_true(o.check_ok);
			assert_memory_equal(out->frame + o.inner, in + 14, len - 14);
		}
		return 1;
	}
	return 0;
}

static void run_vector(const json_t *v)
{
	static const char *const verdicts[] = { "XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX" };
	static unsigned char in[LBRIG_FRAME];
	static struct lbrig_out out;
	int index = json_integer_value(json_object_get(v, "index"));
	__u32 len = hex(v, "input_hex", in);

	print_message("  %d %s\n", index, katran_text(v, "name"));
	lbrig_run(in, len, &out);
	if (is_ours(katran_text(v, "suite"), index, in, len, &out))
		return;
	assert_string_equal(verdicts[out.verdict & 3], katran_text(v, "expected_retval"));
	compare(v, in, len, &out);
}

/* All of @suite, @count packets. */
static void run_suite(const char *suite, int count, __u32 flags)
{
	const json_t *v;
	int done = 0;
	size_t i;

	json_array_foreach(katran_vectors(), i, v) {
		if (strcmp(katran_text(v, "suite"), suite))
			continue;
		if (!done++)
			katran_provision(v, flags);
		run_vector(v);
	}
	assert_int_equal(done, count);
}

#define need_peers()                                                                               \
	do {                                                                                       \
		if (!is_here)                                                                      \
			skip();                                                                    \
	} while (0)

/* Without ICMP errors, as theirs was built then: index 33 is dropped. */
static void test_default(void **state)
{
	(void)state;
	need_peers();
	configure(0, 0);
	run_suite("default", 36, 0);
}

static void test_gue(void **state)
{
	static const struct {
		const char *name;
		int count;
	} suites[] = { { "gue", 36 }, { "cidr-vip", 9 }, { "lpm-src", 8 }, { "udp-stable-rt", 5 } };

	(void)state;
	need_peers();
	for (size_t i = 0; i < ARRAY_SIZE(suites); i++) {
		print_message(" %s\n", suites[i].name);
		configure(1, 0);
		run_suite(suites[i].name, suites[i].count, LB_VIP_GUE);
	}
}

/*
 * Theirs measures what comes in, against 1500 bytes; ours what goes out, against the interface. One
 * that has room for just the outer header beside them gives the same answers: 40 bytes, as the
 * real of that client is an IPv6 one.
 */
static void test_too_big(void **state)
{
	(void)state;
	need_peers();
	configure(0, 100);
	assert_int_equal(rig_sh("ip link set %sp mtu 1540 && ip link set %s mtu 1540", lbrig.ifname,
				lbrig.ifname),
			 0);
	run_suite("icmp-too-big", 2, 0);
}

static void test_decap(void **state)
{
	const struct decap_options o = { .gue_port = 9886 };
	struct fail f = { 0 };

	(void)state;
	need_peers();
	configure(0, 0);
	if (decap_load(lbrig.chain, 0, &o, &f))
		fail_msg("%s %s", f.text, f.log);
	run_suite("decap-standalone", 10, 0);
	run_suite("decap-standalone-gue", 17, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_gue),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_decap),
	};

	return cmocka_run_group_tests(tests, up, down);
}
