// SPDX-License-Identifier: GPL-2.0
/*
 * bench_lists - ns a packet of the policers of lists and rates, by BPF_PROG_TEST_RUN with repeat.
 *
 * A stage before them gives each packet a source; the base is a chain with that stage alone, in the
 * same mode. All rows in turn, round after round; figures are medians. Prints Markdown.
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "lib/blocklist.h"
#include "lib/prefixes.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/bench.h"
#include "tests/frame.h"
#include "tests/policing.h"
#include "tests/prog/sources.h"

#define ROUNDS	     11
#define REPEAT	     300000
#define SLOT_SOURCES 1
#define SLOT	     2
#define MILLION	     1000000
#define LOAD_GOAL    5 /* s, for a million prefixes */

/* What is in a chain behind the sources. */
static struct side {
	const char *tag, *kind, *words; /* kind NULL: nothing */
	__u32 prefixes;			/* of each family, into the list */
	int how;			/* map of the stage `sources` */
	double seconds;			/* that all these prefixes took */
	struct rig rig;
} sides[] = {
	{ .tag = "bl0" },
	{ .tag = "bl1", .kind = "blocklist", .words = "", .prefixes = 1000 },
	{ .tag = "bl2", .kind = "blocklist", .words = "", .prefixes = 100000 },
	{ .tag = "bl3", .kind = "blocklist", .words = "", .prefixes = MILLION },
	{ .tag = "bl4", .kind = "allowlist", .words = "", .prefixes = 1000 },
	{ .tag = "bl5", .kind = "set", .words = "set=customers action=next", .prefixes = 100000 },
	{ .tag = "bl6", .kind = "ratelimit", .words = "rate=100M burst=100M" },
	{ .tag = "bl7", .kind = "ratelimit", .words = "rate=100Gbit/s burst=1G" },
	{ .tag = "bl8", .kind = "ratelimit", .words = "rate=100M burst=100M by=destination" },
	{ .tag = "bl9", .kind = "ratelimit", .words = "rate=100M burst=100M by=all" },
	{ .tag = "bl10", .kind = "ratelimit", .words = "rate=1 burst=1" },
};

struct row {
	char what[100];
	int side;
	struct sources_how how;
	int goal;		/* ns above its base at most; 0: none */
	const struct row *like; /* of whose time above the base it may take twice; NULL: none */
	int ns[ROUNDS], base[ROUNDS];
};

static struct row rows[40];
static int row_count;

static struct row *row(int side, enum sources_mode mode, __u32 v6, int goal, const char *what)
{
	struct row *r = &rows[row_count++];
	__u32 count = sides[side].prefixes ? sides[side].prefixes : MILLION;

	*r = (struct row){ .side = side, .how = { mode, count, v6 }, .goal = goal };
	snprintf(r->what, sizeof(r->what), "%s", what);
	return r;
}

/* Each size of list, with what is listed, beside it and anywhere. */
static void blocklist_rows(__u32 v6)
{
	static const char *const modes[] = { [SOURCES_LISTED] = "listed, dropped",
					     [SOURCES_BESIDE] = "not listed, but their neighbours",
					     [SOURCES_RANDOM] = "not listed" };

	for (int mode = SOURCES_RANDOM; mode >= SOURCES_LISTED; mode--) {
		const struct row *small = NULL;

		for (int side = 1; side <= 3; side++) {
			struct row *r = row(side, mode, v6, 0, "");

			snprintf(r->what, sizeof(r->what), "blocklist of %u, IPv%d sources %s",
				 sides[side].prefixes, v6 ? 6 : 4, modes[mode]);
			r->like = side == 3 ? small : NULL;
			small = small ? small : r;
		}
	}
}

static void other_rows(void)
{
	row(4, SOURCES_RANDOM, 0, 25, "allowlist of 1000: not listed");
	row(4, SOURCES_LISTED, 0, 60, "... listed, passed");
	row(5, SOURCES_RANDOM, 0, 40, "set of 100000: not in it");
	row(5, SOURCES_LISTED, 0, 120, "... in it, handed on");
	row(6, SOURCES_LISTED, 0, 120, "ratelimit of a million sources, all pass");
	row(6, SOURCES_LISTED, 1, 120, "... IPv6");
	row(7, SOURCES_LISTED, 0, 120, "... of bytes");
	row(8, SOURCES_RANDOM, 0, 40, "... by destination, one of them");
	row(9, SOURCES_RANDOM, 0, 40, "... in all");
	row(10, SOURCES_RANDOM, 0, 160, "... of 1 a second, each source new");
}

static void load_sources(struct side *s)
{
	static char elf[64 << 10];
	struct stage_spec spec = { .object = "sources", .data = elf, .slot = SLOT_SOURCES };
	struct fail f = { 0 };

	spec.size = rig_object("sources", elf, sizeof(elf));
	if (!spec.size || stage_load(s->rig.chain, &spec, NULL, &f))
		bench_die("sources", &f);
	s->how = stage_map(s->rig.chain, SLOT_SOURCES, "how");
}

static struct prefix prefix(__u32 i, int v6)
{
	struct prefix p = { .len = v6 ? 64 : 32, .family = v6 ? AF_INET6 : AF_INET };

	sources_address(sources_mix(i), v6, p.addr);
	return p;
}

static void prefixes(__u32 count, struct prefixes *list)
{
	for (int v6 = 0; v6 <= 1; v6++)
		for (__u32 i = 0; i < count; i++) {
			const struct prefix p = prefix(i, v6);

			if (prefixes_add(list, &p))
				bench_die("prefixes", NULL);
		}
	prefixes_sort(list);
}

/* Seconds of processor time until now: others that run here do not count. */
static double processor(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return u.ru_utime.tv_sec + u.ru_stime.tv_sec +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void fill(struct side *s)
{
	const struct blocklist_want want = { .note = "bench" };
	struct prefixes list = { 0 };
	struct blocklist_added sum;
	struct blocklist *b;
	struct fail f = { 0 };
	double before;

	prefixes(s->prefixes, &list);
	before = processor();
	if (blocklist_open(s->rig.chain, SLOT, &b, &f) ||
	    blocklist_add_many(b, list.v, list.count, &want, &sum, &f))
		bench_die(s->kind, &f);
	blocklist_close(b);
	s->seconds = processor() - before;
	prefixes_free(&list);
}

/* The same prefixes as a file of a set. */
static void load_set(struct side *s)
{
	struct policer_set set = { .name = "customers", .file = "/tmp/bench-set-XXXXXX" };
	char path[] = "/tmp/bench-set-XXXXXX", text[PREFIX_TEXT];
	int fd = mkstemp(path);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	struct prefixes list = { 0 };
	struct fail f = { 0 };

	if (!file)
		bench_die(path, NULL);
	prefixes(s->prefixes, &list);
	for (size_t i = 0; i < list.count; i++)
		fprintf(file, "%s\n", prefix_text(&list.v[i], text));
	fclose(file);
	set.file = path;
	if (policing_load_sets(s->rig.chain, SLOT, s->kind, s->words, &set, 1, &f))
		bench_die(s->kind, &f);
	unlink(path);
	prefixes_free(&list);
}

static void put(struct side *s)
{
	struct fail f = { 0 };

	rig_up(&s->rig, s->tag);
	load_sources(s);
	if (s->kind && !strcmp(s->kind, "set"))
		load_set(s);
	else if (s->kind && policing_load(s->rig.chain, SLOT, s->kind, s->words, NULL, &f))
		bench_die(s->kind, &f);
	else if (s->kind && s->prefixes)
		fill(s);
	close(s->rig.chain->lock); /* rigs of one process would wait for each other */
	s->rig.chain->lock = -1;
}

static __u32 run(const struct side *s, const struct sources_how *how)
{
	const struct frame f = {
		.src = how->v6 ? "2001:db8::1" : "192.0.2.1",
		.dst = how->v6 ? "2001:db8::2" : "192.0.2.2",
		.proto = IPPROTO_UDP,
		.payload = 18,
	};
	unsigned char buf[FRAME_MAX];
	__u32 zero = 0;

	if (bpf_map_update_elem(s->how, &zero, how, BPF_ANY))
		bench_die("how", NULL);
	return bench_run(s->rig.root, buf, frame_make(buf, &f, NULL), REPEAT);
}

static void measure(int round)
{
	for (int i = 0; i < row_count; i++) {
		struct row *r = &rows[i];

		r->base[round] = run(&sides[0], &r->how);
		r->ns[round] = run(&sides[r->side], &r->how);
	}
}

static int order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Median, least and most, of the rounds or of their differences to the base. */
static void spread(const struct row *r, int above, int out[3])
{
	int v[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		v[i] = r->ns[i] - (above ? r->base[i] : 0);
	qsort(v, ROUNDS, sizeof(v[0]), order);
	out[0] = v[ROUNDS / 2];
	out[1] = v[0];
	out[2] = v[ROUNDS - 1];
}

static void report(void)
{
	int own[3], over[3], small[3];

	printf("| what | ns a packet (least–most) | over its base, ns | goal |\n"
	       "|---|---|---|---|\n");
	for (int i = 0; i < row_count; i++) {
		const struct row *r = &rows[i];

		spread(r, 0, own);
		spread(r, 1, over);
		printf("| %s | %d (%d–%d) | %+d (%+d–%+d) |", r->what, own[0], own[1], own[2],
		       over[0], over[1], over[2]);
		if (r->like)
			spread(r->like, 1, small);
		if (r->like)
			printf(" ≤ %d: twice that of 1000 |\n", 2 * small[0]);
		else
			r->goal ? printf(" ≤ %d |\n", r->goal) : printf(" |\n");
	}
	printf("\nAdding a million IPv4 and a million IPv6 prefixes to a blocklist: %.1f s of a "
	       "processor; goal ≤ "
	       "%d a "
	       "million.\n",
	       sides[3].seconds, LOAD_GOAL);
}

int main(void)
{
	rig_alone();
	for (size_t i = 0; i < ARRAY_SIZE(sides); i++)
		put(&sides[i]);
	blocklist_rows(0);
	blocklist_rows(1);
	other_rows();
	for (int round = 0; round < ROUNDS; round++)
		measure(round);
	report();
	return 0;
}
