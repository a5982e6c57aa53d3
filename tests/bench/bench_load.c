// SPDX-License-Identifier: GPL-2.0
/*
 * bench_load IFACE LEN PACKETS CPU - run PACKETS frames of LEN bytes through the chain on IFACE,
 * on one CPU, as fast as it takes them. Prints ns a packet and packets a second.
 */
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/util.h"
#include "tests/bench.h"
#include "tests/rig.h"
#include "xdpchain/pkt.h"

#define BATCH 100000

int main(int argc, char **argv)
{
	static unsigned char frame[BENCH_FRAME];
	unsigned long long start, ns = 0;
	unsigned int len, packets, left;
	cpu_set_t cpus;
	int root;

	if (argc != 5) {
		fprintf(stderr, "usage: bench_load IFACE LEN PACKETS CPU\n");
		return 2;
	}
	len = atoi(argv[2]);
	packets = left = atoi(argv[3]);
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[4]), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	root = rig_root(argv[1]);
	if (root < 0)
		bench_die(argv[1], NULL);
	bench_segment(frame, len, PKT_ACK);
	start = now_ns();
	while (left) {
		unsigned int n = left < BATCH ? left : BATCH;

		ns += (unsigned long long)bench_run(root, frame, len, n) * n;
		left -= n;
	}
	printf("%llu %.0f\n", ns / packets, packets * 1e9 / (now_ns() - start));
	return 0;
}
