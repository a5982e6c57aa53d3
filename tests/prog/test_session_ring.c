// SPDX-License-Identifier: GPL-2.0
/* Sessions under stress: rings that overflow and wrap, and two CPUs at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>

#include "lib/util.h"
#include "tests/grab.h"
#include "tests/probe.h"

#define JUMBO	9000
#define THREADS 2
#define EACH	4000 /* packets a thread */
#define BLOCK	20   /* after so many they wait for each other, or one may be done too early */

static struct rig rig;
static unsigned char pkt[JUMBO];

static const struct session_spec all = { .snaplen = EVENT_SNAPLEN_MAX, .ring_bytes = 1 << 20 };

static void send_len(__u32 len)
{
	const struct probe_run r = { .pkt = pkt, .len = len };

	assert_int_equal(probe_run(&rig, &r), XDP_PASS);
}

static void assert_sums(const struct grab *g, __u64 offered)
{
	struct session_count n = grab_counts(g);

	assert_int_equal(n.offered, offered);
	assert_int_equal(n.captured, g->count);
	assert_int_equal(n.offered, n.filtered + n.captured + n.lost);
}

/* A ring of one page: what does not fit is counted, and seen as a gap in the sequence. */
static void test_overflow(void **state)
{
	struct session_spec spec = all;
	struct session_count n;
	struct grab g;
	size_t fit;

	(void)state;
	spec.ring_bytes = 4096;
	grab_open(&g, rig.ifname, &spec, NULL);
	for (int round = 1; round <= 3; round++) {
		size_t first = g.count;

		for (int i = 0; i < 300; i++)
			send_len(200);
		n = grab_counts(&g);
		assert_int_equal(n.offered, 300 * round);
		fit = grab_read(&g, 1);
		assert_in_range(fit, 10, 16);
		assert_int_equal(n.captured, g.count);
		assert_int_equal(n.lost, 300 * round - g.count);
		for (size_t i = first + 1; i < g.count; i++)
			assert_int_equal(g.events[i].head.seq, g.events[i - 1].head.seq + 1);
		if (first)
			assert_int_equal(g.events[first].head.seq - g.events[first - 1].head.seq,
					 300 - (first / (round - 1)) + 1);
	}
	grab_stop(&g);
	assert_sums(&g, 900);
	grab_close(&g);
}

/* An event that is larger than the ring never gets in; the next small one does. */
static void test_larger_than_the_ring(void **state)
{
	struct session_spec spec = all;
	struct grab g;

	(void)state;
	spec.ring_bytes = 4096;
	grab_open(&g, rig.ifname, &spec, NULL);
	send_len(100);
	send_len(JUMBO);
	send_len(JUMBO);
	send_len(101);
	grab_stop(&g);
	assert_sums(&g, 4);
	assert_int_equal(g.count, 2);
	assert_int_equal(g.events[1].head.len, 101);
	assert_int_equal(g.events[1].head.seq - g.events[0].head.seq, 3);
	assert_int_equal(grab_counts(&g).lost, 2);
	grab_close(&g);
}

/* Records of every length wrap around the end of a ring at every place. */
static void test_wrap(void **state)
{
	struct session_spec spec = all;
	struct grab g;
	__u32 sent = 0;

	(void)state;
	spec.ring_bytes = 16384;
	grab_open(&g, rig.ifname, &spec, NULL);
	for (__u32 len = 14; len < 3000; len += 7) {
		send_len(len);
		grab_read(&g, 1);
		assert_int_equal(g.count, ++sent);
		assert_int_equal(g.events[sent - 1].head.cap_len, len);
		assert_memory_equal(g.events[sent - 1].data, pkt, len);
	}
	grab_stop(&g);
	assert_sums(&g, sent);
	grab_close(&g);
}

/* What is younger than 5 ms waits: another CPU may still come with something older. */
static void test_young_events_wait(void **state)
{
	__u64 start, took = 5000000;
	struct grab g;
	size_t early = 0, sent = 0;

	(void)state;
	grab_open(&g, rig.ifname, &all, NULL);
	for (; took >= 5000000 && sent < 100; sent++) { /* unless we were held up ourselves */
		grab_read(&g, 1);
		start = now_ns();
		send_len(64);
		early = grab_read(&g, 0);
		took = now_ns() - start;
	}
	assert_int_equal(early, 0);
	assert_int_equal(rings_pending(session_rings(g.session)), 1);
	while (now_ns() < start + 10000000)
		;
	assert_int_equal(grab_read(&g, 0), 1);
	assert_int_equal(rings_pending(session_rings(g.session)), 0);
	grab_stop(&g);
	assert_sums(&g, sent);
	grab_close(&g);
}

struct sender {
	pthread_t thread;
	pthread_barrier_t *block;
	int cpu, failed;
};

/* No assertions here: cmocka's jump is for the thread that runs the test. */
static void *sender_run(void *arg)
{
	const struct probe_run r = { .pkt = pkt, .len = 64 };
	struct sender *s = arg;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(s->cpu, &one);
	s->failed = pthread_setaffinity_np(pthread_self(), sizeof(one), &one);
	for (int i = 0; i < EACH; i++) {
		if (i % BLOCK == 0)
			pthread_barrier_wait(s->block);
		s->failed += probe_run(&rig, &r) != XDP_PASS;
	}
	return NULL;
}

static void check_order(const struct grab *g)
{
	__u64 seq[THREADS] = { 0 };
	size_t switches = 0;

	for (size_t i = 0; i < g->count; i++) {
		const struct event *e = &g->events[i].head;

		assert_in_range(e->cpu, 0, THREADS - 1);
		if (seq[e->cpu])
			assert_int_equal(e->seq, seq[e->cpu] + 1);
		seq[e->cpu] = e->seq;
		if (!i)
			continue;
		assert_true(e->time_ns >= g->events[i - 1].head.time_ns);
		switches += e->cpu != g->events[i - 1].head.cpu;
	}
	print_message("%zu events, the CPU changes %zu times\n", g->count, switches);
	assert_true(switches >= EACH / BLOCK);
}

static void test_two_cpus_in_order(void **state)
{
	struct session_spec spec = all;
	struct sender s[THREADS];
	pthread_barrier_t block;
	struct ring_stats stats;
	struct grab g;
	__u64 until = now_ns() + 20 * NSEC;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) != THREADS) /* CPU numbers are indices here */
		skip();
	spec.ring_bytes = 4 << 20;
	pthread_barrier_init(&block, NULL, THREADS);
	grab_open(&g, rig.ifname, &spec, NULL);
	for (int i = 0; i < THREADS; i++) {
		s[i] = (struct sender){ .block = &block, .cpu = i };
		assert_int_equal(pthread_create(&s[i].thread, NULL, sender_run, &s[i]), 0);
	}
	while (grab_counts(&g).offered < THREADS * EACH && now_ns() < until) {
		rings_wait(session_rings(g.session), 1);
		grab_read(&g, 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(s[i].thread, NULL);
		assert_int_equal(s[i].failed, 0);
	}
	pthread_barrier_destroy(&block);
	grab_stop(&g);
	assert_sums(&g, THREADS * EACH);
	assert_int_equal(grab_counts(&g).lost, 0);
	check_order(&g);
	rings_stats(session_rings(g.session), &stats);
	assert_int_equal(stats.late, 0);
	assert_int_equal(stats.foreign, 0);
	assert_int_equal(stats.records, g.count);
	grab_close(&g);
}

static int setup(void **state)
{
	(void)state;
	for (int i = 0; i < JUMBO; i++)
		pkt[i] = i * 31 + (i >> 8);
	rig_up(&rig, "xsr");
	fd_close(rig.chain->lock); /* sessions want it */
	rig.chain->lock = -1;
	return probe_pin(0) < 0;
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
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_larger_than_the_ring),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_young_events_wait),
		cmocka_unit_test(test_two_cpus_in_order),
	};

	rig_alone();
	return cmocka_run_group_tests(tests, setup, teardown);
}
