// SPDX-License-Identifier: GPL-2.0
/*
 * bench_forward IFACE 4|6 FLOWS PACKETS AT_ONCE CPU - send PACKETS TCP segments of FLOWS clients in
 * turn to a VIP, out of a veth whose other end sends them back in tunnels, and count what comes.
 * After each AT_ONCE wait for them, where the other end is slower than its queue is long. All of it
 * is on one CPU. Prints ns a packet, packets that came back, and how many of them are in a tunnel.
 */
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/bench.h"
#include "tests/bench/forward.h"
#include "tests/frame.h"
#include "xdpchain/pkt.h"

#define FRAME_BYTES (FORWARD_WORDS * 8)
#define QUIET	    (NSEC / 10) /* after that nothing comes any more */

static const unsigned char macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };

static void make_frame(unsigned char buf[FRAME_MAX], int six)
{
	int head = six ? 40 : 20;
	const struct frame f = { .src = six ? "2001:db8:9::7" : "10.1.2.3",
				 .dst = six ? "2001:db8:f::10" : "192.0.2.10",
				 .proto = IPPROTO_TCP,
				 .sport = FORWARD_PORT,
				 .dport = 80,
				 .tcp_flags = PKT_ACK,
				 .payload = FRAME_BYTES - 14 - head - 20 };
	__u32 l3;

	frame_make(buf, &f, &l3);
	memcpy(buf, macs, sizeof(macs));
	memset(buf + l3 + head + 6, 0xff, 2); /* low half of the sequence number */
	frame_fix_l4(buf + l3, head, FRAME_BYTES - l3 - head, IPPROTO_TCP);
}

static struct bpf_object *program(__u32 ifindex, __u32 six, __u32 flows)
{
	struct bpf_object *obj = bench_open("forward");
	unsigned char buf[FRAME_MAX];

	make_frame(buf, six);
	if (stage_rodata(obj, "forward_ifindex", &ifindex, sizeof(ifindex)) ||
	    stage_rodata(obj, "forward_six", &six, sizeof(six)) ||
	    stage_rodata(obj, "forward_flows", &flows, sizeof(flows)) ||
	    stage_rodata(obj, "forward_frame", buf, FRAME_BYTES) || bpf_object__load(obj))
		bench_die("forward", NULL);
	return obj;
}

static void on_cpu(int cpu)
{
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(cpu, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
}

/* Until all have come back, or no more come. Return: when the last did. */
static __u64 last_back(int map, __u64 packets, struct forward_count *count)
{
	__u64 seen = 0, at = now_ns();
	__u32 zero = 0;

	for (;;) {
		if (bpf_map_lookup_elem(map, &zero, count))
			bench_die("forward_count", NULL);
		if (count->back != seen)
			at = now_ns();
		seen = count->back;
		if (seen >= packets || now_ns() - at >= QUIET)
			return at;
		usleep(100);
	}
}

int main(int argc, char **argv)
{
	unsigned char frame[FRAME_BYTES] = { 0 };
	struct forward_count count = { 0 };
	__u32 ifindex, packets, at_once, sent = 0;
	struct bpf_object *obj;
	__u64 start, end = 0;
	int fd, map;

	if (argc != 7) {
		fprintf(stderr, "usage: bench_forward IFACE 4|6 FLOWS PACKETS AT_ONCE CPU\n");
		return 2;
	}
	ifindex = if_nametoindex(argv[1]);
	packets = atoi(argv[4]);
	at_once = atoi(argv[5]);
	on_cpu(atoi(argv[6]));
	obj = program(ifindex, atoi(argv[2]) == 6, atoi(argv[3]));
	fd = bpf_program__fd(bpf_object__next_program(obj, NULL));
	map = bpf_object__find_map_fd_by_name(obj, ".bss");
	if (bpf_xdp_attach(ifindex, fd, XDP_FLAGS_DRV_MODE, NULL))
		bench_die(argv[1], NULL);
	start = now_ns();
	for (__u32 n; sent < packets; sent += n) {
		n = packets - sent < at_once ? packets - sent : at_once;
		/* as from no device, by which the program knows that it is to send */
		bench_live(fd, 0, frame, sizeof(frame), n);
		end = last_back(map, sent + n, &count);
	}
	bpf_xdp_detach(ifindex, XDP_FLAGS_DRV_MODE, NULL);
	printf("%.1f %llu %llu\n", (double)(end - start) / packets, count.back, count.tunnelled);
	bpf_object__close(obj);
	return 0;
}
