// SPDX-License-Identifier: GPL-2.0
/*
 * bench_policers - ns a packet that a policer adds to an empty chain, by BPF_PROG_TEST_RUN.
 *
 * A row is a chain and a packet. All are measured in turn, round after round; a figure is the
 * median of the differences to the empty chain in the same round. Prints Markdown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>

#include "lib/util.h"
#include "tests/bench.h"
#include "tests/filterrig.h"
#include "tests/frame.h"

#define ROUNDS 15
#define REPEAT 1000000

/* --- chains ----------------------------------------------------------------------------------- */

static void add(struct filterrig_rules *r, const char *fmt, int i, int port)
{
	char text[200];

	snprintf(text, sizeof(text), fmt, port, i / 250, i % 250);
	filterrig_add(r, 0, text, "drop");
}

/* The rule that the packet of the rows "matches the last" is for. */
#define LAST "udp and src port 40000 and greater 200"

static void load(struct rig *r, struct filterrig_rules *rules)
{
	struct fail f = { 0 };

	if (filterrig_load(r->chain, rules, &f))
		bench_die("filter", &f);
	filterrig_free(rules);
}

/* Reflected services: one form, different ports. */
static void filter_alike(struct rig *r, int count)
{
	static struct filterrig_rules rules;

	filterrig_init(&rules);
	for (int i = 1; i < count; i++)
		add(&rules, "udp and src port %d and greater 468", i, 100 + i);
	filterrig_add(&rules, 0, LAST, "drop");
	load(r, &rules);
}

/* What a list looks like that grew: hosts, nets, ports, both families, payload, in any order. */
static void filter_mixed(struct rig *r, int count)
{
	/* clang-format off */
	static const char *const forms[] = {
		"udp and src port %d and greater 468",
		"tcp and dst port %d and src net 172.16.%d.0/24",
		"ip and udp port %d and host 198.18.%d.%d",
		"ip6 and udp dst port %d and src net 2001:db8:%d:%d::/64",
		"udp dst port %d and dst net 198.%d.%d.0/24",
		"src port %d and src host 203.0.%d.%d",
		"tcp port %d and tcp[tcpflags] & (tcp-syn|tcp-ack) = tcp-syn and dst host 192.%d.2.%d",
		"udp and src port %d and udp[8:2] = 0x1700",
		"portrange %d-6000 and src host 100.64.%d.%d",
		"ip proto 47 and greater %d and dst host 192.0.%d.%d",
	};
	/* clang-format on */
	static struct filterrig_rules rules;

	filterrig_init(&rules);
	for (int i = 1; i < count; i++)
		add(&rules, forms[i % ARRAY_SIZE(forms)], i, 100 + i);
	filterrig_add(&rules, 0, LAST, "drop");
	load(r, &rules);
}

static void nothing(struct rig *r, int count)
{
	(void)r;
	(void)count;
}

/* --- rows ------------------------------------------------------------------------------------- */

/* clang-format off */
static const struct frame
	udp4 = { .src = "10.1.2.3", .dst = "192.0.2.10", .sport = 40000, .dport = 53, .proto = 17, .payload = 64 },
	long4 = { .src = "10.1.2.3", .dst = "192.0.2.10", .sport = 40000, .dport = 53, .proto = 17, .payload = 200 },
	tcp4 = { .src = "10.1.2.3", .dst = "192.0.2.10", .sport = 40000, .dport = 443, .proto = 6, .tcp_flags = 0x10, .payload = 64 },
	udp6 = { .src = "2001:db8:ffff::1", .dst = "2001:db8:fffe::1", .sport = 40000, .dport = 53, .proto = 17, .payload = 64 };

static const struct row {
	const char *name;
	void (*make)(struct rig *r, int count);
	int count; /* for make */
	const struct frame *packet;
	int verdict;
	int goal; /* ns at most; 0: none */
} rows[] = {
	{ "empty chain", nothing, 0, &udp4, XDP_PASS, 0 },
	{ "filter: 1 rule, matches none", filter_alike, 1, &udp4, XDP_PASS, 0 },
	{ "filter: 100 rules of one form, matches none", filter_alike, 100, &udp4, XDP_PASS, 150 },
	{ "filter: 300 rules of one form, matches none", filter_alike, 300, &udp4, XDP_PASS, 0 },
	{ "filter: 300 rules of one form, matches the last", filter_alike, 300, &long4, XDP_DROP, 0 },
	{ "filter: 100 rules of ten forms, matches none", filter_mixed, 100, &udp4, XDP_PASS, 150 },
	{ "filter: the same, TCP", filter_mixed, 100, &tcp4, XDP_PASS, 150 },
	{ "filter: the same, IPv6", filter_mixed, 100, &udp6, XDP_PASS, 150 },
	{ "filter: 300 rules of ten forms, matches none", filter_mixed, 300, &udp4, XDP_PASS, 0 },
	{ "filter: the same, matches the last", filter_mixed, 300, &long4, XDP_DROP, 0 },
};
/* clang-format on */

static struct run {
	struct rig rig;
	unsigned char pkt[FRAME_MAX];
	__u32 len, ns[ROUNDS];
} runs[ARRAY_SIZE(rows)];

static void prepare(int number)
{
	struct run *r = &runs[number];
	char tag[8];

	snprintf(tag, sizeof(tag), "bp%d", number);
	rig_up(&r->rig, tag);
	rows[number].make(&r->rig, rows[number].count);
	close(r->rig.chain->lock); /* rigs of one process would wait for each other */
	r->rig.chain->lock = -1;
	r->len = frame_make(r->pkt, rows[number].packet, NULL);
	if (rig_run(&r->rig, r->pkt, r->len, NULL, 0, NULL) != rows[number].verdict)
		bench_die(rows[number].name, &(struct fail){ .text = "not the verdict it is for" });
}

static int order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void report(int number)
{
	const struct row *row = &rows[number];
	int v[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		v[i] = (int)runs[number].ns[i] - (number ? (int)runs[0].ns[i] : 0);
	qsort(v, ROUNDS, sizeof(v[0]), order);
	printf("| %s | %s%d (%d–%d) |", row->name, number ? "+" : "", v[ROUNDS / 2], v[0],
	       v[ROUNDS - 1]);
	row->goal ? printf(" ≤ %d |\n", row->goal) : printf(" |\n");
}

int main(void)
{
	const int count = ARRAY_SIZE(rows);

	rig_alone();
	for (int i = 0; i < count; i++)
		prepare(i);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < count; i++)
			runs[i].ns[round] =
				bench_run(runs[i].rig.root, runs[i].pkt, runs[i].len, REPEAT);
	printf("| policer and packet | ns a packet (least–most) | goal |\n|---|---|---|\n");
	for (int i = 0; i < count; i++)
		report(i);
	return 0;
}
