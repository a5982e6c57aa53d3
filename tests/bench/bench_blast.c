// SPDX-License-Identifier: GPL-2.0
/*
 * bench_blast IFACE LEN PACKETS CPU - send PACKETS frames of LEN bytes out of a veth, as fast as
 * the other end takes them: that is on the same CPU. Prints ns a packet.
 */
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/util.h"
#include "tests/bench.h"
#include "xdpchain/pkt.h"

int main(int argc, char **argv)
{
	unsigned char frame[BENCH_FRAME];
	unsigned int ifindex, len, packets;
	cpu_set_t cpus;
	__u64 start;
	int fd;

	if (argc != 5) {
		fprintf(stderr, "usage: bench_blast IFACE LEN PACKETS CPU\n");
		return 2;
	}
	ifindex = if_nametoindex(argv[1]);
	len = atoi(argv[2]);
	packets = atoi(argv[3]);
	CPU_ZERO(&cpus);
	CPU_SET(atoi(argv[4]), &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	fd = bench_object_with("blast", "blast_ifindex", ifindex);
	/* On its own device too: else each call of the kernel's takes 20 ms. */
	if (bpf_xdp_attach(ifindex, fd, XDP_FLAGS_DRV_MODE, NULL))
		bench_die(argv[1], NULL);
	bench_segment(frame, len, PKT_ACK);
	start = now_ns();
	bench_live(fd, ifindex, frame, len, packets);
	printf("%.1f\n", (double)(now_ns() - start) / packets);
	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	return 0;
}
