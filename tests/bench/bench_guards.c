// SPDX-License-Identifier: GPL-2.0
/*
 * bench_guards - ns a packet of the policers that know protocols, by BPF_PROG_TEST_RUN with repeat:
 * a packet that they hand on, and one that they drop. Each is alone in a chain; the base is a chain
 * that is empty, where nothing else is said. All rows in turn, round after round. Prints Markdown.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "lib/stage.h"
#include "lib/util.h"
#include "tests/bench.h"
#include "tests/frame.h"
#include "tests/policing.h"

#define ROUNDS 15
#define REPEAT 300000
#define PORT   8080
#define LEARN  1500 /* ms, in which a flow gets known with learn=1s */

#define OURS "local=192.0.2.0/24"
#define TO   .src = "198.51.100.9", .dst = "192.0.2.1"
#define TO6  .src = "2001:db8:66::9", .dst = "2001:db8::1"
#define ACK  TO, .proto = IPPROTO_TCP, .tcp_flags = 0x10, .sport = 4001, .dport = PORT
#define SYN  TO, .proto = IPPROTO_TCP, .tcp_flags = 2, .sport = 4001, .dport = PORT
#define UDP  TO, .proto = IPPROTO_UDP, .dport = 9

static struct row {
	const char *what, *kind, *words; /* kind NULL: an empty chain */
	struct frame f;
	int goal;    /* ns above its base at most; 0: none */
	int same;    /* 1: in the chain of the row before */
	int verdict; /* that a packet must get after the run; 0: XDP_PASS */
	int spoof;   /* 1: a stage before it invents sources; the base is such a row before it */
	struct rig rig;
	int ns[ROUNDS];
} rows[] = {
	{ .what = "an empty chain", .f = { ACK } },
	{ .what = "malformed: a TCP segment passes all checks",
	  .kind = "malformed",
	  .words = "",
	  .f = { ACK },
	  .goal = 25 },
	{ .what = "... IPv6",
	  .same = 1,
	  .goal = 25,
	  .f = { TO6, .proto = 6, .tcp_flags = 16, .sport = 1, .dport = 2 } },
	{ .what = "... a Christmas tree is dropped",
	  .same = 1,
	  .goal = 25,
	  .verdict = XDP_DROP,
	  .f = { TO, .proto = 6, .tcp_flags = 0x29, .sport = 1, .dport = 2 } },
	{ .what = "amplification: a TCP segment",
	  .kind = "amplification",
	  .words = "",
	  .f = { ACK },
	  .goal = 10 },
	{ .what = "... a DNS answer of 100 bytes",
	  .same = 1,
	  .goal = 25,
	  .f = { UDP, .sport = 53, .payload = 100 } },
	{ .what = "... chargen is dropped",
	  .same = 1,
	  .goal = 60,
	  .verdict = XDP_DROP,
	  .f = { UDP, .sport = 19, .payload = 100 } },
	{ .what = "fragments: no fragment",
	  .kind = "fragments",
	  .words = "",
	  .f = { ACK },
	  .goal = 10 },
	{ .what = "... a fragment that came before is dropped",
	  .same = 1,
	  .goal = 60,
	  .verdict = XDP_DROP,
	  .f = { UDP, .frag = 64, .payload = 100 } },
	{ .what = "... all fragments are dropped",
	  .kind = "fragments",
	  .words = "drop=all",
	  .goal = 25,
	  .verdict = XDP_DROP,
	  .f = { UDP, .frag = 64, .payload = 100 } },
	{ .what = "synflood: a segment while calm",
	  .kind = "synflood",
	  .words = OURS,
	  .f = { ACK },
	  .goal = 15 },
	{ .what = "... a SYN while calm",
	  .kind = "synflood",
	  .words = OURS " threshold=100M",
	  .f = { SYN },
	  .goal = 30 },
	{ .what = "... a SYN in a flood, a cookie made for it (in shadow: not sent)",
	  .goal = 120,
	  .kind = "synflood",
	  .words = OURS " shadow threshold=10 end=1",
	  .f = { SYN } },
	{ .what = "... an ACK with a wrong cookie is dropped",
	  .goal = 100,
	  .verdict = XDP_DROP,
	  .kind = "synflood",
	  .words = OURS " threshold=10 end=1",
	  .f = { ACK } },
	{ .what = "SYNs from invented sources, by a stage that invents them",
	  .f = { SYN },
	  .spoof = 1 },
	{ .what = "synflood: first SYNs of those are dropped, to an address that is not ours",
	  .kind = "synflood",
	  .words = "threshold=10 end=1",
	  .f = { SYN },
	  .goal = 150,
	  .spoof = 1 },
	{ .what = "conntrack: a segment of a known flow",
	  .kind = "conntrack",
	  .words = "learn=1s",
	  .f = { ACK },
	  .goal = 25 },
	{ .what = "... in a flood",
	  .goal = 25,
	  .kind = "conntrack",
	  .words = "learn=1s threshold=10 end=1",
	  .f = { ACK } },
	{ .what = "... of no known flow, dropped",
	  .same = 1,
	  .goal = 40,
	  .verdict = XDP_DROP,
	  .f = { UDP, .sport = 7, .payload = 18 } },
};

static void run(const struct row *r, const struct frame *f, __u32 repeat)
{
	unsigned char buf[FRAME_MAX];

	bench_run(r->rig.root, buf, frame_make(buf, f, NULL), repeat);
}

/* SYNs, or datagrams of no flow, so that what guards the destination is awake. */
static void wake(const struct row *r)
{
	static const struct frame syn = { SYN }, udp = { UDP, .sport = 8 };

	if (r->words && strstr(r->words, "end=1") && !strcmp(r->kind, "synflood") &&
	    r->f.tcp_flags == 0x10) {
		unsigned char buf[FRAME_MAX];
		struct frame f = syn;

		/* A SYN that is answered is one no more: each is sent alone. */
		for (int i = 0; i < 12; i++) {
			f.sport = 5000 + i;
			rig_run(&r->rig, buf, frame_make(buf, &f, NULL), NULL, 0, NULL);
		}
	}
	if (r->kind && !strcmp(r->kind, "conntrack"))
		run(r, &udp, 100);
}

static void load_spoof(struct rig *rig)
{
	static char elf[64 << 10];
	struct stage_spec spec = { .object = "spoof", .data = elf, .slot = 1 };
	struct fail f = { 0 };

	spec.size = rig_object("spoof", elf, sizeof(elf));
	if (!spec.size || stage_load(rig->chain, &spec, NULL, &f))
		bench_die("spoof", &f);
}

static void put(struct row *r, const struct row *before)
{
	char tag[8];
	struct fail f = { 0 };

	if (r->same) {
		r->rig = before->rig;
		r->kind = before->kind;
		r->words = before->words;
		return;
	}
	snprintf(tag, sizeof(tag), "bg%d", (int)(r - rows));
	rig_up(&r->rig, tag);
	if (r->spoof)
		load_spoof(&r->rig);
	if (r->kind && policing_load(r->rig.chain, 2, r->kind, r->words, NULL, &f))
		bench_die(r->what, &f);
	close(r->rig.chain->lock); /* rigs of one process would wait for each other */
	r->rig.chain->lock = -1;
}

/* A flow is known when it came twice, a while apart. */
static void learn(void)
{
	for (int i = 0; i < 2; i++) {
		for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
			if (rows[k].kind && !strcmp(rows[k].kind, "conntrack") && !rows[k].same)
				run(&rows[k], &rows[k].f, 1);
		usleep(LEARN * 1000);
	}
}

static void measure(int round)
{
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		unsigned char buf[FRAME_MAX];
		struct row *r = &rows[k];
		__u32 len = frame_make(buf, &r->f, NULL);
		int verdict;

		wake(r);
		r->ns[round] = bench_run(r->rig.root, buf, len, REPEAT);
		verdict = rig_run(&r->rig, buf, len, NULL, 0, NULL);
		if (!r->spoof && verdict != (r->verdict ? r->verdict : XDP_PASS))
			bench_die(r->what, NULL);
	}
}

static int order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Median, least and most, of the rounds or of their differences to @base. */
static void spread(const struct row *r, const struct row *base, int out[3])
{
	int v[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		v[i] = r->ns[i] - (base ? base->ns[i] : 0);
	qsort(v, ROUNDS, sizeof(v[0]), order);
	out[0] = v[ROUNDS / 2];
	out[1] = v[0];
	out[2] = v[ROUNDS - 1];
}

static void report(void)
{
	int own[3], over[3];

	printf("| what | ns a packet (least–most) | over its base, ns | goal |\n"
	       "|---|---|---|---|\n");
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++) {
		spread(&rows[k], NULL, own);
		spread(&rows[k], rows[k].spoof && rows[k].kind ? &rows[k - 1] : &rows[0], over);
		printf("| %s | %d (%d–%d) |", rows[k].what, own[0], own[1], own[2]);
		k ? printf(" %+d (%+d–%+d) |", over[0], over[1], over[2]) : printf(" |");
		rows[k].goal ? printf(" ≤ %d |\n", rows[k].goal) : printf(" |\n");
	}
}

int main(void)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6, .sin6_port = htons(PORT) };
	int fd;

	rig_alone();
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	if (rig_sh("ip link set lo up; ip addr add 192.0.2.1/32 dev lo;"
		   "echo 2 >/proc/sys/net/ipv4/tcp_syncookies") ||
	    bind(fd, (struct sockaddr *)&any, sizeof(any)) || listen(fd, 16))
		bench_die("listener", NULL);
	for (size_t k = 0; k < ARRAY_SIZE(rows); k++)
		put(&rows[k], k ? &rows[k - 1] : NULL);
	learn();
	for (int round = 0; round < ROUNDS; round++)
		measure(round);
	report();
	return 0;
}
