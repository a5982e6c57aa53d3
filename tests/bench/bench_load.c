// SPDX-License-Identifier: GPL-2.0
/*
 * bench_load IFACE LEN PACKETS CPU [RATE] - run PACKETS frames of LEN bytes through the chain on
 * IFACE, on one CPU, as fast as it takes them, or RATE a second in bursts of 2 ms. Prints ns a
 * packet and packets a second.
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lib/util.h"
#include "tests/bench.h"
#include "tests/rig.h"
#include "xdpchain/pkt.h"

#define BATCH  100000
#define BURSTS 500 /* a second */

static void sleep_until(__u64 ns)
{
	struct timespec t = { .tv_sec = ns / NSEC, .tv_nsec = ns % NSEC };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

int main(int argc, char **argv)
{
	static unsigned char frame[BENCH_FRAME];
	unsigned long long start, ns = 0;
	unsigned int len, packets, left, batch = BATCH;
	cpu_set_t cpus;
	int root, rate;

	if (argc != 5 && argc != 6) {
		fprintf(stderr, "usage: bench_load IFACE LEN PACKETS CPU [RATE]\n");
		return 2;
	}
	len = atoi(argv[2]);
	packets = left = atoi(argv[3]);
	rate = argc == 6 ? atoi(argv[5]) : 0;
	if (rate)
		batch = rate / BURSTS + 1;
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[4]), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	root = rig_root(argv[1]);
	if (root < 0)
		bench_die(argv[1], NULL);
	bench_segment(frame, len, PKT_ACK);
	start = now_ns();
	while (left) {
		unsigned int n = left < batch ? left : batch;

		if (rate)
			sleep_until(start + (packets - left) * NSEC / rate);
		ns += (unsigned long long)bench_run(root, frame, len, n) * n;
		left -= n;
	}
	printf("%llu %.0f\n", ns / packets, packets * 1e9 / (now_ns() - start));
	return 0;
}
