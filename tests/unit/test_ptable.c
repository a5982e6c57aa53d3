// SPDX-License-Identifier: GPL-2.0
/* A table of prefixes against a plain list of them: what is put in, found, erased, and when full.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/ptable.h"
#include "lib/util.h"

#define MODEL 6000 /* prefixes that may be in it */
#define STEPS 200000

static struct model {
	struct prefix prefix;
	struct ptable_slot *slot; /* NULL: not in it */
	__u32 rule, until;
} model[MODEL];

static __u32 seed = 1;

static __u32 any(__u32 below)
{
	seed = seed * 1664525 + 1013904223;
	return (__u64)seed * below >> 32;
}

/* Of few bits, so that many differ in their length alone, or in one bit. */
static struct prefix any_prefix(int family)
{
	struct prefix p = { .family = family == V4 ? AF_INET : AF_INET6 };
	__be32 mask[4];

	p.len = any(2) ? prefix_bits(&p) - any(4) : any(prefix_bits(&p) + 1);
	for (int i = 0; i < (family == V4 ? 1 : 4); i++)
		p.addr[i] = htonl(any(2) ? any(1 << 13) : any(~0u));
	prefix_mask(p.len, mask);
	for (int i = 0; i < 4; i++)
		p.addr[i] &= mask[i];
	return p;
}

static struct ptable make(__u32 size, int family)
{
	union ptable_line *lines = calloc(ptable_room(size, family), sizeof(*lines));
	struct ptable t;

	assert_non_null(lines);
	ptable_init(&t, lines, size, family);
	return t;
}

static int by_prefix(const void *a, const void *b)
{
	return prefix_cmp(&((const struct model *)a)->prefix, &((const struct model *)b)->prefix);
}

static size_t model_make(int family)
{
	size_t n = 0;

	for (size_t i = 0; i < MODEL; i++)
		model[i] = (struct model){ .prefix = any_prefix(family), .rule = i + 1 };
	qsort(model, MODEL, sizeof(*model), by_prefix);
	for (size_t i = 0; i < MODEL; i++)
		if (!n || by_prefix(&model[i], &model[n - 1]))
			model[n++] = model[i];
	return n;
}

static void same(const struct ptable *t, const struct model *m)
{
	struct ptable_slot *s = ptable_find(t, &m->prefix);

	assert_ptr_equal(s, m->slot);
	if (!s)
		return;
	assert_int_equal(ptable_rule(s), m->rule);
	assert_int_equal(s->until & ~PTABLE_MARK, m->until);
	assert_int_equal(s->hits, m->rule * 3);
}

/* The table has all of the model, and nothing else. */
static void all_same(const struct ptable *t, size_t n)
{
	size_t there = 0, seen = 0;
	struct prefix p;

	for (size_t i = 0; i < n; i++) {
		same(t, &model[i]);
		there += !!model[i].slot;
	}
	for (size_t i = 0; i < ptable_slots(t); i++) {
		struct ptable_slot *s = ptable_at(t, i, &p);

		if (!s)
			continue;
		seen++;
		assert_ptr_equal(ptable_find(t, &p), s);
	}
	assert_int_equal(seen, there);
}

static void step(const struct ptable *t, struct model *m)
{
	if (!m->slot) {
		m->until = any(3) ? 0 : any(1000);
		m->slot = ptable_put(t, &m->prefix, m->rule, m->until, m->rule * 3);
		assert_non_null(m->slot);
	} else if (any(4)) {
		ptable_erase(m->slot);
		m->slot = NULL;
	} else {
		m->until = any(1000);
		ptable_set_until(m->slot, m->until);
	}
	same(t, m);
}

static void test_as_a_list(void **state)
{
	(void)state;
	for (int family = V4; family < FAMILIES; family++) {
		size_t n = model_make(family);
		struct ptable t = make(ptable_size(n, family), family);

		assert_true(n > MODEL / 2);
		for (int i = 0; i < STEPS; i++) {
			step(&t, &model[any(n)]);
			if (i % (STEPS / 8) == 0)
				all_same(&t, n);
		}
		all_same(&t, n);
		free(t.lines);
	}
}

/* Past what it is made for, until there is no place: what is in it stays, and is found. */
static void test_full(void **state)
{
	(void)state;
	for (int family = V4; family < FAMILIES; family++) {
		size_t n = model_make(family), in = 0, refused = 0;
		struct ptable t = make(PTABLE_LINES_MIN, family);

		for (size_t i = 0; i < n; i++) {
			struct model *m = &model[i];

			m->slot = ptable_put(&t, &m->prefix, m->rule, 0, m->rule * 3);
			in += !!m->slot;
			refused += !m->slot;
		}
		print_message("  %zu of %zu slots\n", in, ptable_slots(&t));
		assert_true(refused > 0);
		assert_true(in > ptable_slots(&t) * 9 / 10);
		all_same(&t, n);
		for (size_t i = 0; i < n; i++)
			if (model[i].slot)
				ptable_erase(model[i].slot);
		for (size_t i = 0; i < n; i++)
			assert_null(ptable_find(&t, &model[i].prefix));
		assert_non_null(ptable_put(&t, &model[0].prefix, 1, 0, 0));
		free(t.lines);
	}
}

/* Of as many as a table of its size is made for, hardly any is not in its first line. */
static void test_near(void **state)
{
	(void)state;
	for (int family = V4; family < FAMILIES; family++) {
		__u32 size = 4096, count = family == V4 ? size * 5 / 2 : size, marks = 0;
		struct ptable t = make(size, family);
		struct prefix p = { .len = 32, .family = family == V4 ? AF_INET : AF_INET6 };

		assert_int_equal(ptable_size(count, family), size);
		assert_int_equal(ptable_size(count + 1, family), 2 * size);
		for (__u32 i = 0; i < count; i++) {
			p.addr[0] = htonl(0x0a000000 + i);
			assert_non_null(ptable_put(&t, &p, i + 1, 0, 0));
		}
		for (size_t i = 0; i < ptable_slots(&t); i++) {
			__u32 slots = family == V4 ? PTABLE_SLOTS4 : PTABLE_SLOTS6;
			const union ptable_line *line = &t.lines[i / slots];

			marks += (family == V4 ? line->v4[i % slots].until
					       : line->v6[i % slots].s.until) >>
				 31;
		}
		print_message("  %u marks of %u\n", marks, count);
		assert_true(marks < count / 5);
		free(t.lines);
	}
}

static void test_until(void **state)
{
	static const struct {
		__u64 ns;
		__u32 until;
	} cases[] = {
		{ 0, 0 },
		{ 1, 1 },
		{ (1ULL << PTABLE_UNTIL_SHIFT) - 1, 1 },
		{ 1ULL << PTABLE_UNTIL_SHIFT, 2 },
		{ ~0ULL, PTABLE_MARK - 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(ptable_until(cases[i].ns), cases[i].until);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_a_list),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_near),
		cmocka_unit_test(test_until),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
