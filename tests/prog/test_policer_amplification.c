// SPDX-License-Identifier: GPL-2.0
/* The policer amplification: each service of its table, sizes to the byte, who may all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/amplification.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT 5
#define KIND "amplification"
#define ROOM 2048

static struct rig rig;

/* A datagram of @size bytes of payload, longer than frame_make() has room for. */
static __u32 datagram(unsigned char buf[ROOM], const struct frame *want, __u32 size, __u32 head)
{
	struct frame f = *want;
	__u32 l3, len, l4;
	int six = !!strchr(f.src, ':');

	f.proto = IPPROTO_UDP;
	memset(buf, 0, ROOM);
	len = frame_make(buf, &f, &l3);
	l4 = len - 8;
	buf[l4 + 4] = (8 + size) >> 8;
	buf[l4 + 5] = 8 + size;
	buf[len] = head >> 24;
	buf[len + 1] = head >> 16;
	buf[len + 2] = head >> 8;
	buf[len + 3] = head;
	len += size;
	buf[l3 + (six ? 4 : 2)] = (len - l3 - (six ? 40 : 0)) >> 8;
	buf[l3 + (six ? 5 : 3)] = len - l3 - (six ? 40 : 0);
	return len;
}

static void expect(const struct frame *f, __u32 size, __u32 head, const char *reason)
{
	unsigned char buf[ROOM];
	__u32 len = datagram(buf, f, size, head);

	policing_expect(&rig, SLOT, buf, len, strcmp(reason, "reflected") ? XDP_PASS : XDP_DROP,
			reason);
}

/* One byte more than an answer may have, from the Internet; and one that is as long as it may be.
 */
static void test_table(void **state)
{
	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	for (const struct amplification_known *k = amplification_known; k->name; k++) {
		const struct frame f4 = {
			.src = "9.9.9.9", .dst = "192.0.2.1", .sport = k->port, .dport = 40000
		};
		const struct frame f6 = { .src = "2a00::9",
					  .dst = "2001:db8::1",
					  .tags = 1,
					  .options = 8,
					  .sport = k->port,
					  .dport = 40000 };
		const struct frame lan = {
			.src = "10.1.2.3", .dst = "192.0.2.1", .sport = k->port, .dport = 40000
		};
		__u32 more = k->above + (k->mask ? 4 : 1);

		print_message("  %s\n", k->name);
		expect(&f4, k->above, k->head, "");
		expect(&f4, more, k->head, k->off ? "" : "reflected");
		if (more < 1440)
			expect(&f6, more, k->head, k->off ? "" : "reflected");
		if (k->mask)
			expect(&f4, more, ~k->head, "");
		expect(&lan, more, k->head, k->off || k->lan ? "" : "reflected");
	}
}

static const struct {
	const char *name, *words;
	struct frame f;
	__u32 size;
	const char *reason;
} rows[] = {
	{ "a port that is nobody's",
	  "",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4500 },
	  1400,
	  "" },
	{ "to the port of a service",
	  "",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4500, .dport = 19 },
	  1400,
	  "" },
	{ "added port",
	  "add=4500:600",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4500 },
	  601,
	  "reflected" },
	{ "added port, short",
	  "add=4500:600",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4500 },
	  600,
	  "" },
	{ "added port, any size",
	  "add=4500",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4500 },
	  1,
	  "reflected" },
	{ "an empty datagram",
	  "add=4500",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4500 },
	  0,
	  "" },
	{ "port 65535",
	  "add=65535",
	  { .src = "2a00::1", .dst = "2001:db8::1", .sport = 65535 },
	  1,
	  "reflected" },
	{ "a size of one's own",
	  "add=dns:512",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 53 },
	  513,
	  "reflected" },
	{ "our resolver",
	  "add=dns:0 allow=9.9.9.0/24",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 53 },
	  100,
	  "allow" },
	{ "not our resolver",
	  "add=dns:0 allow=9.9.9.0/24",
	  { .src = "9.9.8.9", .dst = "192.0.2.1", .sport = 53 },
	  100,
	  "reflected" },
	{ "our resolver 6",
	  "add=dns:0 allow=2a00:1::/32",
	  { .src = "2a00:1::9", .dst = "2001:db8::1", .sport = 53 },
	  100,
	  "allow" },
	{ "not our resolver 6",
	  "add=dns:0 allow=2a00:1::/32",
	  { .src = "2a00:2::9", .dst = "2001:db8::1", .sport = 53 },
	  100,
	  "reflected" },
	{ "removed",
	  "remove=chargen",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 19 },
	  100,
	  "" },
	{ "removed by port",
	  "remove=19,17",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 17 },
	  100,
	  "" },
	{ "added by a rule",
	  "rule=4500:9",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4500 },
	  10,
	  "reflected" },
	{ "removed by a rule",
	  "rule=chargen@pass",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 19 },
	  10,
	  "" },
	{ "to a group",
	  "add=4500",
	  { .src = "9.9.9.9", .dst = "239.255.255.250", .sport = 4500 },
	  300,
	  "" },
	{ "to a group 6",
	  "add=4500",
	  { .src = "2a00::9", .dst = "ff02::fb", .sport = 4500 },
	  300,
	  "" },
	{ "unique local", "", { .src = "fd00::9", .dst = "fd00::1", .sport = 137 }, 300, "" },
	{ "first fragment",
	  "",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 19, .frag = -1 },
	  300,
	  "reflected" },
	{ "options and tags",
	  "",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 19, .options = 40, .tags = 2 },
	  300,
	  "reflected" },
	{ "one that is off, added",
	  "add=sip",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 5060 },
	  1001,
	  "reflected" },
	{ "shadow",
	  "shadow add=4500",
	  { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 4501 },
	  9,
	  "" },
};

static void test_rows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("  %s\n", rows[i].name);
		policing_put(rig.chain, SLOT, KIND, rows[i].words);
		expect(&rows[i].f, rows[i].size, 0, rows[i].reason);
	}
}

/* A first fragment says how long the datagram is, whatever it brings of it. */
static void test_first_fragment_of_a_long_answer(void **state)
{
	const struct frame f = { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 53, .frag = -1 };
	unsigned char buf[ROOM];
	__u32 len = datagram(buf, &f, 4000, 0);

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	policing_expect(&rig, SLOT, buf, len > 1514 ? 1514 : len, XDP_DROP, "reflected");
}

static __u64 hits(__u32 rule)
{
	int n = libbpf_num_possible_cpus(), fd = stage_map(rig.chain, SLOT, "places");
	__u64 v[n], sum = 0;
	__u32 place;

	assert_int_equal(bpf_map_lookup_elem(fd, &rule, &place), 0);
	close(fd);
	fd = stage_map(rig.chain, SLOT, "hits");
	assert_int_equal(bpf_map_lookup_elem(fd, &place, v), 0);
	close(fd);
	for (int i = 0; i < n; i++)
		sum += v[i];
	return sum;
}

/* The rule is the port; it is counted, has a text, and goes on counting when others change. */
static void test_rules(void **state)
{
	const struct frame f = { .src = "9.9.9.9", .dst = "192.0.2.1", .sport = 19 };
	struct chain_rule rule;
	__u32 id = 19;
	int fd;

	(void)state;
	policing_put(rig.chain, SLOT, KIND, "");
	fd = stage_map(rig.chain, SLOT, "rules");
	assert_int_equal(bpf_map_lookup_elem(fd, &id, &rule), 0);
	close(fd);
	assert_string_equal(rule.text, "chargen: udp from 19 above 0 bytes");
	expect(&f, 58, 0, "reflected");
	/* one more, one less: those that stay go on counting, a new one begins at 0 */
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, "remove=qotd", NULL, NULL), 0);
	assert_int_equal(
		policing_load(rig.chain, SLOT, KIND, "remove=qotd add=4500,4501", NULL, NULL), 0);
	expect(&f, 58, 0, "reflected");
	assert_int_equal(hits(19), 2);
	assert_int_equal(hits(4500), 0);
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, "remove=19", NULL, NULL), 0);
	assert_int_equal(policing_load(rig.chain, SLOT, KIND, "", NULL, NULL), 0);
	assert_int_equal(hits(19), 0);
}

static void test_bad_parameters(void **state)
{
	static const struct policing_bad bad[] = {
		{ "add=moon", "7: amplification: add: moon: no such service, and not a port" },
		{ "add=0", "7: amplification: add: 0: no such service, and not a port" },
		{ "add=65536:1", "7: amplification: add: 65536:1: no such service" },
		{ "add=53:", "7: amplification: add: 53:: bytes of payload are" },
		{ "add=53:70000", "7: amplification: add: 53:70000: bytes of payload are" },
		{ "remove=53:1", "7: amplification: remove: 53:1: what is removed has no size" },
		{ "allow=1.2.3.4.5", "7: amplification: allow: 1.2.3.4.5: " },
		{ "rule=53@limit", "7: amplification: match: limit: drop or pass" },
		{ "rule=", "7: amplification: match: : no such service" },
	};

	(void)state;
	policing_refuse(rig.chain, SLOT, KIND, bad, ARRAY_SIZE(bad));
}

/* Names and ports are there once; two that differ in what they are made of have two digests. */
static void test_digest(void **state)
{
	static const char *const words[] = { "",       "add=4500",  "add=4500:1", "allow=9.9.9.9",
					     "shadow", "remove=dns" };
	struct policing p[ARRAY_SIZE(words)], again;
	struct fail f = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		assert_int_equal(policing_make(&p[i], KIND, words[i], &f), 0);
		for (size_t k = 0; k < i; k++)
			assert_true(p[i].policer.spec.digest != p[k].policer.spec.digest);
		assert_int_equal(policing_make(&again, KIND, words[i], &f), 0);
		assert_true(again.policer.spec.digest == p[i].policer.spec.digest);
		policing_free(&again);
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		policing_free(&p[i]);
	for (const struct amplification_known *k = amplification_known; k->name; k++) {
		assert_ptr_equal(amplification_find(k->name, 0), k);
		assert_ptr_equal(amplification_find(NULL, k->port), k);
		assert_true(k->port < 1024 || k->off || k->mask);
		assert_true(strlen(k->note) < sizeof(((struct chain_rule *)0)->note));
	}
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "dpa");
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(&rig);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_first_fragment_of_a_long_answer),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_bad_parameters),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
