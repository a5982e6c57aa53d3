// SPDX-License-Identifier: GPL-2.0
/*
 * Packets in and out of the katran load balancer, suite `default`, where the peers' data are
 * there. Compared modulo the choice of the real, as their own tests' hash is not ours.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>
#include <linux/bpf.h>

#include "lib/util.h"
#include "tests/lbrig.h"

#define PEERS "../shared/peers/"

static json_t *vectors, *provision, *base;

/* What is not here yet, or is so on purpose; the rest of the suite must pass. */
static const struct {
	int index;
	const char *why;
} left_out[] = {
	{ 4, "any port" },
	{ 5, "IPv4 in IPv6" },
	{ 8, "echo to a VIP" },
	{ 9, "echo to a VIP" },
	{ 10, "ICMP errors" },
	{ 11, "ICMP errors" },
	{ 12, "we parse IPv4 options and send the packet" },
	{ 19, "any port" },
	{ 20, "any port" },
	{ 26, "QUIC" },
	{ 27, "QUIC" },
	{ 29, "QUIC" },
	{ 30, "QUIC" },
	{ 31, "QUIC" },
	{ 32, "QUIC" },
	{ 34, "QUIC" },
	{ 35, "QUIC" },
};

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

/* VIPs of the provision whose port is given and whose reals are of their family. */
static void vip_add(const json_t *v)
{
	char vip[LB_TEXT];
	const char *addr = text(v, "address");
	int six = !!strchr(addr, ':'), port = json_integer_value(json_object_get(v, "port"));
	json_t *real;
	size_t i;

	if (!port)
		return;
	snprintf(vip, sizeof(vip), six ? "[%s]:%d/%s" : "%s:%d/%s", addr, port, text(v, "proto"));
	lbrig_vip(vip);
	json_array_foreach(json_object_get(v, "reals"), i, real) {
		if (!!strchr(text(real, "address"), ':') == six)
			lbrig_real(vip, text(real, "address"), 1);
	}
}

static int up(void **state)
{
	struct lb_options o = { .conns = 4096,
				.has_gateway = 1,
				.gateway = { 0, 0, 0xde, 0xad, 0xbe, 0xaf } };
	json_t *v;
	size_t i;

	(void)state;
	vectors = json_load_file(PEERS "katran_vectors.json", 0, NULL);
	provision = json_load_file(PEERS "katran_provision.json", 0, NULL);
	if (!vectors || !provision)
		return 0;
	base = json_object_get(json_object_get(provision, "setups"), "base");
	lbrig_up();
	lbrig_load(&o);
	json_array_foreach(json_object_get(base, "vips"), i, v)
		vip_add(v);
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	json_decref(vectors);
	json_decref(provision);
	return 0;
}

static __u32 hex(const json_t *o, const char *key, unsigned char *out)
{
	const char *s = text(o, key);
	__u32 n = 0;

	for (; s[0] && s[1] && n < LBRIG_FRAME; s += 2)
		sscanf(s, "%2hhx", &out[n++]);
	return n;
}

/* Is @real one of the VIP that the vector's flow is for? */
static int is_real(const json_t *vector, const char *real)
{
	json_t *flow = json_object_get(vector, "vip_flow"), *v, *r;
	json_int_t proto = json_integer_value(json_object_get(flow, "proto"));
	size_t i, j;

	json_array_foreach(json_object_get(base, "vips"), i, v) {
		if (strcmp(text(v, "address"), text(flow, "dst")) ||
		    strcmp(text(v, "proto"), proto == 6 ? "tcp" : "udp"))
			continue;
		json_array_foreach(json_object_get(v, "reals"), j, r) {
			if (!strcmp(text(r, "address"), real))
				return 1;
		}
	}
	return 0;
}

static void compare(const json_t *v, const unsigned char *in, __u32 len, struct lbrig_out *out)
{
	unsigned char want[LBRIG_FRAME];
	__u32 want_len = hex(v, "expected_output_hex", want);
	struct lbrig_outer o;

	assert_int_equal(out->len, want_len);
	if (!strcmp(text(v, "compare"), "exact")) {
		assert_memory_equal(out->frame, want, want_len);
		return;
	}
	assert_memory_equal(out->frame, want, 12);
	assert_int_equal(lbrig_outer(out->frame, out->len, &o), 0);
	assert_true(o.check_ok);
	assert_int_equal(o.ttl, 64);
	assert_int_equal(o.len, want_len - 14);
	assert_memory_equal(out->frame + o.inner, in + 14, len - 14);
	assert_int_equal(o.tos, o.version == 4 ? in[15] : (in[14] & 15) << 4 | in[15] >> 4);
	assert_string_equal(o.src, text(v, "expected_outer_src"));
	assert_true(is_real(v, o.dst));
}

static const char *why_left_out(int index)
{
	for (size_t i = 0; i < ARRAY_SIZE(left_out); i++)
		if (left_out[i].index == index)
			return left_out[i].why;
	return NULL;
}

static void test_default(void **state)
{
	static const char *const verdicts[] = { "XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX" };
	int compared = 0;
	json_t *v;
	size_t i;

	(void)state;
	if (!base)
		skip();
	json_array_foreach(vectors, i, v) {
		int index = json_integer_value(json_object_get(v, "index"));
		unsigned char in[LBRIG_FRAME];
		struct lbrig_out out;
		__u32 len;

		if (strcmp(text(v, "suite"), "default") || why_left_out(index))
			continue;
		print_message("  %d %s\n", index, text(v, "name"));
		len = hex(v, "input_hex", in);
		lbrig_run(in, len, &out);
		assert_string_equal(verdicts[out.verdict & 3], text(v, "expected_retval"));
		compare(v, in, len, &out);
		compared++;
	}
	assert_int_equal(compared, 36 - (int)ARRAY_SIZE(left_out));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_default) };

	return cmocka_run_group_tests(tests, up, down);
}
