// SPDX-License-Identifier: GPL-2.0
/* Rates of xdpview: whatever happens between two samples, they are what came, by the time it took.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/util.h"
#include "viewer/model.h"
#include "viewer/units.h"

#define SLOT 3

static struct model_sample *sample_new(void)
{
	struct model_sample *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	s->created_ns = 5;
	s->who[SLOT] = (struct model_who){ .here = true, .name = "guard", .instance = 1 };
	return s;
}

static void counters(struct model_sample *s, __u64 drops, __u64 next, __u64 reason)
{
	s->totals.verdicts[SLOT][CHAIN_DROP] = (struct chain_count){ drops, 100 * drops };
	s->totals.verdicts[SLOT][CHAIN_NEXT] = (struct chain_count){ next, 100 * next };
	s->totals.reasons[SLOT][1] = (struct chain_count){ reason, 100 * reason };
}

/* Two samples, and what is said after the second. */
static const struct {
	const char *name;
	__u64 seconds;	      /* between them */
	__u64 drops1, drops2; /* counters at both; of reason 1 the same */
	__u64 created2;	      /* of the chain; 5 at the first */
	__u32 instance2;      /* of the program; 1 at the first */
	double drops_pps;     /* expected */
	__u64 reason_total;   /* expected, of the program that is there */
} cases[] = {
	{ "a second", 1, 100, 150, 5, 1, 50, 150 },
	{ "nothing came", 1, 100, 100, 5, 1, 0, 100 },
	{ "a pause of ten seconds", 10, 100, 1100, 5, 1, 100, 1100 },
	{ "a pause of a night", 36000, 0, 36000, 5, 1, 1, 36000 },
	{ "the chain made anew, fewer", 2, 1000, 40, 9, 1, 20, 40 },
	{ "the chain made anew, more", 2, 10, 40, 9, 1, 20, 40 },
	{ "counters that began at 0", 2, 1000, 40, 5, 1, 20, 40 },
	{ "a replaced program", 1, 100, 150, 5, 2, 50, 50 },
	{ "the largest counter", 1, UINT64_MAX - 50, UINT64_MAX, 5, 1, 50, UINT64_MAX },
};

static void test_rates(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct model *m = model_new(1, NSEC);
		struct model_sample *s = sample_new();
		struct model_if *mi = &m->ifs[0];

		print_message("  %s\n", cases[i].name);
		s->now_ns = 100 * NSEC;
		counters(s, cases[i].drops1, 0, cases[i].drops1);
		model_update(mi, s);
		assert_float_equal(model_drops(&mi->stages[SLOT]), 0, 1e-9);
		s->now_ns += cases[i].seconds * NSEC;
		s->created_ns = cases[i].created2;
		s->who[SLOT].instance = cases[i].instance2;
		counters(s, cases[i].drops2, 0, cases[i].drops2);
		model_update(mi, s);
		assert_float_equal(model_drops(&mi->stages[SLOT]), cases[i].drops_pps, 1e-6);
		assert_float_equal(mi->stages[SLOT].reasons[1].pps, cases[i].drops_pps, 1e-6);
		assert_int_equal(mi->stages[SLOT].reasons[1].total.packets, cases[i].reason_total);
		assert_int_equal(mi->stages[SLOT].total[CHAIN_DROP].packets, cases[i].drops2);
		model_free(m);
		free(s);
	}
}

static void test_reason_times(void **state)
{
	struct model *m = model_new(1, NSEC);
	struct model_sample *s = sample_new();
	struct model_reason *r = &m->ifs[0].stages[SLOT].reasons[1];

	(void)state;
	s->now_ns = 10 * NSEC;
	counters(s, 0, 0, 7);
	model_update(&m->ifs[0], s);
	assert_true(r->before); /* it counted before anybody looked */
	assert_int_equal(r->first_ns, 0);
	s->now_ns = 11 * NSEC;
	s->totals.reasons[SLOT][2].packets = 1;
	model_update(&m->ifs[0], s);
	assert_int_equal(r->last_ns, 0);
	assert_false(r[1].before);
	assert_int_equal(r[1].first_ns, 11 * NSEC);
	s->now_ns = 12 * NSEC;
	s->totals.reasons[SLOT][2].packets = 3;
	model_update(&m->ifs[0], s);
	assert_int_equal(r[1].first_ns, 11 * NSEC);
	assert_int_equal(r[1].last_ns, 12 * NSEC);
	model_free(m);
	free(s);
}

/* Each packet once, where it ended; shares of bytes with it. */
static void test_sum(void **state)
{
	struct model *m = model_new(1, NSEC);
	struct model_sample *s = sample_new();
	struct model_sum sum;

	(void)state;
	s->now_ns = NSEC;
	model_update(&m->ifs[0], s);
	s->now_ns = 2 * NSEC;
	counters(s, 30, 70, 0);
	s->totals.verdicts[CHAIN_SLOT_END][CHAIN_PASS] = (struct chain_count){ 70, 7000 };
	model_update(&m->ifs[0], s);
	model_sum(&m->ifs[0], &sum);
	assert_float_equal(sum.pps, 100, 1e-6);
	assert_float_equal(sum.bps, 80000, 1e-6);
	assert_float_equal(sum.final[CHAIN_DROP], 30, 1e-6);
	assert_float_equal(sum.final[CHAIN_PASS], 70, 1e-6);
	assert_float_equal(sum.final[CHAIN_NEXT], 0, 1e-6);
	model_free(m);
	free(s);
}

/* A copy is as it was, whatever comes. */
static void test_copy(void **state)
{
	struct model *m = model_new(1, NSEC), *copy;
	struct model_sample *s = sample_new();

	(void)state;
	s->now_ns = NSEC;
	model_update(&m->ifs[0], s);
	copy = model_copy(m);
	s->now_ns = 2 * NSEC;
	counters(s, 5, 0, 0);
	model_update(&m->ifs[0], s);
	assert_float_equal(model_drops(&copy->ifs[0].stages[SLOT]), 0, 1e-9);
	assert_float_equal(model_drops(&m->ifs[0].stages[SLOT]), 5, 1e-9);
	model_free(copy);
	model_free(m);
	free(s);
}

static void add(struct history *h, double from, double to, double packets)
{
	const double v[HISTORY_KINDS] = { packets, packets / 2 };

	history_add(h, from * NSEC, to * NSEC, v);
}

static void test_history(void **state)
{
	struct history h;
	double v[60];

	(void)state;
	history_init(&h, NSEC / 10); /* buckets are a second at least */
	add(&h, 100, 101, 10);
	add(&h, 101, 101.5, 20);
	add(&h, 101.5, 102, 20);
	add(&h, 102, 112, 100); /* a pause: spread, and no spike */
	history_rates(&h, HISTORY_PACKETS, 112 * NSEC, 15 * NSEC, 15, v);
	assert_true(v[0] < 0 && v[2] < 0); /* before it was begun */
	assert_float_equal(v[3], 10, 1e-3);
	assert_float_equal(v[4], 40, 1e-3);
	for (int i = 5; i < 15; i++)
		assert_float_equal(v[i], 10, 1e-3);
	history_rates(&h, HISTORY_DROPS, 112 * NSEC, 12 * NSEC, 2, v);
	assert_float_equal(v[0], (5 + 20 + 20) / 6.0, 1e-3);
	/* Longer than it can hold: what it holds is right. */
	add(&h, 112, 5000, 48880);
	history_rates(&h, HISTORY_PACKETS, 5000 * NSEC, 900 * NSEC, 60, v);
	for (int i = 0; i < 60; i++)
		assert_float_equal(v[i], 10, 1e-2);
	/* A jump over all of it. */
	add(&h, 1000000, 1000001, 7);
	history_rates(&h, HISTORY_PACKETS, 1000001 * NSEC, 2 * NSEC, 2, v);
	assert_float_equal(v[0], 0, 1e-3);
	assert_float_equal(v[1], 7, 1e-3);
}

static const struct {
	double v;
	const char *text;
} counts[] = {
	{ 0, "0" },	    { 0.01, "<0.1" },
	{ 0.44, "0.4" },    { 9.94, "9.9" },
	{ 9.96, "10" },	    { 999, "999" },
	{ 999.6, "1.00k" }, { 1250, "1.25k" },
	{ 12500, "12.5k" }, { 99960, "100k" },
	{ 1e6, "1.00M" },   { 123e9, "123G" },
	{ 1e18, "1.00E" },  { 1e30, "1000000000000E" },
};

static void test_units(void **state)
{
	char buf[UNITS_TEXT], spark[UNITS_SPARK];
	const double v[] = { -1, 0, 1, 7 }, none[] = { 0, 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		assert_string_equal(units_count(buf, counts[i].v), counts[i].text);
	assert_string_equal(units_whole(buf, 7), "7");
	assert_string_equal(units_whole(buf, UINT64_MAX), "18.4E");
	assert_string_equal(units_share(buf, 1, 0), "-");
	assert_string_equal(units_share(buf, 0, 5), "0%");
	assert_string_equal(units_share(buf, 1, 100000), "<0.1%");
	assert_string_equal(units_share(buf, 99999, 100000), ">99.9%");
	assert_string_equal(units_share(buf, 5, 5), "100%");
	assert_string_equal(units_ns(buf, -1), "-");
	assert_string_equal(units_ns(buf, 212), "212ns");
	assert_string_equal(units_ns(buf, 1234), "1.2us");
	units_spark(spark, v, 4, false);
	assert_string_equal(spark, " _.#");
	units_spark(spark, v, 4, true);
	assert_string_equal(spark, " ▁▂█");
	units_spark(spark, none, 2, false);
	assert_string_equal(spark, "__");
	units_bar(spark, 0.5, 4, false);
	assert_string_equal(spark, "##");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rates),	cmocka_unit_test(test_reason_times),
		cmocka_unit_test(test_sum),	cmocka_unit_test(test_copy),
		cmocka_unit_test(test_history), cmocka_unit_test(test_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
