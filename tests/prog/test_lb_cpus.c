// SPDX-License-Identifier: GPL-2.0
/*
 * The connection table and several CPUs: a flow whose packets come to another one keeps its entry,
 * and CPUs that write the same sets at once never make an entry that is neither's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <bpf/bpf.h>

#include "lib/util.h"
#include "tests/bench.h"
#include "tests/frame.h"
#include "tests/lbrig.h"

#define VIP4	"192.0.2.1"
#define VIP6	"2001:db8::1"
#define CPUS	2
#define FLOWS	300
#define REALS	8  /* of a VIP, in the second test */
#define AT_ONCE 16 /* flows there, a power of two, the same of all CPUs */
#define TURNS	64000
#define ROUNDS	5

static const char *const reals4[] = { "10.0.0.1", "10.0.0.2", "10.0.0.3" };
static const char *const reals6[] = { "fc00::1", "fc00::2", "fc00::3" };

/* Two reals for each VIP, and a table of @conns. */
static void fresh(__u32 conns)
{
	struct lb_options o = { .conns = conns };

	lbrig_clear();
	lbrig_load(&o);
	lbrig_vip(VIP4 ":80/tcp");
	lbrig_vip("[" VIP6 "]:80/tcp");
	for (int i = 0; i < 2; i++) {
		lbrig_real(VIP4 ":80/tcp", reals4[i], 1);
		lbrig_real("[" VIP6 "]:80/tcp", reals6[i], 1);
	}
}

static void on_cpu(int cpu)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	assert_int_equal(pthread_setaffinity_np(pthread_self(), sizeof(one), &one), 0);
}

static __u32 packet(unsigned char buf[FRAME_MAX], int six, __u16 sport, __u8 flags)
{
	const struct frame f = { .src = six ? "2001:db8:9::7" : "198.51.100.7",
				 .dst = six ? VIP6 : VIP4,
				 .proto = IPPROTO_TCP,
				 .sport = sport,
				 .dport = 80,
				 .tcp_flags = flags };

	return frame_make(buf, &f, NULL);
}

/* Which of its reals a sent frame goes to: index in reals4 or reals6, or -1. */
static int real_of(const unsigned char *frame, __u32 len, int six)
{
	struct lbrig_outer o;

	if (lbrig_outer(frame, len, &o))
		return -1;
	for (int i = 0; i < (int)ARRAY_SIZE(reals4); i++)
		if (!strcmp(o.dst, six ? reals6[i] : reals4[i]))
			return i;
	return -1;
}

/* Each flow begins on one CPU and goes on on the other, after the ring has changed. */
static void test_moves(void **state)
{
	static struct lbrig_out out;
	unsigned char buf[FRAME_MAX];
	int began[2][FLOWS];

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS)
		skip();
	fresh(65536);
	on_cpu(0);
	for (int i = 0; i < 2 * FLOWS; i++) {
		lbrig_run(buf, packet(buf, i % 2, 1000 + i, PKT_SYN), &out);
		assert_string_equal(out.reason, "new");
		began[i % 2][i / 2] = real_of(out.frame, out.len, i % 2);
	}
	lbrig_real(VIP4 ":80/tcp", reals4[2], 5);
	lbrig_real("[" VIP6 "]:80/tcp", reals6[2], 5);
	on_cpu(1);
	for (int i = 0; i < 2 * FLOWS; i++) {
		lbrig_run(buf, packet(buf, i % 2, 1000 + i, PKT_ACK), &out);
		assert_string_equal(out.reason, "known");
		assert_int_equal(real_of(out.frame, out.len, i % 2), began[i % 2][i / 2]);
	}
}

struct sender {
	pthread_t thread;
	pthread_barrier_t *start;
	const unsigned char *frame;
	__u32 len, runs;
	int cpu, prog;
};

static void *sender_run(void *arg)
{
	struct sender *s = arg;

	on_cpu(s->cpu);
	pthread_barrier_wait(s->start);
	bench_run(s->prog, s->frame, s->len, s->runs);
	return NULL;
}

/* Packets that each real of the one VIP of a family got so far. */
static void counted(int six, __u64 sent[REALS])
{
	struct lb_state list;

	assert_int_equal(lb_list(lbrig_lb, &list, NULL), 0);
	assert_int_equal(list.vips[six].count_reals, REALS);
	for (int i = 0; i < REALS; i++)
		sent[i] = list.vips[six].reals[i].sent.packets;
	lb_state_free(&list);
}

/* All flows of each CPU, @turns times over, on all CPUs at once. */
static void send_all(struct sender s[CPUS], __u32 turns)
{
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, CPUS);
	for (int i = 0; i < CPUS; i++) {
		s[i].start = &start;
		s[i].runs = turns * AT_ONCE;
		assert_int_equal(pthread_create(&s[i].thread, NULL, sender_run, &s[i]), 0);
	}
	for (int i = 0; i < CPUS; i++)
		pthread_join(s[i].thread, NULL);
	pthread_barrier_destroy(&start);
}

/* As many reals as make it likely that an entry of two flows would be wrong for both. */
static void more_reals(int six)
{
	char text[LB_TEXT];

	for (int i = 3; i <= REALS; i++) {
		snprintf(text, sizeof(text), six ? "fc00::%d" : "10.0.0.%d", i);
		lbrig_real(six ? "[" VIP6 "]:80/tcp" : VIP4 ":80/tcp", text, 1);
	}
}

/*
 * A table of four sets for hundreds of flows: each packet displaces an entry that the other CPU
 * reads or writes. The ring is what it was, so whatever is found, a flow goes where it always went:
 * each turn gives each real as many packets as the first.
 */
static void at_once(int six)
{
	__u64 zero[REALS], one[REALS], all[REALS];
	struct sender s[CPUS] = { 0 };
	unsigned char buf[FRAME_MAX];

	fresh(4);
	more_reals(six);
	for (int i = 0; i < CPUS; i++) {
		const struct bench_var vars[] = { { "restore_len", packet(buf, six, 0, PKT_ACK) },
						  { "restore_six", six },
						  { "restore_flows", AT_ONCE },
						  { "restore_more", six ? 40 : 20 } };

		s[i].prog = bench_restore_flow(lbrig.root, vars, ARRAY_SIZE(vars));
		s[i].frame = buf;
		s[i].len = vars[0].value;
		s[i].cpu = i;
	}
	if (!six) { /* an id that restore_flow can take from */
		buf[18] = 0x10;
		buf[19] = 0;
		frame_fix4(buf + 14);
	}
	counted(six, zero);
	send_all(s, 1);
	counted(six, one);
	for (int round = 1; round <= ROUNDS; round++) {
		send_all(s, TURNS);
		counted(six, all);
		for (int i = 0; i < REALS; i++)
			assert_int_equal(all[i] - one[i], round * TURNS * (one[i] - zero[i]));
	}
	for (int i = 0; i < CPUS; i++)
		close(s[i].prog);
}

static void test_at_once(void **state)
{
	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS)
		skip();
	at_once(0);
	at_once(1);
}

static int up(void **state)
{
	(void)state;
	lbrig_up();
	return 0;
}

static int down(void **state)
{
	(void)state;
	lbrig_down();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moves),
		cmocka_unit_test(test_at_once),
	};

	return cmocka_run_group_tests(tests, up, down);
}
