// SPDX-License-Identifier: GPL-2.0
/*
 * bench_lb - ns a packet of the load balancer alone in a chain, root and empty slots included, by
 * BPF_PROG_TEST_RUN with repeat. Each row has a base: the same frames and flows, sent by one
 * adjust_head and XDP_TX. All are measured in turn, round after round. Prints Markdown.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "lib/lb.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/bench.h"
#include "tests/frame.h"
#include "tests/rig.h"

#define ROUNDS	    9
#define REPEAT	    1000000
#define FLOWS	    (1u << 20)
#define CONNS	    (1u << 21)
#define VIP4	    "192.0.2.10"
#define VIP6	    "2001:db8:f::10"
#define GUARD_NEVER 0
#define GUARD_ON    1 /* new connections a second */

static const struct kind {
	const char *what;
	int six;
	__u32 flows;
	__u8 flags; /* of TCP */
	__u32 guard_rate, vip_flags;
	int goal;	    /* ns above the base */
	const char *reason; /* of what is measured */
} kinds[] = {
	{ "IPv4: in the table, IPIP", 0, 1, PKT_ACK, LB_GUARD_RATE, 0, 70, "known" },
	{ "IPv6: in the table, IP6IP6", 1, 1, PKT_ACK, LB_GUARD_RATE, 0, 70, "known" },
	{ "IPv4: SYN with insert, 4096 flows in turn", 0, 4096, PKT_SYN, GUARD_NEVER, 0, 200,
	  "new" },
	{ "IPv6: SYN with insert, 4096 flows in turn", 1, 4096, PKT_SYN, GUARD_NEVER, 0, 200,
	  "new" },
	{ "IPv4: 1 M flows in turn, table of 2 M", 0, FLOWS, PKT_ACK, GUARD_NEVER, 0, 400,
	  "known" },
	{ "IPv6: 1 M flows in turn, table of 2 M", 1, FLOWS, PKT_ACK, GUARD_NEVER, 0, 400,
	  "known" },
	{ "IPv4: SYN with insert, 1 M flows in turn", 0, FLOWS, PKT_SYN, GUARD_NEVER, 0, 400,
	  "new" },
	{ "IPv6: SYN with insert, 1 M flows in turn", 1, FLOWS, PKT_SYN, GUARD_NEVER, 0, 400,
	  "new" },
	{ "IPv4: flood guard on, SYNs of 1 M flows", 0, FLOWS, PKT_SYN, GUARD_ON, 0, 90, "guard" },
	{ "IPv6: flood guard on, SYNs of 1 M flows", 1, FLOWS, PKT_SYN, GUARD_ON, 0, 90, "guard" },
	{ "IPv4: in the table, GUE", 0, 1, PKT_ACK, LB_GUARD_RATE, LB_VIP_GUE, 0, "known" },
	{ "IPv6: in the table, GUE", 1, 1, PKT_ACK, LB_GUARD_RATE, LB_VIP_GUE, 0, "known" },
};

struct row {
	int fd, base; /* programs */
	__u32 len;
	unsigned char frame[FRAME_MAX];
	int over[ROUNDS], ns[ROUNDS];
};

static struct row rows[ARRAY_SIZE(kinds)];
static struct rig rigs[ARRAY_SIZE(kinds)];

/* A program that restores the frame of @row for @next, each time from the next of @k's flows. */
static int restore(const struct row *row, int next, const struct kind *k, __u32 more)
{
	const struct bench_var vars[] = { { "restore_len", row->len },
					  { "restore_flows", k->flows },
					  { "restore_six", k->six },
					  { "restore_more", more } };

	return bench_restore_flow(next, vars, ARRAY_SIZE(vars));
}

static void balancer(struct rig *r, const struct kind *k, const char *tag)
{
	const struct lb_vip_options o = { .flags = k->vip_flags };
	struct lb_options opts;
	struct lb_service vip;
	struct lb_addr real;
	struct fail f = { 0 };
	char text[LB_TEXT];
	struct lb *lb;

	rig_up(r, tag);
	lb_options_defaults(&opts);
	opts.conns = CONNS;
	opts.guard_rate = k->guard_rate;
	if (lb_load(r->chain, &opts, &f) || lb_open(r->chain, &lb, &f) ||
	    lb_service_parse(k->six ? "[" VIP6 "]:80/tcp" : VIP4 ":80/tcp", &vip, &f) ||
	    lb_vip_add(lb, &vip, &o, &f))
		bench_die(k->what, &f);
	for (int i = 1; i <= 10; i++) {
		snprintf(text, sizeof(text), k->six ? "fc00::%d" : "10.20.1.%d", i);
		if (lb_addr_parse(text, &real, &f) || lb_real_add(lb, &vip, &real, 1, &f))
			bench_die(text, &f);
	}
	lb_close(lb);
	close(r->chain->lock); /* rigs of one process would wait for each other */
	r->chain->lock = -1;
}

static void prepare(size_t i)
{
	const struct kind *k = &kinds[i];
	struct frame f = { .src = k->six ? "2001:db8:9::7" : "10.1.0.0",
			   .dst = k->six ? VIP6 : VIP4,
			   .proto = IPPROTO_TCP,
			   .sport = 0,
			   .dport = 80,
			   .tcp_flags = k->flags,
			   .payload = 10 };
	__u32 more = (k->six ? 40 : 20) + (k->vip_flags & LB_VIP_GUE ? 8 : 0);
	struct row *row = &rows[i];
	char tag[8];
	__u32 l3;

	row->len = frame_make(row->frame, &f, &l3);
	if (!k->six) { /* an id that restore_flow can take from */
		row->frame[l3 + 4] = 0x10;
		row->frame[l3 + 5] = 0;
		frame_fix4(row->frame + l3);
	}
	frame_fix_l4(row->frame + l3, k->six ? 40 : 20, 30, IPPROTO_TCP);
	snprintf(tag, sizeof(tag), "bl%zu", i);
	balancer(&rigs[i], k, tag);
	row->fd = restore(row, rigs[i].root, k, more);
	row->base = restore(row, bench_push(more), k, more);
	bench_run(row->fd, row->frame, row->len, k->flows); /* fill the table */
}

static int order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* All were sent, and as the row says. Of a million flows some share a set with too many others. */
static void check(size_t i)
{
	const struct chain *c = rigs[i].chain;
	__u64 runs = (__u64)ROUNDS * REPEAT;

	bench_ran(kinds[i].what, bench_counted(c, CHAIN_SLOT_LB, CHAIN_TX), runs + kinds[i].flows);
	bench_ran(kinds[i].what, bench_reason(c, CHAIN_SLOT_LB, kinds[i].reason), runs / 10 * 8);
}

static void measure(void)
{
	for (int round = 0; round < ROUNDS; round++)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			struct row *r = &rows[i];

			r->ns[round] = bench_run(r->fd, r->frame, r->len, REPEAT);
			r->over[round] =
				r->ns[round] - (int)bench_run(r->base, r->frame, r->len, REPEAT);
		}
}

int main(void)
{
	rig_alone();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		prepare(i);
	measure();
	printf("| TCP, root and empty slots included | ns a packet | over a bare XDP_TX, ns "
	       "(least–most) | goal |\n|---|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct row *r = &rows[i];

		check(i);
		qsort(r->ns, ROUNDS, sizeof(r->ns[0]), order);
		qsort(r->over, ROUNDS, sizeof(r->over[0]), order);
		printf("| %s | %d | %+d (%+d–%+d) | ", kinds[i].what, r->ns[ROUNDS / 2],
		       r->over[ROUNDS / 2], r->over[0], r->over[ROUNDS - 1]);
		kinds[i].goal ? printf("≤ %d |\n", kinds[i].goal) : printf("|\n");
	}
	return 0;
}
