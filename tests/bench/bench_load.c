// SPDX-License-Identifier: GPL-2.0
/*
 * bench_load IFACE LEN PACKETS CPU [RATE [live]] - run PACKETS frames of LEN bytes through the
 * XDP program on IFACE, on one CPU, as fast as it takes them, or RATE a second in bursts of 2 ms.
 * Prints ns a packet and packets a second.
 *
 * `live`: what the program passes goes on to the network stack, where others see it too.
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/util.h"
#include "tests/bench.h"
#include "xdpchain/pkt.h"

#define BATCH  100000
#define BURSTS 500 /* a second */

struct load {
	unsigned int ifindex, len, packets, rate;
	int prog;
	bool live;
	unsigned char frame[BENCH_FRAME];
};

/* Our root, or whatever else is on the interface. */
static int program(unsigned int ifindex)
{
	__u32 id = 0;
	int err = bpf_xdp_query_id(ifindex, 0, &id);

	errno = err ? -err : ENOENT;
	return err || !id ? -1 : bpf_prog_get_fd_by_id(id);
}

static void sleep_until(__u64 ns)
{
	struct timespec t = { .tv_sec = ns / NSEC, .tv_nsec = ns % NSEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

/* @n packets; the ns that they took. */
static __u64 burst(const struct load *l, unsigned int n)
{
	__u64 start = now_ns();

	if (!l->live)
		return (__u64)bench_run(l->prog, l->frame, l->len, n) * n;
	bench_live(l->prog, l->ifindex, l->frame, l->len, n);
	return now_ns() - start;
}

static void run(const struct load *l)
{
	unsigned int left = l->packets, batch = l->rate ? l->rate / BURSTS + 1 : BATCH;
	__u64 start = now_ns(), ns = 0;

	while (left) {
		unsigned int n = left < batch ? left : batch;

		if (l->rate)
			sleep_until(start + (l->packets - left) * NSEC / l->rate);
		ns += burst(l, n);
		left -= n;
	}
	printf("%llu %.0f\n", ns / l->packets, l->packets * 1e9 / (now_ns() - start));
}

int main(int argc, char **argv)
{
	static struct load l;
	cpu_set_t cpus;

	if (argc < 5 || argc > 7 || (argc == 7 && strcmp(argv[6], "live"))) {
		fprintf(stderr, "usage: bench_load IFACE LEN PACKETS CPU [RATE [live]]\n");
		return 2;
	}
	l.ifindex = if_nametoindex(argv[1]);
	l.len = atoi(argv[2]);
	l.packets = atoi(argv[3]);
	l.rate = argc > 5 ? atoi(argv[5]) : 0;
	l.live = argc > 6;
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[4]), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	l.prog = program(l.ifindex);
	if (l.prog < 0)
		bench_die(argv[1], NULL);
	bench_segment(l.frame, l.len, PKT_ACK);
	run(&l);
	return 0;
}
