// SPDX-License-Identifier: GPL-2.0
/*
 * bench_drop [IFACE NAME] - ns that a program takes to drop a packet, by BPF_PROG_TEST_RUN with
 * repeat: of a bare XDP_DROP, of the chain, and of what is on the interface IFACE, called NAME. All
 * in turn, in many short rounds, so that the least of them is one that nobody disturbed. Prints
 * rows of a Markdown table.
 */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <linux/if_link.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/blocklist.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/bench.h"
#include "tests/rig.h"

#define ROUNDS 201
#define REPEAT 50000

static struct row {
	const char *what;
	int fd;
	double ns[ROUNDS];
} rows[8];
static int row_count;

static void row(const char *what, int fd)
{
	rows[row_count++] = (struct row){ .what = what, .fd = fd };
}

/* On an interface: else each run would wait for the kernel to make it known, and to forget it. */
static void known(int fd)
{
	if (bpf_xdp_attach(if_nametoindex("lo"), fd, XDP_FLAGS_SKB_MODE, NULL))
		bench_die("lo", NULL);
}

static void blocklist_with(struct chain *c, const char *text)
{
	struct blocklist_want want = { .note = "bench" };
	struct blocklist *list;
	struct prefix p;
	struct fail f = { 0 };
	__u32 rule;

	if (blocklist_load(c, 1, BLOCKLIST_MAX_DEFAULT, &f) || blocklist_open(c, 1, &list, &f) ||
	    prefix_parse(text, &p, &f) || blocklist_add(list, &p, &want, &rule, &f) < 0)
		bench_die(text, &f);
	blocklist_close(list);
}

static void stage_alone(struct chain *c, const char *name)
{
	struct stage_spec spec = { .slot = 1 };
	static char elf[1 << 20];
	struct fail f = { 0 };

	spec.data = elf;
	spec.size = bench_elf(name, elf, sizeof(elf));
	if (stage_load(c, &spec, NULL, &f))
		bench_die(name, &f);
}

/* A program that is on an interface already: who put it there, and what of, is not our business. */
static void other(const char *ifname, const char *name)
{
	__u32 id = 0;
	int fd = -1;

	if (!bpf_xdp_query_id(if_nametoindex(ifname), 0, &id) && id)
		fd = bpf_prog_get_fd_by_id(id);
	if (fd < 0)
		bench_die(ifname, NULL);
	row(name, fd);
}

/* A row; nothing is written to its chain any more: rigs of one process would wait for each other.
 */
static void chain_row(const char *what, struct rig *r)
{
	row(what, r->root);
	close(r->chain->lock);
	r->chain->lock = -1;
}

static int order(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return d < 0 ? -1 : d > 0;
}

static void measure(void)
{
	unsigned char frame[BENCH_FRAME];
	double base;

	bench_segment(frame, 64, PKT_ACK);
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < row_count; i++) {
			__u64 start = now_ns();

			bench_run(rows[i].fd, frame, 64, REPEAT);
			rows[i].ns[round] = (double)(now_ns() - start) / REPEAT;
		}
	for (int i = 0; i < row_count; i++)
		qsort(rows[i].ns, ROUNDS, sizeof(rows[i].ns[0]), order);
	base = rows[0].ns[0];
	for (int i = 0; i < row_count; i++)
		printf("| %s | %.1f (%.1f) | %+.1f |\n", rows[i].what, rows[i].ns[0],
		       rows[i].ns[ROUNDS / 2], rows[i].ns[0] - base);
}

int main(int argc, char **argv)
{
	static struct rig empty, alone, listed;

	if (argc != 1 && argc != 3) {
		fprintf(stderr, "usage: bench_drop [IFACE NAME]\n");
		return 2;
	}
	row("a bare XDP_DROP", bench_object("drop"));
	if (argc == 3)
		other(argv[1], argv[2]);
	rig_alone();
	known(rows[0].fd);
	rig_up(&empty, "dnil");
	chain_row("root, empty chain (it passes)", &empty);
	rig_up(&alone, "done");
	stage_alone(alone.chain, "drop_stage");
	chain_row("root and a stage that drops all", &alone);
	rig_up(&listed, "dlist");
	blocklist_with(listed.chain, "10.1.2.3");
	chain_row("root and blocklist, the source is on it", &listed);
	measure();
	return 0;
}
