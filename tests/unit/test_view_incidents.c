// SPDX-License-Identifier: GPL-2.0
/* Drop spikes: what is one, when it begins and ends, and for which reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/util.h"
#include "viewer/incidents.h"

#define SLOT 2
#define T0   1000

struct rig {
	struct incidents *in;
	struct model *m;
};

static void begin(struct rig *r)
{
	r->in = incidents_new(1);
	r->m = model_new(1, NSEC);
	strcpy(r->m->ifs[0].name, "eth0");
	strcpy(r->m->ifs[0].stages[SLOT].name, "ratelimit");
	strcpy(r->m->ifs[0].stages[SLOT].reasons[1].name, "rate");
	strcpy(r->m->ifs[0].stages[SLOT].reasons[2].name, "other");
	r->m->ifs[0].now_ns = T0 * NSEC;
}

static void end(struct rig *r)
{
	incidents_free(r->in);
	model_free(r->m);
}

/* A second with so many drops, for reasons 1 and 2. */
static void second(struct rig *r, double one, double two)
{
	struct model_stage *st = &r->m->ifs[0].stages[SLOT];

	st->last_drops = one + two;
	st->reasons[1].last_pps = one;
	st->reasons[2].last_pps = two;
	r->m->ifs[0].now_ns += NSEC;
	incidents_update(r->in, 0, &r->m->ifs[0], 1);
}

static void seconds(struct rig *r, int n, double one, double two)
{
	while (n--)
		second(r, one, two);
}

static const struct {
	const char *name;
	double usual, then;
	size_t count;
} cases[] = {
	{ "nothing", 0, 0, 0 },
	{ "below the least", 0, 99, 0 },
	{ "out of nothing", 0, 100, 1 },
	{ "four times what is usual, and a bit", 1000, 4100, 1 },
	{ "not four times", 1000, 3900, 0 },
	{ "less than usual", 1000, 10, 0 },
};

static void test_begin(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct rig r;

		print_message("  %s\n", cases[i].name);
		begin(&r);
		/* To be used to it takes a while: at first it is an incident of its own. */
		seconds(&r, 1200, cases[i].usual, 0);
		seconds(&r, 10, cases[i].usual, 0);
		seconds(&r, 3, cases[i].then, 0);
		assert_int_equal(incidents_count(r.in), cases[i].count + (cases[i].usual >= 100));
		end(&r);
	}
}

static void test_course(void **state)
{
	const struct incident *i;
	struct rig r;

	(void)state;
	begin(&r);
	seconds(&r, 10, 0, 5);
	second(&r, 500, 5);
	i = incidents_active(r.in);
	assert_non_null(i);
	assert_int_equal(i->start_ns, (T0 + 11) * NSEC);
	assert_string_equal(i->stage, "ratelimit");
	assert_string_equal(i->reason_name, "rate");
	assert_ptr_equal(incidents_wanting(r.in, 0, SLOT), i);
	second(&r, 9000, 5);
	seconds(&r, 2, 700, 5);
	assert_float_equal(i->peak_pps, 9005, 1e-6);
	assert_float_equal(i->now_pps, 705, 1e-6);
	assert_int_equal(i->dropped, 505 + 9005 + 2 * 705);
	seconds(&r, INCIDENTS_CALM - 1, 0, 5);
	assert_ptr_equal(incidents_active(r.in), i); /* it may come again */
	seconds(&r, 1, 0, 5);
	assert_null(incidents_active(r.in));
	assert_int_equal(i->end_ns, (T0 + 14) * NSEC);
	assert_int_equal(incidents_count(r.in), 1);
	second(&r, 800, 5);
	assert_int_equal(incidents_count(r.in), 2);
	assert_int_equal(incidents_at(r.in, 0)->number, 2);
	assert_int_equal(incidents_at(r.in, 1)->number, 1);
	end(&r);
}

/* What goes on for long is what is usual, and no incident for ever. */
static void test_long(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	seconds(&r, INCIDENTS_LONG + 2, 5000, 0);
	assert_null(incidents_active(r.in));
	seconds(&r, 100, 5000, 0);
	assert_int_equal(incidents_count(r.in), 1);
	second(&r, 50000, 0);
	assert_int_equal(incidents_count(r.in), 2);
	end(&r);
}

static void test_room(void **state)
{
	struct rig r;

	(void)state;
	begin(&r);
	for (int i = 0; i < INCIDENTS + 10; i++) {
		second(&r, 1e6, 0);
		seconds(&r, INCIDENTS_CALM + 1, 0, 0);
	}
	assert_int_equal(incidents_count(r.in), INCIDENTS);
	assert_int_equal(incidents_at(r.in, 0)->number, INCIDENTS + 10);
	assert_int_equal(incidents_at(r.in, INCIDENTS - 1)->number, 11);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_begin),
		cmocka_unit_test(test_course),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
