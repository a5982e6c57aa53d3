// SPDX-License-Identifier: GPL-2.0
/*
 * bench_chain - ns a packet of every part of the chain, by BPF_PROG_TEST_RUN with repeat.
 *
 * All rows are measured in turn, round after round; a figure is the median of its rounds, a
 * difference the median of the differences within a round. Prints Markdown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/blocklist.h"
#include "lib/filter.h"
#include "lib/lb.h"
#include "lib/object.h"
#include "lib/ratelimit.h"
#include "lib/ring.h"
#include "lib/session.h"
#include "lib/stage.h"
#include "lib/util.h"
#include "tests/bench.h"
#include "tests/rig.h"

#define ROUNDS	   15
#define REPEAT	   1000000 /* of a row that writes no events */
#define EVENTS	   40000   /* of one that does: they all fit into the ring */
#define RING_BYTES (128u << 20)

struct row {
	const char *what;
	int fd; /* program to run */
	__u32 len, repeat;
	int base;		     /* the row that it is compared with, or -1 */
	int goal;		     /* ns above it at most; 0: none */
	const struct chain *chain;   /* whose counters say that it ran, or NULL */
	__u32 slot, verdict;	     /* ... where, and as what */
	struct session *session;     /* to be drained after each run */
	struct session_count counts; /* of its session, at the end */
	__u32 ns[ROUNDS];
};

static struct row rows[40];
static int row_count;

static unsigned char frame[BENCH_FRAME];

static __u32 run(int fd, __u32 len, __u32 repeat)
{
	bench_segment(frame, len, PKT_ACK);
	return bench_run(fd, frame, len, repeat);
}

static int row(const char *what, int fd, __u32 len, int base, int goal, struct session *s)
{
	rows[row_count] = (struct row){ .what = what,
					.fd = fd,
					.len = len,
					.base = base,
					.goal = goal,
					.session = s,
					.repeat = s ? EVENTS : REPEAT };
	return row_count++;
}

/* The row before was run through @r: its packets are to be counted there. */
static void ends_at(const struct rig *r, __u32 slot, __u32 verdict)
{
	struct row *last = &rows[row_count - 1];

	last->chain = r->chain;
	last->slot = slot;
	last->verdict = verdict;
}

static void passes(const struct rig *r)
{
	ends_at(r, CHAIN_SLOT_END, CHAIN_PASS);
}

static void sent(const struct rig *r)
{
	ends_at(r, CHAIN_SLOT_LB, CHAIN_TX);
}

static void unlock(struct rig *r)
{
	close(r->chain->lock); /* rigs of one process would wait for each other */
	r->chain->lock = -1;
}

static int no_trace(struct bpf_object *obj, void *arg, struct fail *f)
{
	__u32 off = 0;

	(void)arg;
	(void)f;
	return stage_rodata(obj, "stage_trace", &off, sizeof(off));
}

/* Both policers as they are when nothing is configured. */
static void policers(struct rig *r, int trace)
{
	static const char *const names[] = { "blocklist", "ratelimit" };
	struct fail f = { 0 };

	for (__u32 i = 0; i < ARRAY_SIZE(names); i++) {
		struct stage_spec spec = { .object = names[i],
					   .slot = i + 1,
					   .setup = trace ? NULL : no_trace };

		if (stage_load(r->chain, &spec, NULL, &f))
			bench_die(names[i], &f);
	}
}

/* A root of @r without tracing: not on the interface, for test runs only. */
static int root_without_trace(const struct rig *r)
{
	const struct object *o = object_find("xdp_root");
	struct bpf_object *obj = bpf_object__open_mem(o->data, o->size, NULL);
	struct fail f = { 0 };

	if (!obj || no_trace(obj, NULL, NULL) || chain_reuse(r->chain, obj, &f) ||
	    bpf_object__load(obj))
		bench_die("root", &f);
	return bpf_program__fd(bpf_object__next_program(obj, NULL));
}

/* Policers that have work to do: 1000 other prefixes, a limit that is far away. */
static void busy_policers(struct chain *c)
{
	struct ratelimit limit = { .rate = 100000000, .burst = 100000000, .len4 = 32, .len6 = 64 };
	struct blocklist_want want = { .note = "bench" };
	struct blocklist *list;
	struct prefix p;
	char text[32];
	struct fail f = { 0 };
	__u32 rule;

	if (blocklist_load(c, 1, BLOCKLIST_MAX_DEFAULT, &f) || ratelimit_load(c, 2, &limit, &f) ||
	    blocklist_open(c, 1, &list, &f))
		bench_die("policers", &f);
	for (int i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "172.%d.%d.0/24", 16 + i / 250, i % 250);
		if (prefix_parse(text, &p, &f) || blocklist_add(list, &p, &want, &rule, &f) < 0)
			bench_die(text, &f);
	}
	blocklist_close(list);
}

/* ... and a balancer that has the flow of the frame in its table. */
static void full_chain(struct rig *r, const char *tag)
{
	struct lb_options opts = { 0 };
	struct lb_service vip;
	struct lb_addr real;
	struct lb *lb;
	struct fail f = { 0 };

	rig_up(r, tag);
	busy_policers(r->chain);
	lb_options(r->chain, &opts);
	if (lb_load(r->chain, &opts, &f) || lb_open(r->chain, &lb, &f) ||
	    lb_service_parse("192.0.2.10:80/tcp", &vip, &f) ||
	    lb_addr_parse("10.20.1.2", &real, &f) || lb_vip_add(lb, &vip, NULL, &f) ||
	    lb_real_add(lb, &vip, &real, 1, &f))
		bench_die("full chain", &f);
	lb_close(lb);
	unlock(r);
	bench_segment(frame, 64, PKT_SYN);
	bench_run(r->root, frame, 64, 1);
}

static struct session *arm(const struct rig *r, const char *text, __u32 flags)
{
	struct filter_spec expr = { .text = text, .netmask = FILTER_NETMASK_UNKNOWN };
	struct session_spec spec = {
		.snaplen = EVENT_SNAPLEN_MAX, .flags = flags, .ring_bytes = RING_BYTES, .text = text
	};
	struct filter filter = { 0 };
	struct session *s;
	struct fail f = { 0 };

	if (filter_compile(&expr, &filter, &f))
		bench_die(text, &f);
	spec.insns = filter.insns;
	spec.count = filter.count;
	if (session_open(r->ifname, &spec, &s, &f))
		bench_die("session", &f);
	filter_free(&filter);
	return s;
}

static int count(const void *sample, size_t len, __u32 source, void *arg)
{
	(void)sample;
	(void)source;
	*(size_t *)arg += len;
	return 0;
}

static void drain(struct session *s)
{
	size_t bytes = 0;

	do {
		usleep(2500);
		rings_read(session_rings(s), 0, count, &bytes);
	} while (rings_pending(session_rings(s)));
}

static void beat(void)
{
	for (int i = 0; i < row_count; i++)
		if (rows[i].session)
			session_beat(rows[i].session);
}

static __u64 counted(const struct row *r)
{
	return r->chain ? bench_counted(r->chain, r->slot, r->verdict) : 0;
}

static void measure_row(struct row *r, int round)
{
	__u64 before = counted(r);

	r->ns[round] = run(r->fd, r->len, r->repeat);
	bench_ran(r->what, counted(r) - before, r->chain ? r->repeat : 0);
	if (r->session)
		drain(r->session);
}

static void measure(void)
{
	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < row_count; i++) {
			beat();
			measure_row(&rows[i], round);
		}
}

static int order(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/* Median, least and most of the rounds; with @base, of the differences to it. */
static void spread(const struct row *r, const struct row *base, int out[3])
{
	int v[ROUNDS];

	for (int i = 0; i < ROUNDS; i++)
		v[i] = (int)r->ns[i] - (base ? (int)base->ns[i] : 0);
	qsort(v, ROUNDS, sizeof(v[0]), order);
	out[0] = v[ROUNDS / 2];
	out[1] = v[0];
	out[2] = v[ROUNDS - 1];
}

static void report(void)
{
	int own[3], over[3], bare[3];

	spread(&rows[0], NULL, bare);
	printf("| | what | ns a packet (least–most) | × bare | over its base, ns | goal |\n"
	       "|---|---|---|---|---|---|\n");
	for (int i = 0; i < row_count; i++) {
		const struct row *r = &rows[i];

		spread(r, NULL, own);
		printf("| %d | %s | %d (%d–%d) | %.1f |", i + 1, r->what, own[0], own[1], own[2],
		       (double)own[0] / bare[0]);
		if (r->base < 0) {
			printf(" | |\n");
			continue;
		}
		spread(r, &rows[r->base], over);
		printf(" row %d %+d (%+d–%+d) |", r->base + 1, over[0], over[1], over[2]);
		r->goal ? printf(" ≤ %d |\n", r->goal) : printf(" |\n");
	}
}

static void report_sessions(void)
{
	printf("\n| row | offered | captured | filtered | lost |\n|---|---|---|---|---|\n");
	for (int i = 0; i < row_count; i++) {
		struct session_count n;

		if (!rows[i].session)
			continue;
		session_stop(rows[i].session);
		session_counts(rows[i].session, &n);
		printf("| %d | %llu | %llu | %llu | %llu |\n", i + 1, n.offered, n.captured,
		       n.filtered, n.lost);
	}
}

/* What a session that matches may ask for. */
static const struct emits {
	const char *tag, *what;
	__u32 flags;
	int goal; /* of 64 bytes */
} emits[] = {
	{ "byes", "matches, written as an event", 0, 320 },
	{ "btime", "the same with the time of each stage", SESSION_STEP_TIMES, 400 },
	{ "bin", "the packet as it came (--point entry)", SESSION_ENTRY | SESSION_NO_EXIT, 0 },
	{ "bboth", "as it came and as it leaves (--point both): two events", SESSION_ENTRY, 0 },
};

/* One chain with a session; rows of 64, 256 and 1400 bytes against the same without. */
static void emit_rows(struct rig *r, const struct emits *e, const int plain[3])
{
	static const __u32 lens[] = { 64, 256, 1400 };
	static char what[ARRAY_SIZE(emits)][3][100];
	struct session *s;

	full_chain(r, e->tag);
	s = arm(r, "tcp port 80", e->flags);
	for (int i = 0; i < 3; i++) {
		char *text = what[e - emits][i];

		snprintf(text, sizeof(what[0][0]), "(e) %s%s%u bytes", i ? "" : e->what,
			 i ? "" : ": ", lens[i]);
		row(text, bench_restore(r->root, lens[i]), lens[i], plain[i], i ? 0 : e->goal, s);
		sent(r);
	}
}

int main(void)
{
	static struct rig empty, light, untraced, busy, full, quiet, armed[ARRAY_SIZE(emits)];
	int bare, plain[3], push, tx, i;

	rig_alone();
	bare = row("(a) bare XDP_PASS", bench_object("bare"), 64, -1, 0, NULL);
	rig_up(&empty, "bnil");
	unlock(&empty);
	row("(b) root, empty chain", empty.root, 64, bare, 25, NULL);
	passes(&empty);

	rig_up(&untraced, "bunt");
	policers(&untraced, 0);
	unlock(&untraced);
	rig_up(&light, "blig");
	policers(&light, 1);
	unlock(&light);
	i = row("root and both policers, idle, built without tracing",
		root_without_trace(&untraced), 64, bare, 0, NULL);
	passes(&untraced);
	row("the same as shipped, nobody looks", light.root, 64, i, 2, NULL);
	passes(&light);

	full_chain(&full, "bfull");
	tx = bench_object("restore_push");
	rig_up(&busy, "bbusy");
	busy_policers(busy.chain);
	unlock(&busy);
	row("root and both policers at work: 1000 prefixes, a limit; nobody looks", busy.root, 64,
	    bare, 0, NULL);
	passes(&busy);
	push = row("restoring the packet, one adjust_head, XDP_TX", bench_restore(tx, 64), 64, bare,
		   0, NULL);
	plain[0] = row("(c) root, blocklist, ratelimit, lb: LRU hit, IPIP, XDP_TX; 64 bytes",
		       bench_restore(full.root, 64), 64, push, 150, NULL);
	sent(&full);
	plain[1] = row("(c) 256 bytes", bench_restore(full.root, 256), 256, -1, 0, NULL);
	sent(&full);
	plain[2] = row("(c) 1400 bytes", bench_restore(full.root, 1400), 1400, -1, 0, NULL);
	sent(&full);

	full_chain(&quiet, "bno");
	i = row("(d) armed, `tcp port 443 and host 10.0.0.1` does not match",
		bench_restore(quiet.root, 64), 64, plain[0], 20, NULL);
	sent(&quiet);
	rows[i].session = arm(&quiet, "tcp port 443 and host 10.0.0.1", 0);
	rows[i].repeat = REPEAT;
	for (size_t k = 0; k < ARRAY_SIZE(emits); k++)
		emit_rows(&armed[k], &emits[k], plain);

	measure();
	report();
	report_sessions();
	return 0;
}
