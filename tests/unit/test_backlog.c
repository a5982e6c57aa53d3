// SPDX-License-Identifier: GPL-2.0
/* The memory of the flight recorder, against a queue that has no end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/backlog.h"
#include "lib/util.h"

#define LEN_MAX 3000
#define ROUNDS	40000

/* Byte @i of record @n: what was put must come out, and nothing of another. */
static unsigned char byte(__u64 n, __u32 i)
{
	return n * 31 + i * 7;
}

static void put_ready(struct backlog_record *r, unsigned char *data, __u64 n, __u32 len)
{
	for (__u32 i = 0; i < len; i++)
		data[i] = byte(n, i);
	*r = (struct backlog_record){ data, n, n * 3, n % 5, len };
}

static void assert_record(const struct backlog_record *r, __u64 n, __u32 len)
{
	const unsigned char *p = r->data;

	assert_int_equal(r->time_ns, n);
	assert_int_equal(r->lost, n * 3);
	assert_int_equal(r->source, n % 5);
	assert_int_equal(r->len, len);
	assert_int_equal((uintptr_t)p % 8, 0);
	for (__u32 i = 0; i < len; i++)
		if (p[i] != byte(n, i))
			fail_msg("record %llu: byte %u is of another", n, i);
}

struct model {
	struct backlog *b;
	__u64 first, next; /* records first to next - 1 are in it */
	__u32 len[ROUNDS];
};

static void drop_checked(struct model *m)
{
	struct backlog_record r;

	assert_true(backlog_oldest(m->b, &r));
	assert_record(&r, m->first, m->len[m->first]);
	backlog_drop(m->b);
	m->first++;
}

/* Put one in, in the place of as many of the oldest as it takes. */
static void put_checked(struct model *m, __u32 len)
{
	unsigned char *data = malloc(len + 1); /* a byte read too far is found */
	struct backlog_record r;

	put_ready(&r, data, m->next, len);
	while (!backlog_put(m->b, &r))
		drop_checked(m);
	m->len[m->next++] = len;
	free(data);
	assert_int_equal(backlog_count(m->b), m->next - m->first);
}

static size_t taken(const struct model *m)
{
	size_t sum = 0;

	for (__u64 n = m->first; n < m->next; n++)
		sum += m->len[n];
	return sum;
}

static void fill_and_drain(size_t size, __u32 len_max)
{
	struct model *m = calloc(1, sizeof(*m));

	m->b = backlog_new(size);
	assert_non_null(m->b);
	while (m->next < ROUNDS) {
		put_checked(m, rand() % (len_max + 1));
		while (rand() % 3 == 0 && m->first < m->next)
			drop_checked(m);
		if (rand() % 500 == 0)
			while (m->first < m->next)
				drop_checked(m);
	}
	assert_true(backlog_bytes(m->b) >= taken(m));
	assert_true(backlog_bytes(m->b) <= taken(m) + BACKLOG_OVERHEAD * (m->next - m->first));
	assert_true(backlog_bytes(m->b) <= size);
	while (m->first < m->next)
		drop_checked(m);
	assert_int_equal(backlog_bytes(m->b), 0);
	backlog_free(m->b);
	free(m);
}

static void test_random(void **state)
{
	static const struct {
		size_t size;
		__u32 len_max;
	} cases[] = {
		{ LEN_MAX + BACKLOG_OVERHEAD, LEN_MAX },
		{ 4096, 100 },
		{ 4096, LEN_MAX },
		{ 10007, 64 },
		{ 65536, LEN_MAX },
		{ 1 << 20, LEN_MAX },
	};

	(void)state;
	srand(20);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		fill_and_drain(cases[i].size, cases[i].len_max);
}

/* Nothing is dropped while there is room: of 24 bytes and 8, 16 fit into 512. */
static void test_all_of_it_is_used(void **state)
{
	struct backlog *b = backlog_new(512);
	unsigned char data[8];
	struct backlog_record r;

	(void)state;
	for (__u64 n = 0; n < 1000; n++) {
		put_ready(&r, data, n, sizeof(data));
		if (n >= 16) {
			assert_false(backlog_put(b, &r));
			backlog_drop(b);
		}
		assert_true(backlog_put(b, &r));
		assert_int_equal(backlog_count(b), n < 16 ? n + 1 : 16);
		assert_true(backlog_oldest(b, &r));
		assert_record(&r, n < 16 ? 0 : n - 15, sizeof(data));
	}
	assert_int_equal(backlog_bytes(b), 512);
	backlog_free(b);
}

static void test_too_large(void **state)
{
	struct backlog *b = backlog_new(1024);
	unsigned char data[2000];
	struct backlog_record r;

	(void)state;
	put_ready(&r, data, 1, sizeof(data));
	assert_false(backlog_put(b, &r));
	assert_false(backlog_oldest(b, &r));
	put_ready(&r, data, 2, 1024 - BACKLOG_OVERHEAD);
	assert_true(backlog_put(b, &r));
	backlog_free(b);
	backlog_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_all_of_it_is_used),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
