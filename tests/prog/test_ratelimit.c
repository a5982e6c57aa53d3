// SPDX-License-Identifier: GPL-2.0
/* The ratelimit stage behind the root: bursts, the rate over time and over CPUs, whose packets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

#include "lib/ratelimit.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define SLOT	   2
#define SLOT_SPOOF 1
#define V4	   .dst = "192.0.2.1"
#define FROM	   .src = "203.0.113.9", V4
#define V6	   .dst = "2001:db8:ffff::1"

enum { REASON_RATE = 1 }; /* enum ratelimit_reason of the stage */

static struct rig rig;

/* A limit with all buckets full. */
static void fresh(__u32 rate_pps, __u32 burst, __u32 len4, __u32 len6)
{
	const struct ratelimit r = { rate_pps, burst, len4, len6, 0, 0 };
	struct fail f = { 0 };

	stage_unload(rig.chain, SLOT, NULL);
	if (ratelimit_load(rig.chain, SLOT, &r, &f))
		fail_msg("%s %s", f.text, f.log);
}

static int run_frame(const struct frame *f)
{
	unsigned char buf[FRAME_MAX], out[FRAME_MAX];
	__u32 len = frame_make(buf, f, NULL), out_len = 0;
	int verdict = rig_run(&rig, buf, len, out, sizeof(out), &out_len);

	assert_int_equal(out_len, len);
	assert_memory_equal(out, buf, len);
	return verdict;
}

static int run_from(const char *src)
{
	const struct frame f = { .src = src,
				 .dst = strchr(src, ':') ? "2001:db8:ffff::1" : "192.0.2.1",
				 .proto = IPPROTO_UDP };

	return run_frame(&f);
}

static __u64 passed(void)
{
	static struct chain_totals t;

	assert_int_equal(chain_totals(rig.chain, &t), 0);
	return t.verdicts[SLOT][CHAIN_NEXT].packets;
}

static void test_burst_and_counters(void **state)
{
	static struct chain_totals before, after;

	(void)state;
	fresh(1, 3, 32, 64);
	assert_int_equal(chain_totals(rig.chain, &before), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(run_from("203.0.113.1"), XDP_PASS);
	assert_int_equal(run_from("203.0.113.1"), XDP_DROP);
	assert_int_equal(chain_totals(rig.chain, &after), 0);
	assert_int_equal(after.verdicts[SLOT][CHAIN_NEXT].packets -
				 before.verdicts[SLOT][CHAIN_NEXT].packets,
			 3);
	assert_int_equal(after.verdicts[SLOT][CHAIN_DROP].packets -
				 before.verdicts[SLOT][CHAIN_DROP].packets,
			 1);
	assert_int_equal(after.reasons[SLOT][REASON_RATE].packets -
				 before.reasons[SLOT][REASON_RATE].packets,
			 1);
	assert_int_equal(after.reasons[SLOT][REASON_RATE].bytes -
				 before.reasons[SLOT][REASON_RATE].bytes,
			 42);
}

static const struct {
	const char *name;
	__u32 len4, len6;
	struct frame first, second;
	int same; /* both are of one source: with a burst of 1 the second is dropped */
} sources[] = {
	{ "same address",
	  32,
	  64,
	  { .src = "203.0.113.1", V4, .proto = 6 },
	  { .src = "203.0.113.1", V4, .proto = 17 },
	  1 },
	{ "neighbours",
	  32,
	  64,
	  { .src = "203.0.113.2", V4, .proto = 17 },
	  { .src = "203.0.113.3", V4, .proto = 17 },
	  0 },
	{ "neighbours, per /24",
	  24,
	  64,
	  { .src = "203.0.113.2", V4, .proto = 17 },
	  { .src = "203.0.113.3", V4, .proto = 17 },
	  1 },
	{ "two /24s, per /24",
	  24,
	  64,
	  { .src = "203.0.112.2", V4, .proto = 17 },
	  { .src = "203.0.113.2", V4, .proto = 17 },
	  0 },
	{ "all, per /0",
	  0,
	  64,
	  { .src = "203.0.112.2", V4, .proto = 17 },
	  { .src = "10.0.113.2", V4, .proto = 17 },
	  1 },
	{ "vlan and not",
	  32,
	  64,
	  { .src = "203.0.113.2", V4, .proto = 17, .tags = 2 },
	  { .src = "203.0.113.2", V4, .proto = 17 },
	  1 },
	{ "later fragment",
	  32,
	  64,
	  { .src = "203.0.113.2", V4, .proto = 17 },
	  { .src = "203.0.113.2", V4, .proto = 17, .frag = 64 },
	  1 },
	{ "v6 same /64",
	  32,
	  64,
	  { .src = "2001:db8::1", V6, .proto = 6 },
	  { .src = "2001:db8::ffff:2", V6, .proto = 58 },
	  1 },
	{ "v6 two /64s",
	  32,
	  64,
	  { .src = "2001:db8::1", V6, .proto = 6 },
	  { .src = "2001:db8:0:1::1", V6, .proto = 6 },
	  0 },
	{ "v6 per /128",
	  32,
	  128,
	  { .src = "2001:db8::1", V6, .proto = 6 },
	  { .src = "2001:db8::2", V6, .proto = 6 },
	  0 },
	{ "v6 per /128, same",
	  32,
	  128,
	  { .src = "2001:db8::1", V6, .proto = 6 },
	  { .src = "2001:db8::1", V6, .proto = 17, .options = 8 },
	  1 },
	{ "v6 per /48",
	  32,
	  48,
	  { .src = "2001:db8:0:1::1", V6, .proto = 6 },
	  { .src = "2001:db8:0:2::1", V6, .proto = 6 },
	  1 },
	{ "v4 and v6 of the same bits",
	  32,
	  32,
	  { .src = "32.1.13.184", V4, .proto = 17 },
	  { .src = "2001:db8::", V6, .proto = 17 },
	  0 },
};

static void test_sources(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
		print_message("  %s\n", sources[i].name);
		fresh(1, 1, sources[i].len4, sources[i].len6);
		assert_int_equal(run_frame(&sources[i].first), XDP_PASS);
		assert_int_equal(run_frame(&sources[i].second),
				 sources[i].same ? XDP_DROP : XDP_PASS);
	}
}

static void test_truncated_and_arp_pass(void **state)
{
	const struct frame f = { FROM, .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];
	__u32 full = frame_make(buf, &f, NULL);

	(void)state;
	fresh(1, 1, 32, 64);
	assert_int_equal(rig_run(&rig, buf, full, NULL, 0, NULL), XDP_PASS);
	for (__u32 len = 14; len <= full; len++)
		assert_int_equal(rig_run(&rig, buf, len, NULL, 0, NULL),
				 len >= 34 ? XDP_DROP : XDP_PASS);
	buf[13] = 6; /* ARP */
	for (int i = 0; i < 3; i++)
		assert_int_equal(rig_run(&rig, buf, full, NULL, 0, NULL), XDP_PASS);
}

static void test_no_limit(void **state)
{
	(void)state;
	fresh(0, 0, 32, 64);
	for (int i = 0; i < 100; i++)
		assert_int_equal(run_from("2001:db8::1"), XDP_PASS);
}

struct sender {
	int cpu;
	__u32 packets;
	__u64 busy_ns; /* in which it sent: what the kernel measured, without its own waits */
};

static void *send_all(void *arg)
{
	struct sender *s = arg;
	const struct frame f = { FROM, .proto = IPPROTO_UDP };
	unsigned char buf[FRAME_MAX];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = buf, .repeat = s->packets);
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(s->cpu, &cpus);
	pthread_setaffinity_np(pthread_self(), sizeof(cpus), &cpus);
	opts.data_size_in = frame_make(buf, &f, NULL);
	if (!bpf_prog_test_run_opts(rig.root, &opts))
		s->busy_ns = (__u64)opts.duration * s->packets;
	return NULL;
}

static const struct {
	const char *name;
	__u32 rate_pps, burst;
	int cpus;
} rates[] = {
	{ "exact clock", 1000, 10, 1 },		  { "jiffies", 1000, 100, 1 },
	{ "one at a time", 500, 1, 1 },		  { "fast", 300000, 1000, 1 },
	{ "two CPUs, exact clock", 1000, 10, 2 }, { "two CPUs, jiffies", 20000, 2000, 2 },
};

/* At least what the time in which packets came allows, at most what all the time does. */
static void test_rate(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		struct sender s[2] = { { 0, 3000000, 0 }, { 1, 3000000, 0 } };
		int n = sysconf(_SC_NPROCESSORS_ONLN) > 1 ? rates[i].cpus : 1;
		double rate = rates[i].rate_pps, least, most;
		pthread_t threads[2];
		__u64 before, start, took, busy = 0;

		fresh(rates[i].rate_pps, rates[i].burst, 32, 64);
		before = passed();
		start = now_ns();
		for (int j = 0; j < n; j++)
			pthread_create(&threads[j], NULL, send_all, &s[j]);
		for (int j = 0; j < n; j++)
			pthread_join(threads[j], NULL);
		took = now_ns() - start;
		for (int j = 0; j < n; j++)
			busy = s[j].busy_ns > busy ? s[j].busy_ns : busy;
		assert_int_not_equal(busy, 0);
		/* a tick of 10 ms, ns that are cut; emulated, a CPU stands still at times */
		least = rates[i].burst + rate * busy / NSEC - 1 - rate / 100;
		least /= getenv("TEST_EMULATED") ? 4 : 1;
		most = rates[i].burst + rate * took / NSEC + 1 + rate / 100;
		before = passed() - before;
		print_message("  %s: %llu of %.0f to %.0f\n", rates[i].name, before, least, most);
		assert_in_range(before, least < 0 ? 0 : (__u64)least, (__u64)most);
	}
}

/* A limit that is changed goes on with the buckets as they are: nobody gets a new burst. */
static void test_change_keeps_buckets(void **state)
{
	struct ratelimit r = { 1, 3, 32, 64, 0, 0 }, got = { 0 };

	(void)state;
	fresh(1, 3, 32, 64);
	for (int i = 0; i < 3; i++)
		assert_int_equal(run_from("203.0.113.1"), XDP_PASS);
	assert_int_equal(run_from("203.0.113.1"), XDP_DROP);
	assert_int_equal(ratelimit_load(rig.chain, SLOT, &r, NULL), 0);
	assert_int_equal(run_from("203.0.113.1"), XDP_DROP);
	assert_int_equal(run_from("203.0.113.2"), XDP_PASS);
	assert_int_equal(ratelimit_get(rig.chain, SLOT, &got), 0);
	assert_memory_equal(&got, &r, sizeof(r));
	/* three seconds of debt are none for a limit that knows no more than 20 ms */
	r = (struct ratelimit){ 1000, 20, 32, 64, 0, 0 };
	assert_int_equal(ratelimit_load(rig.chain, SLOT, &r, NULL), 0);
	assert_int_equal(run_from("203.0.113.1"), XDP_PASS);
}

static void test_bad_limits(void **state)
{
	static const struct ratelimit bad[] = {
		{ RATELIMIT_RATE_MAX + 1, 1, 32, 64, 0, 0 },
		{ 1, 3601, 32, 64, 0, 0 },
		{ 1, 1, 33, 64, 0, 0 },
		{ 1, 1, 32, 129, 0, 0 },
	};

	(void)state;
	fresh(1, 1, 32, 64);
	assert_int_equal(run_from("203.0.113.1"), XDP_PASS);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fail f = { 0 };

		assert_int_equal(ratelimit_load(rig.chain, SLOT, &bad[i], &f), -ERANGE);
		assert_true(f.text[0]);
	}
	assert_int_equal(run_from("203.0.113.1"), XDP_DROP);
}

static void load_spoof(void)
{
	static unsigned char elf[65536];
	struct stage_spec spec = { .object = "spoof", .data = elf, .slot = SLOT_SPOOF };
	struct fail f = { 0 };

	spec.size = rig_object("spoof", elf, sizeof(elf));
	assert_true(spec.size > 0);
	if (stage_load(rig.chain, &spec, NULL, &f))
		fail_msg("%s %s", f.text, f.log);
}

/*
 * One source far above the limit in a flood from 1.9 million addresses that say one packet
 * each, seven for each bucket there is: they pass, and it stays held.
 */
static void test_flood_does_not_free_the_heavy(void **state)
{
	struct sender s = { 0, 2000000, 0 };
	__u64 before, start, ms, through;

	(void)state;
	load_spoof();
	fresh(1000, 100, 32, 64);
	before = passed();
	start = now_ns();
	send_all(&s);
	through = passed() - before;
	ms = (now_ns() - start) / (NSEC / 1000); /* as many as the heavy one may send */
	assert_in_range(through, 1870000, 1875000 + 110 + ms);
	assert_int_equal(stage_unload(rig.chain, SLOT_SPOOF, NULL), 0);
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "drl");
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
		cmocka_unit_test(test_burst_and_counters),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_truncated_and_arp_pass),
		cmocka_unit_test(test_no_limit),
		cmocka_unit_test(test_rate),
		cmocka_unit_test(test_change_keeps_buckets),
		cmocka_unit_test(test_bad_limits),
		cmocka_unit_test(test_flood_does_not_free_the_heavy),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
