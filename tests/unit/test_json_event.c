// SPDX-License-Identifier: GPL-2.0
/* test_json_event - each line is JSON that jansson reads back, with what the record had. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "lib/json_event.h"
#include "lib/trail.h"
#include "lib/util.h"

static const unsigned char bytes[] = { 0x00, 0x9f, 0xff };
static const struct format_if ifs[] = { { "eth0", NULL, NULL, 7, 1 },
					{ "\xff", NULL, NULL, 0, 1 } };

static struct format_file file(unsigned int flags)
{
	return (struct format_file){ .ifs = ifs, .n_ifs = ARRAY_SIZE(ifs), .flags = flags };
}

static struct record record(const struct trail *t)
{
	return (struct record){
		.time_ns = 1700000000ULL * NSEC + 123,
		.packetid = record_id(0, 5, 99),
		.verdict = 1,
		.data = bytes,
		.trail = t,
		.cap_len = 3,
		.len = 60,
		.queue = 2,
		.have = RECORD_ALL,
	};
}

static const struct trail dropped = {
	.verdict = 1, .steps = 2, .times = true,
	.step = {
		{ .stage = "ratelimit", .slot = 1, .verdict = 1, .shadow = true, .reason = 5, .ns = 0 },
		{ .stage = "blocklist", .slot = 2, .verdict = 1, .reason = 1,
		  .reason_name = "prefix", .rule = 7, .rule_text = "203.0.113.0/24", .ns = 212 },
	},
};
static const struct trail passed = { .verdict = 2, .point = EVENT_ENTRY };
static const struct trail strange = {
	.verdict = 1,
	.steps = 1,
	.step = { { .stage = "\xc3\xa9\t\"",
		    .slot = 1,
		    .verdict = 1,
		    .reason = 1,
		    .reason_name = "\xc3(",
		    .rule = 1,
		    .rule_text = "a\\b" } },
};

static const struct {
	const char *name;
	const struct trail *trail;
	unsigned int flags, have, iface;
	const char *line;
} cases[] = {
	{ "dropped", &dropped, 0, RECORD_ALL, 0,
	  "{\"time\":\"2023-11-14T22:13:20.000000123Z\",\"iface\":\"eth0\",\"ifindex\":7,"
	  "\"point\":\"exit\",\"queue\":2,\"cpu\":5,\"seq\":99,\"len\":60,\"cap_len\":3,"
	  "\"verdict\":\"DROP\",\"stage\":\"droplet/blocklist\",\"reason\":\"prefix\",\"rule\":7,"
	  "\"rule_text\":\"203.0.113.0/24\",\"steps\":["
	  "{\"slot\":1,\"stage\":\"droplet/ratelimit\",\"verdict\":\"DROP\",\"shadow\":true,"
	  "\"reason\":\"5\",\"ns\":0},"
	  "{\"slot\":2,\"stage\":\"droplet/blocklist\",\"verdict\":\"DROP\",\"shadow\":false,"
	  "\"reason\":\"prefix\",\"rule\":7,\"rule_text\":\"203.0.113.0/24\",\"ns\":212}]}\n" },
	{ "nobody decided, with bytes", &passed, FORMAT_DATA, RECORD_ALL, 0,
	  "{\"time\":\"2023-11-14T22:13:20.000000123Z\",\"iface\":\"eth0\",\"ifindex\":7,"
	  "\"point\":\"entry\",\"queue\":2,\"cpu\":5,\"seq\":99,\"len\":60,\"cap_len\":3,"
	  "\"verdict\":\"DROP\",\"stage\":null,\"reason\":null,\"rule\":null,\"rule_text\":null,"
	  "\"steps\":[],\"data\":\"009fff\"}\n" },
	{ "somebody else's packet, interface unknown", NULL, 0, 0, 9,
	  "{\"time\":\"2023-11-14T22:13:20.000000123Z\",\"iface\":null,\"ifindex\":null,"
	  "\"point\":null,\"queue\":null,\"cpu\":null,\"seq\":null,\"len\":60,\"cap_len\":3,"
	  "\"verdict\":null,\"stage\":null,\"reason\":null,\"rule\":null,\"rule_text\":null,"
	  "\"steps\":[]}\n" },
	{ "names that are no UTF-8", &strange, 0, RECORD_VERDICT, 1,
	  "{\"time\":\"2023-11-14T22:13:20.000000123Z\",\"iface\":\"\\\"\\\\xff\\\"\","
	  "\"ifindex\":null,"
	  "\"point\":\"exit\",\"queue\":null,\"cpu\":null,\"seq\":null,\"len\":60,\"cap_len\":3,"
	  "\"verdict\":\"DROP\",\"stage\":\"droplet/\xc3\xa9\\t\\\"\","
	  "\"reason\":\"\\\"\\\\xc3(\\\"\",\"rule\":1,\"rule_text\":\"a\\\\b\",\"steps\":["
	  "{\"slot\":1,\"stage\":\"droplet/\xc3\xa9\\t\\\"\",\"verdict\":\"DROP\",\"shadow\":false,"
	  "\"reason\":\"\\\"\\\\xc3(\\\"\",\"rule\":1,\"rule_text\":\"a\\\\b\"}]}\n" },
};

/* Whole lines, compared; each is parsed, and does not fit into a byte less. */
static void test_lines(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct format_file f = file(cases[i].flags);
		struct record r = record(cases[i].trail);
		size_t len = strlen(cases[i].line);
		char *buf = malloc(len + 1);
		json_t *o;

		print_message("  %s\n", cases[i].name);
		r.have = cases[i].have;
		r.iface = cases[i].iface;
		assert_int_equal(json_event(&f, &r, buf, len), len);
		buf[len] = 0;
		assert_string_equal(buf, cases[i].line);
		for (size_t less = 0; less < len; less++)
			assert_int_equal(json_event(&f, &r, buf, less), 0);
		o = json_loads(cases[i].line, 0, NULL);
		assert_non_null(o);
		json_decref(o);
		free(buf);
	}
}

/* A line of its own before that of the packet; both or none. */
static void test_trigger(void **state)
{
	static const char first[] = "{\"trigger\":\"drop>9/s (12/s) \\\"\\\\\"}\n";
	const struct format_file f = file(0);
	struct record r = record(&dropped);
	size_t n = strlen(first) + strlen(cases[0].line);
	char *buf = malloc(n + 1);

	(void)state;
	r.trigger = "drop>9/s (12/s) \"\\and more";
	r.trigger_len = strlen("drop>9/s (12/s) \"\\");
	assert_int_equal(json_event(&f, &r, buf, n), n);
	assert_memory_equal(buf, first, strlen(first));
	assert_memory_equal(buf + strlen(first), cases[0].line, strlen(cases[0].line));
	for (size_t less = 0; less < n; less++)
		assert_int_equal(json_event(&f, &r, buf, less), 0);
	free(buf);
}

static void test_strange_verdict(void **state)
{
	const struct format_file f = file(0);
	struct record r = record(NULL);
	char buf[1024];
	size_t len;

	(void)state;
	r.verdict = UINT64_MAX;
	len = json_event(&f, &r, buf, sizeof(buf) - 1);
	buf[len] = 0;
	assert_non_null(strstr(buf, "\"verdict\":\"verdict18446744073709551615\""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_trigger),
		cmocka_unit_test(test_strange_verdict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
