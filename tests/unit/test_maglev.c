// SPDX-License-Identifier: GPL-2.0
/* lib/maglev and the ring's hash: shares as the weights, little disruption, the same everywhere. */
#include "lib/maglev.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/util.h"
#include "xdpchain/lb.h"

#define NODES 1001
#define FLOWS 100000

#ifdef __SANITIZE_ADDRESS__
#define RUNNING_SLOW 1
#else
#define RUNNING_SLOW 0
#endif

static uint16_t ring[LB_RING], other[LB_RING];

/* @count nodes, known as 10.0.x.y from @first on, of weight 1. */
static void nodes_make(struct maglev_node *nodes, size_t count, uint32_t first)
{
	for (size_t i = 0; i < count; i++) {
		uint32_t addr = 0x0a000000 + first + i;

		nodes[i] = (struct maglev_node){ maglev_key(&addr, sizeof(addr)), 1, i + 1 };
	}
}

static size_t entries(const uint16_t *r, uint16_t value)
{
	size_t n = 0;

	for (size_t i = 0; i < LB_RING; i++)
		n += r[i] == value;
	return n;
}

/* Entries of @a that are neither @gone's nor the same in @b, in percent of the ring. */
static double collateral(const uint16_t *a, const uint16_t *b, uint16_t gone)
{
	size_t n = 0;

	for (size_t i = 0; i < LB_RING; i++)
		n += a[i] != gone && a[i] != b[i];
	return 100.0 * n / LB_RING;
}

static void test_shares(void **state)
{
	static const struct {
		const char *name;
		uint32_t count, weight[4]; /* of the first four; the others have 1 */
	} cases[] = {
		{ "one alone", 1, { 1 } },
		{ "two alike", 2, { 1, 1 } },
		{ "one of two among nine of one", 10, { 2, 1, 1, 1 } },
		{ "a wide span", 10, { 1, 10, 100, 1000 } },
		{ "not a multiple", 10, { 3, 7, 10, 2 } },
		{ "a thousand", 1000, { 2, 1, 1, 1 } },
	};

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		struct maglev_node nodes[NODES];
		uint32_t weights[NODES + 1], sum = 0;

		print_message("  %s\n", cases[c].name);
		nodes_make(nodes, cases[c].count, 1);
		for (size_t i = 0; i < cases[c].count; i++) {
			nodes[i].weight = i < 4 ? cases[c].weight[i] : 1;
			weights[i + 1] = nodes[i].weight;
			sum += nodes[i].weight;
		}
		assert_int_equal(maglev_build(nodes, cases[c].count, ring, LB_RING), 0);
		for (size_t i = 1; i <= cases[c].count; i++) {
			double want = (double)LB_RING * weights[i] / sum;

			/* rounding, and the few that are copies */
			assert_true(fabs(entries(ring, i) - want) <= 5);
		}
		assert_int_equal(entries(ring, 0), 0);
	}
}

/* Flows as they come: clients of one network, ports one after the other. */
static void test_flows(void **state)
{
	struct maglev_node nodes[10];
	size_t got[11] = { 0 };

	(void)state;
	nodes_make(nodes, 10, 1);
	nodes[4].weight = 2;
	assert_int_equal(maglev_build(nodes, 10, ring, LB_RING), 0);
	for (uint32_t i = 0; i < FLOWS; i++) {
		struct pkt p = { .proto = pkt_be16(PKT_ETH_IP4), .ipproto = PKT_TCP };

		p.saddr[0] = pkt_be32(0xc0000200 + i % 250);
		p.daddr[0] = pkt_be32(0xc6336401);
		p.sport = pkt_be16(1024 + i / 250);
		p.dport = pkt_be16(80);
		got[ring[lb_index(lb_hash(&p, 0))]]++;
	}
	for (size_t i = 1; i <= 10; i++) {
		double percent = 100.0 * got[i] / FLOWS, want = i == 5 ? 200.0 / 11 : 100.0 / 11;

		print_message("  real %zu: %.2f %%\n", i, percent);
		assert_true(percent > want - 0.3 && percent < want + 0.3);
	}
}

/* What moves without need when node @gone of @n, from address @first on, is removed. */
static double removed(size_t n, uint32_t first, size_t gone)
{
	struct maglev_node nodes[NODES];

	nodes_make(nodes, n, first);
	assert_int_equal(maglev_build(nodes, n, ring, LB_RING), 0);
	nodes_make(nodes, n, first);
	nodes[gone] = nodes[n - 1];
	assert_int_equal(maglev_build(nodes, n - 1, other, LB_RING), 0);
	assert_int_equal(entries(other, gone + 1), 0);
	return collateral(ring, other, gone + 1);
}

/* Of several sets of addresses: two nodes of one may be unlucky with each other. */
static void test_disruption(void **state)
{
	static const struct {
		size_t count, sets, tries;
		double mean, worst; /* percent of the ring */
	} cases[] = { { 10, 20, 10, 0.3, 0.75 },
		      { 100, 3, 20, 0.6, 0.75 },
		      { 1000, 1, 20, 0.6, 0.6 } };

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		size_t n = cases[c].count, tries = cases[c].tries;
		double sum = 0, worst = 0;

		for (size_t t = 0; t < cases[c].sets * tries; t++) {
			double d = removed(n, 1 + t / tries * 7919, t % tries * n / tries);

			sum += d;
			worst = d > worst ? d : worst;
		}
		sum /= cases[c].sets * tries;
		print_message("  1 of %zu removed: collateral %.3f %% mean, %.3f %% worst\n", n,
			      sum, worst);
		assert_true(sum <= cases[c].mean && worst <= cases[c].worst);
	}
}

static void test_same_everywhere(void **state)
{
	struct maglev_node nodes[100], back[100];
	uint64_t sum = 0;

	(void)state;
	nodes_make(nodes, 100, 1);
	for (size_t i = 0; i < 100; i++)
		back[i] = nodes[99 - i];
	assert_int_equal(maglev_build(nodes, 100, ring, LB_RING), 0);
	assert_int_equal(maglev_build(back, 100, other, LB_RING), 0);
	assert_memory_equal(ring, other, sizeof(ring));
	for (size_t i = 0; i < LB_RING; i++)
		sum = sum * 31 + ring[i];
	/* A change of this number moves flows when only some balancers are upgraded. */
	assert_int_equal(sum, 0x427a4589fb3a7ebaULL);
}

static void test_refused(void **state)
{
	struct maglev_node nodes[2];

	(void)state;
	nodes_make(nodes, 2, 1);
	nodes[1].weight = 0;
	assert_int_equal(maglev_build(nodes, 2, ring, LB_RING), -EINVAL);
	nodes_make(nodes, 2, 1);
	nodes[1].key = nodes[0].key;
	assert_int_equal(maglev_build(nodes, 2, ring, LB_RING), -EINVAL);
	assert_int_equal(maglev_build(nodes, 2, ring, 70000), -EINVAL);
	memset(ring, 1, sizeof(ring));
	assert_int_equal(maglev_build(nodes, 0, ring, LB_RING), 0);
	assert_int_equal(entries(ring, 0), LB_RING);
}

static void test_index(void **state)
{
	static const uint32_t cases[] = {
		0, 1, 65535, 65536, 65537, 65538, 0x7fffffff, 0xffffffff
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(lb_index(cases[i]), cases[i] % LB_RING);
	for (uint32_t i = 1; i; i = i > UINT32_MAX - 99991 ? 0 : i + 99991)
		assert_int_equal(lb_index(i), i % LB_RING);
}

/* Of a thousand reals; the time of the quickest of ten, since others use this machine too. */
static void test_build_time(void **state)
{
	static const struct {
		const char *name;
		uint32_t first; /* weight of the first node */
	} cases[] = { { "all of weight 1", 1 }, { "one of weight 1000", 1000 } };

	(void)state;
	for (size_t c = 0; c < ARRAY_SIZE(cases); c++) {
		uint64_t best = UINT64_MAX;

		for (int i = 0; i < 10; i++) {
			struct maglev_node nodes[1000];
			uint64_t start;

			nodes_make(nodes, 1000, 1);
			nodes[0].weight = cases[c].first;
			start = now_ns();
			assert_int_equal(maglev_build(nodes, 1000, ring, LB_RING), 0);
			start = now_ns() - start;
			best = start < best ? start : best;
		}
		print_message("  1000 reals, %s: %.2f ms\n", cases[c].name, best / 1e6);
		assert_true(best < 20000000 * (RUNNING_SLOW ? 10 : 1));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares),	   cmocka_unit_test(test_flows),
		cmocka_unit_test(test_disruption), cmocka_unit_test(test_same_everywhere),
		cmocka_unit_test(test_refused),	   cmocka_unit_test(test_index),
		cmocka_unit_test(test_build_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
