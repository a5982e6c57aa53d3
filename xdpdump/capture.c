// SPDX-License-Identifier: GPL-2.0
/* capture - its course: start, rounds, end. */
#include "xdpdump/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/libbpf.h>

#include "lib/cli.h"
#include "lib/epoch.h"
#include "lib/names.h"
#include "lib/ring.h"
#include "lib/util.h"
#include "xdpdump/capture_int.h"
#include "xdpdump/drop.h"
#include "xdpdump/expr.h"
#include "xdpdump/memory.h"
#include "xdpdump/report.h"

#define CHECK_NS    (500 * 1000000ULL) /* how often the chains are looked after */
#define IDLE_MS	    20		       /* a packet is shown within this and the ring's 5 ms */
#define SOON_MS	    2
#define FIRST_NS    (200 * 1000000ULL)
#define EPOCH_TRIES 16

static int round_of(struct capture *c, int final)
{
	long n = rings_read(c->sources.rings, final, capture_event, c);

	if (n >= 0 && !c->err)
		c->err = outs_flush(&c->outs);
	return c->err;
}

/*
 * Twice a second: are each chain and the reader still there, and may names have changed? Where one
 * of several is gone the others go on.
 */
static int look_after(struct capture *c, struct fail *f)
{
	__u64 now = now_ns();
	int err;

	if (now - c->looked_ns < CHECK_NS)
		return 0;
	c->looked_ns = now;
	for (__u32 i = 0; i < c->sources.n; i++) {
		c->names[i].generation++;
		if (c->sources.of[i].over)
			continue;
		err = keeper_check(&c->keeper, i, f);
		if (!err)
			continue;
		c->sources.of[i].over = true;
		if (err == -ECHILD || !sources_left(&c->sources))
			return err;
		fprintf(stderr, "xdpdump: %s; going on with the others\n", f->text);
	}
	return c->err = outs_check(&c->outs);
}

/* What was counted on each interface and point; what cannot be known any more is 0. */
static int counts(void *arg, struct session_count *n)
{
	struct capture *c = arg;
	struct session_count all;
	int err = 0;

	for (__u32 i = 0; !err && i < c->sources.n; i++) {
		const struct source *s = &c->sources.of[i];

		err = keeper_counts(&c->keeper, i, &all);
		for (__u32 point = 0; !err && point < EVENT_POINTS; point++)
			if (s->points & 1u << point)
				source_point_count(s, point, &all, n++);
	}
	return err;
}

/* All of them together. */
static int sum(struct capture *c, struct session_count *n)
{
	struct session_count one;
	int err = 0;

	*n = (struct session_count){ 0 };
	for (__u32 i = 0; i < c->sources.n; i++) {
		err = keeper_counts(&c->keeper, i, &one);
		if (err)
			break;
		n->offered += one.offered;
		n->filtered += one.filtered;
		n->captured += one.captured;
		n->lost += one.lost;
		n->capped += one.capped;
	}
	return err;
}

/* SIGUSR1. */
static void inform(struct capture *c)
{
	struct session_count n;

	if (!c->sig->info)
		return;
	c->sig->info = 0;
	sum(c, &n);
	report_info(c->shown, &n);
}

/* --stats */
static void live(struct capture *c)
{
	struct report_state now;

	if (!c->o->stats || now_ns() - c->live.at_ns < NSEC || sum(c, &now.count))
		return;
	rings_stats(c->sources.rings, &now.ring);
	if (c->recorder)
		recorder_stats(c->recorder, &now.recorder);
	now.memory.most = now.ring.aside + outs_most(&c->outs) + c->sources.n * names_most();
	now.memory.resident = memory_resident(c->statm);
	report_live(&c->live, &now, c->o);
}

static bool over(const struct capture *c)
{
	return c->sig->stop || capture_enough(c) ||
	       (c->o->duration_ns && now_ns() - c->start_ns >= c->o->duration_ns);
}

/* How long to wait for a ring to fill. Right after the start, somebody waits for a first line. */
static int patience_ms(const struct capture *c)
{
	if (c->more)
		return 0;
	return rings_pending(c->sources.rings) || now_ns() - c->start_ns < FIRST_NS ? SOON_MS
										    : IDLE_MS;
}

static int run(struct capture *c, struct fail *f)
{
	int err = 0;

	c->start_ns = c->live.at_ns = c->looked_ns = now_ns();
	while (!err && !over(c)) {
		err = rings_wait(c->sources.rings, patience_ms(c));
		if (err < 0)
			break;
		err = round_of(c, 0);
		if (!err)
			err = c->err = capture_record(c, false);
		if (!err)
			err = look_after(c, f);
		inform(c);
		live(c);
	}
	return err;
}

static void say_error(const struct capture *c, int err, const struct fail *f)
{
	if (c->err == -EBADMSG || c->err == -EPROTONOSUPPORT)
		fprintf(stderr, "xdpdump: an event that this version cannot read: stage programs "
				"of another version?\n");
	else if (c->err)
		outs_error(&c->outs, c->err);
	else
		fprintf(stderr, "xdpdump: %s\n", f->text[0] ? f->text : strerror(-err));
}

static void say_end(struct capture *c)
{
	struct recorder_stats kept;
	struct session_count n;

	sum(c, &n);
	report_end(c->shown, &n);
	if (c->recorder) {
		recorder_stats(c->recorder, &kept);
		report_kept(&n, &kept, outs_failed(&c->outs));
	}
	for (__u32 i = 0; c->sources.n > 1 && i < c->sources.n; i++)
		if (!keeper_counts(&c->keeper, i, &n))
			report_source(&c->sources.of[i], &n);
}

static int finish(struct capture *c, int err, const struct fail *f)
{
	struct session_count n[OPTS_IFACES * EVENT_POINTS] = { 0 };

	for (__u32 i = 0; i < c->sources.n; i++)
		keeper_stop(&c->keeper, i);
	if (!c->err || c->recorder)
		round_of(c, 1);
	if (!c->err)
		c->err = capture_record(c, true);
	counts(c, n);
	if (!c->err)
		c->err = outs_end(&c->outs, n);
	if (!err)
		err = c->err;
	if (err)
		say_error(c, err, f);
	if (c->o->count_only)
		printf("%lu packet%s\n", c->shown, c->shown == 1 ? "" : "s");
	if (!c->o->quiet)
		say_end(c);
	return (err && err != -EPIPE) || sources_left(&c->sources) < c->sources.n ? CLI_FAILED
										  : CLI_OK;
}

static int start(struct capture *c)
{
	int err = sources_open(&c->sources);

	if (err)
		return err;
	c->ncpus = libbpf_num_possible_cpus();
	c->seq = calloc((size_t)c->ncpus * c->sources.n_ifs, sizeof(*c->seq));
	if (!c->seq)
		return -ENOMEM;
	c->keeper = (struct keeper){ .sources = &c->sources, .sock = -1 };
	for (__u32 i = 0; i < c->sources.n; i++)
		keeper_names(&c->keeper, i, &c->names[i]);
	c->env.counts = counts;
	c->env.counts_arg = c;
	return 0;
}

/*
 * The file of -w is opened by who we are, those of -C and -G by the filer, the first one too: what
 * goes wrong with the second goes wrong at once. After that, whoever may opens rings, and the
 * rights are left to the keeper.
 */
static int set_up(struct capture *c)
{
	int err = 0;

	if (c->o->stats)
		c->statm = memory_open();
	if (filer_wanted(c->o)) {
		err = filer_start(&c->filer, c->o, c->sig);
		c->env.filer = &c->filer;
	}
	if (!err)
		err = outs_open(&c->outs, &c->env);
	if (!err)
		err = start(c);
	if (!err) {
		err = keeper_split(&c->keeper);
		if (err)
			fprintf(stderr, "xdpdump: cannot fork: %s\n", strerror(-err));
	}
	if (!err)
		err = drop_all(c->o->user);
	return err;
}

static int find(struct capture *c, const struct filter *filter)
{
	int err = sources_find(&c->sources, c->o, filter);

	c->env.ifs = c->sources.ifs;
	c->env.n_ifs = c->sources.n_ifs;
	return err;
}

int capture(const struct opts *o, struct signals *sig)
{
	struct capture c = {
		.o = o,
		.sig = sig,
		.env = { .opts = o,
			 .sig = sig,
			 .snaplen = o->snaplen,
			 .epoch_ns = epoch_ns(EPOCH_TRIES) },
		.keeper.sock = -1,
		.statm = -1,
		.filer.sock = -1,
	};
	struct filter filter = { 0 };
	struct fail f = { 0 };
	int status = CLI_FAILED, err;

	c.env.start_ns = now_ns() + c.env.epoch_ns;
	if (o->recorder) {
		c.recorder = recorder_new(o, c.env.epoch_ns, capture_kept, &c);
		if (!c.recorder)
			return CLI_FAILED;
	}
	if (drop_check(o->user) || expr_compile(o, &filter) || find(&c, &filter))
		goto out;
	err = set_up(&c);
	if (err) {
		status = err == -EINTR ? CLI_OK : CLI_FAILED;
		goto out;
	}
	for (__u32 i = 0; !o->quiet && i < c.sources.n; i++)
		report_cut(&c.sources.of[i]);
	if (!o->quiet)
		report_start(&c.sources, o);
	status = finish(&c, run(&c, &f), &f);
out:
	keeper_end(&c.keeper);
	filer_end(&c.filer);
	sources_close(&c.sources);
	outs_close(&c.outs);
	recorder_free(c.recorder);
	fd_close(c.statm);
	filter_free(&filter);
	free(c.seq);
	return status;
}
