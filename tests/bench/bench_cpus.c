// SPDX-License-Identifier: GPL-2.0
/*
 * bench_cpus - what a SYN with insert costs while another CPU inserts too, by BPF_PROG_TEST_RUN in
 * a thread a CPU: in the balancer's table, and in the kernel's LRU hash of as many entries, with
 * one list and with a list a CPU (BPF_F_NO_COMMON_LRU). Each CPU has flows of its own, more than
 * the table holds, so each packet displaces another's. Prints Markdown.
 */
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/lb.h"
#include "lib/util.h"
#include "tests/bench.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define CPUS   2
#define ROUNDS 9
#define REPEAT 100000
#define CONNS  (1u << 20)
#define FLOWS  (1u << 22) /* of a CPU */
#define MORE   20	  /* bytes that are put in front */

enum { BARE, OURS, LRU, LRU_CPU, TABLES };

static const char *const what[TABLES] = {
	[BARE] = "none: a bare XDP_TX",
	[OURS] = "the balancer's, root and stage included",
	[LRU] = "the kernel's LRU hash alone",
	[LRU_CPU] = "the kernel's LRU hash alone, a list a CPU",
};

static unsigned char frame[FRAME_MAX];
static __u32 frame_len;
static int progs[TABLES][CPUS];
static int alone[TABLES][ROUNDS], both[TABLES][ROUNDS];
static struct rig rig;

/* A chain with nothing but the balancer. Its root. */
static int balancer(void)
{
	struct lb_options opts;
	struct lb_service vip;
	struct lb_addr real;
	struct fail f = { 0 };
	struct lb *lb;

	rig_up(&rig, "bcpu");
	lb_options_defaults(&opts);
	opts.conns = CONNS;
	opts.guard_rate = 0;
	if (lb_load(rig.chain, &opts, &f) || lb_open(rig.chain, &lb, &f) ||
	    lb_service_parse("192.0.2.10:80/tcp", &vip, &f) || lb_vip_add(lb, &vip, NULL, &f) ||
	    lb_addr_parse("10.20.1.1", &real, &f) || lb_real_add(lb, &vip, &real, 1, &f))
		bench_die("balancer", &f);
	lb_close(lb);
	return rig.root;
}

static int lru(__u32 flags)
{
	struct bpf_object *obj = bench_open("lru");
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "flows");

	if (bpf_map__set_max_entries(map, CONNS) || bpf_map__set_map_flags(map, flags) ||
	    bpf_object__load(obj))
		bench_die("lru", NULL);
	return bpf_program__fd(bpf_object__next_program(obj, NULL));
}

static void prepare(void)
{
	const int next[TABLES] = { bench_push(MORE), balancer(), lru(0), lru(BPF_F_NO_COMMON_LRU) };
	struct frame f = { .src = "10.1.0.0",
			   .dst = "192.0.2.10",
			   .proto = IPPROTO_TCP,
			   .dport = 80,
			   .tcp_flags = PKT_SYN,
			   .payload = 10 };
	__u32 l3;

	frame_len = frame_make(frame, &f, &l3);
	frame[l3 + 4] = 0x10; /* an id that restore_flow can take from */
	frame[l3 + 5] = 0;
	frame_fix4(frame + l3);
	for (int i = 0; i < TABLES; i++)
		for (int cpu = 0; cpu < CPUS; cpu++) {
			const struct bench_var vars[] = { { "restore_len", frame_len },
							  { "restore_flows", FLOWS },
							  { "restore_first", cpu * FLOWS },
							  { "restore_more", MORE } };

			progs[i][cpu] = bench_restore_flow(next[i], vars, ARRAY_SIZE(vars));
		}
}

struct runner {
	pthread_t thread;
	pthread_barrier_t *start;
	int cpu, prog, ns;
};

static void *runner_run(void *arg)
{
	struct runner *r = arg;
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(r->cpu, &one);
	if (pthread_setaffinity_np(pthread_self(), sizeof(one), &one))
		bench_die("CPU", NULL);
	pthread_barrier_wait(r->start);
	r->ns = bench_run(r->prog, frame, frame_len, REPEAT);
	return NULL;
}

/* ns a packet on each of the first @cpus CPUs at once: the mean. */
static int run(const int *prog, int cpus)
{
	struct runner r[CPUS];
	pthread_barrier_t start;
	int ns = 0;

	pthread_barrier_init(&start, NULL, cpus);
	for (int i = 0; i < cpus; i++) {
		r[i] = (struct runner){ .start = &start, .cpu = i, .prog = prog[i] };
		if (pthread_create(&r[i].thread, NULL, runner_run, &r[i]))
			bench_die("thread", NULL);
	}
	for (int i = 0; i < cpus; i++) {
		pthread_join(r[i].thread, NULL);
		ns += r[i].ns;
	}
	pthread_barrier_destroy(&start);
	return ns / cpus;
}

static int order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void report(int i)
{
	int median[2], least[2], *all[2] = { alone[i], both[i] };
	static int base[2];

	for (int k = 0; k < 2; k++) {
		qsort(all[k], ROUNDS, sizeof(int), order);
		median[k] = all[k][ROUNDS / 2];
		least[k] = all[k][0];
		if (i == BARE)
			base[k] = median[k];
	}
	printf("| %s | %d (%d–) | %d (%d–) |", what[i], median[0], least[0], median[1], least[1]);
	if (i == BARE)
		printf(" | |\n");
	else
		printf(" %+d | %+d |\n", median[0] - base[0], median[1] - base[1]);
}

int main(void)
{
	rig_alone();
	if (sysconf(_SC_NPROCESSORS_ONLN) < CPUS) {
		printf("Of two CPUs at once nothing is known: this machine has one.\n");
		return 0;
	}
	prepare();
	for (int i = 0; i < TABLES; i++) /* fill the tables */
		for (int k = 0; k < (int)(CONNS / REPEAT / CPUS) + 1; k++)
			run(progs[i], CPUS);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < TABLES; i++) {
			alone[i][round] = run(progs[i], 1);
			both[i][round] = run(progs[i], CPUS);
		}
	bench_ran(what[OURS], bench_reason(rig.chain, CHAIN_SLOT_LB, "new"),
		  (CPUS + 1) * ROUNDS * REPEAT);
	printf("| where a SYN is kept | ns, one CPU (least) | ns, two CPUs at once (least) | "
	       "over a bare XDP_TX: one CPU | two |\n|---|---|---|---|---|\n");
	for (int i = 0; i < TABLES; i++)
		report(i);
	return 0;
}
