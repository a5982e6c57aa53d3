// SPDX-License-Identifier: GPL-2.0
/*
 * stream IFACE RATE - send RATE frames a second out of a veth, on the last CPU, until SIGTERM.
 * Every other one is marked: it comes from 10.66.66.66, the rest from 10.1.2.3. Prints how many of
 * either kind were sent: "PLAIN MARKED".
 */
#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/util.h"
#include "tests/bench.h"
#include "xdpchain/pkt.h"

#define BURST 64 /* frames: fewer than the ring of a veth takes */
#define LEN   64

static volatile sig_atomic_t stop;

static void on_term(int sig)
{
	stop = sig;
}

static void last_cpu(void)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* The checksum is left as it was: no stage here looks at it. */
static void mark(unsigned char *frame)
{
	frame[26] = 10;
	frame[27] = frame[28] = frame[29] = 66;
}

static void sleep_until(__u64 ns)
{
	struct timespec t = { .tv_sec = ns / NSEC, .tv_nsec = ns % NSEC };

	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

int main(int argc, char **argv)
{
	unsigned char frames[2][BENCH_FRAME];
	__u64 sent[2] = { 0 }, start, rate;
	unsigned int ifindex;
	int fd;

	if (argc != 3)
		return 2;
	signal(SIGTERM, on_term);
	last_cpu();
	ifindex = if_nametoindex(argv[1]);
	rate = strtoull(argv[2], NULL, 10);
	fd = bench_object_with("blast", "blast_ifindex", ifindex);
	if (bpf_xdp_attach(ifindex, fd, XDP_FLAGS_DRV_MODE, NULL))
		bench_die(argv[1], NULL);
	bench_segment(frames[0], LEN, PKT_ACK);
	bench_segment(frames[1], LEN, PKT_ACK);
	mark(frames[1]);
	start = now_ns();
	for (__u64 n = 0; !stop; n++) {
		sleep_until(start + n * BURST * NSEC / rate);
		bench_live(fd, ifindex, frames[n & 1], LEN, BURST);
		sent[n & 1] += BURST;
	}
	printf("%llu %llu\n", sent[0], sent[1]);
	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	return 0;
}
