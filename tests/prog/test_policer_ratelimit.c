// SPDX-License-Identifier: GPL-2.0
/* The kind ratelimit: who shares a bucket, what it counts, and what a change leaves of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

#include "lib/ratelimit.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define SLOT 3

static struct rig rig;

static void offer(const char *src, const char *dst, __u16 payload, int verdict)
{
	const struct frame f = { .src = src, .dst = dst, .proto = IPPROTO_UDP, .payload = payload };
	unsigned char buf[FRAME_MAX];

	policing_expect(&rig, SLOT, buf, frame_make(buf, &f, NULL), verdict,
			verdict == XDP_DROP ? "rate" : "");
}

#define A  "203.0.113.1"
#define A2 "203.0.113.2"
#define B  "198.51.100.1"
#define TO "192.0.2.1"
#define T2 "192.0.2.2"
#define A6 "2001:db8::1"
#define B6 "2001:db8:1::1"
#define T6 "2001:db8:ffff::1"

/* With one packet at once: does a second one, of these, pass? */
static const struct {
	const char *words, *src, *dst, *src2, *dst2;
	int verdict;
} cases[] = {
	{ "rate=1 burst=1", A, TO, A, T2, XDP_DROP },
	{ "rate=1 burst=1", A, TO, A2, TO, XDP_PASS },
	{ "rate=1 burst=1 len4=24", A, TO, A2, TO, XDP_DROP },
	{ "rate=1 burst=1 len4=24", A, TO, B, TO, XDP_PASS },
	{ "rate=1 burst=1 len6=32", A6, T6, B6, T6, XDP_DROP },
	{ "rate=1 burst=1", A6, T6, B6, T6, XDP_PASS },
	{ "rate=1 burst=1 by=destination", A, TO, B, TO, XDP_DROP },
	{ "rate=1 burst=1 by=destination", A, TO, A, T2, XDP_PASS },
	{ "rate=1 burst=1 by=destination len4=24", A, TO, A, T2, XDP_DROP },
	{ "rate=1 burst=1 by=destination", A6, T6, B6, T6, XDP_DROP },
	{ "rate=1 burst=1 by=all", A, TO, B, T2, XDP_DROP },
	{ "rate=1 burst=1 by=all", A, TO, A6, T6, XDP_DROP },
	{ "rate=1 burst=1 sources=8", A, TO, A, TO, XDP_DROP },
	{ "rate=1 burst=2 by=all", A, TO, B, T2, XDP_PASS },
	{ "rate=1 burst=1 shadow", A, TO, A, TO, XDP_PASS },
};

static void test_who(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char reason[CHAIN_REASON_LEN];
		unsigned char buf[FRAME_MAX];
		const struct frame f = { .src = cases[i].src2,
					 .dst = cases[i].dst2,
					 .proto = IPPROTO_UDP };

		print_message("  %s: %s to %s\n", cases[i].words, cases[i].src2, cases[i].dst2);
		policing_put(rig.chain, SLOT, "ratelimit", cases[i].words);
		offer(cases[i].src, cases[i].dst, 0, XDP_PASS);
		assert_int_equal(policing_run(&rig, SLOT, buf, frame_make(buf, &f, NULL), reason),
				 cases[i].verdict);
		assert_string_equal(reason,
				    cases[i].verdict == XDP_DROP || strstr(cases[i].words, "shadow")
					    ? "rate"
					    : "");
	}
}

/* Frames of 142 bytes out of a burst of 500, at a byte a second: three of them. */
static void test_bytes(void **state)
{
	(void)state;
	policing_put(rig.chain, SLOT, "ratelimit", "rate=1B/s burst=500");
	for (int i = 0; i < 3; i++)
		offer(A, TO, 100, XDP_PASS);
	offer(A, TO, 100, XDP_DROP);
	offer(A, TO, 0, XDP_PASS); /* 74 bytes are left: a small one has room */
	offer(A, TO, 0, XDP_DROP);
	offer(A2, TO, 100, XDP_PASS);
	policing_put(rig.chain, SLOT, "ratelimit", "rate=8bit/s burst=500 by=destination");
	for (int i = 0; i < 3; i++)
		offer(A, TO, 100, XDP_PASS);
	offer(B, TO, 100, XDP_DROP);
}

/* A packet that is larger than the burst passes a full bucket, and no more. */
static void test_larger_than_the_burst(void **state)
{
	(void)state;
	policing_put(rig.chain, SLOT, "ratelimit", "rate=1 unit=bytes burst=100");
	offer(A, TO, 100, XDP_PASS);
	offer(A, TO, 0, XDP_DROP);
}

static __u64 passed_bytes(void)
{
	static struct chain_totals t;

	assert_int_equal(chain_totals(rig.chain, &t), 0);
	return t.verdicts[SLOT][CHAIN_NEXT].bytes;
}

/* Over time, once the burst is used up: what passes is what the rate says. */
static void test_byte_rate(void **state)
{
	static const __u64 rates[] = { 1000000, 20000000 };
	const struct frame f = { .src = A, .dst = TO, .proto = IPPROTO_UDP, .payload = 100 };
	unsigned char buf[FRAME_MAX];
	__u32 len = frame_make(buf, &f, NULL);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rates); i++) {
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = buf, .data_size_in = len,
			    .repeat = 20000);
		struct ratelimit r = { rates[i], rates[i] / 2, 32, 64, RATELIMIT_BYTES, 0 };
		__u64 start, before, passed;
		double due;

		stage_unload(rig.chain, SLOT, NULL);
		assert_int_equal(ratelimit_load(rig.chain, SLOT, &r, NULL), 0);
		for (before = passed_bytes(); passed_bytes() < before + r.burst;)
			assert_int_equal(bpf_prog_test_run_opts(rig.root, &opts), 0);
		start = now_ns();
		before = passed_bytes();
		do
			assert_int_equal(bpf_prog_test_run_opts(rig.root, &opts), 0);
		while (now_ns() - start < NSEC / 2);
		passed = passed_bytes() - before;
		due = rates[i] * ((now_ns() - start) / (double)NSEC);
		print_message("  %llu: %llu of %.0f\n", rates[i], passed, due);
		assert_true(passed >= due * 0.9 && passed <= due * 1.1);
	}
}

static int load(const char *words, unsigned int *lost)
{
	struct fail f = { 0 };

	return policing_load(rig.chain, SLOT, "ratelimit", words, lost, &f);
}

/* Buckets go on under another rate, and not when they would count something else. */
static void test_change(void **state)
{
	unsigned int lost = 0;

	(void)state;
	policing_put(rig.chain, SLOT, "ratelimit", "rate=1 burst=2");
	offer(A, TO, 0, XDP_PASS);
	offer(A, TO, 0, XDP_PASS);
	assert_int_equal(load("rate=1 burst=3", &lost), 0);
	assert_int_equal(lost, 0);
	offer(A, TO, 0, XDP_PASS);
	offer(A, TO, 0, XDP_DROP);
	assert_int_equal(load("rate=1 burst=3 by=destination", NULL), 0);
	offer(A, TO, 0, XDP_PASS);
	assert_int_equal(load("rate=1B/s burst=3 by=destination", NULL), 0);
	offer(A, TO, 0, XDP_PASS);
}

/* `droplet limit` on a limit that is configured: by its name, in its mode. */
static void test_command(void **state)
{
	struct ratelimit r = { 1, 1, 32, 64, 0, 0 }, got;
	struct policing p;
	struct chain_stage st;
	struct fail f = { 0 };

	(void)state;
	stage_unload(rig.chain, SLOT, NULL);
	assert_int_equal(policing_make(&p, "ratelimit", "rate=1000 sources=4096 shadow", &f), 0);
	p.policer.spec.slot = SLOT;
	p.policer.spec.name = "dns-rate";
	assert_int_equal(stage_load(rig.chain, &p.policer.spec, NULL, &f), 0);
	assert_int_equal(ratelimit_load(rig.chain, SLOT, &r, &f), 0);
	assert_int_equal(chain_stage(rig.chain, SLOT, &st), 0);
	assert_string_equal(st.name, "dns-rate");
	assert_int_equal(st.flags, CHAIN_STAGE_SHADOW);
	assert_int_not_equal(st.digest, p.policer.spec.digest); /* a reload puts it back */
	assert_int_equal(ratelimit_get(rig.chain, SLOT, &got), 0);
	assert_memory_equal(&got, &r, sizeof(r));
	policing_free(&p);
}

static const struct {
	const char *words, *says;
} bad[] = {
	{ "", "kind ratelimit needs a rate: add rate: 1000/s" },
	{ "rate=fast", "rate: fast: not a rate" },
	{ "rate=101M", "rate: 101M: a rate is 1 to 100000000 packets/s" },
	{ "rate=500Gbit/s", "a rate is 1 byte/s to 400 Gbit/s" },
	{ "rate=1 unit=bits", "unit: bits: packets or bytes is wanted" },
	{ "rate=1 by=port", "by: port: source, destination or all is wanted" },
	{ "rate=1 burst=3601", "a burst is at most what comes in 3600 s" },
	{ "rate=1 len4=33", "len4: 33: a number from 0 to 32 is wanted" },
	{ "rate=1 pps=1", "pps: no such parameter of kind ratelimit: rate, unit, burst, by" },
};

static void test_bad(void **state)
{
	struct policing p;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct fail f = { 0 };

		print_message("  %s\n", bad[i].words);
		assert_int_equal(policing_make(&p, "ratelimit", bad[i].words, &f), -EINVAL);
		if (!strstr(f.text, bad[i].says))
			fail_msg("says: %s", f.text);
		policing_free(&p);
	}
}

static int setup(void **state)
{
	(void)state;
	rig_alone();
	rig_up(&rig, "prl");
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
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_larger_than_the_burst),
		cmocka_unit_test(test_byte_rate),
		cmocka_unit_test(test_change),
		cmocka_unit_test(test_command),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
