// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/capture.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/chain.h"
#include "lib/cli.h"
#include "lib/names.h"
#include "lib/ring.h"
#include "lib/session.h"
#include "lib/util.h"
#include "xdpdump/drop.h"
#include "xdpdump/expr.h"
#include "xdpdump/keeper.h"
#include "xdpdump/outs.h"
#include "xdpdump/reasons.h"
#include "xdpdump/report.h"
#include "xdpdump/stages.h"

#define CHECK_NS (500 * 1000000ULL) /* how often the chain is looked after */
#define IDLE_MS	 20		    /* a packet is shown within this and the ring's 5 ms */
#define SOON_MS	 2

struct capture {
	const struct opts *o;
	struct signals *sig;
	struct sink_env env;
	struct outs outs;
	struct session *session;
	struct names *names;
	struct keeper keeper;
	struct trail_names trail_names;
	unsigned long shown;
	__u64 start_ns; /* CLOCK_MONOTONIC */
	struct report_live live;
	__u64 *seq; /* of the last event, by CPU */
	__u32 ncpus;
	char stages[512]; /* of the chain, for people */
	int err;	  /* of the sink, or a damaged event */
};

/* CLOCK_REALTIME - CLOCK_MONOTONIC: the narrowest of a few bracketed readings. */
static __u64 epoch_ns(void)
{
	__u64 best = ~0ULL, epoch = 0;
	struct timespec t;

	for (int i = 0; i < 16; i++) {
		__u64 a = now_ns(), b;

		clock_gettime(CLOCK_REALTIME, &t);
		b = now_ns();
		if (b - a >= best)
			continue;
		best = b - a;
		epoch = (__u64)t.tv_sec * NSEC + t.tv_nsec - (a + (b - a) / 2);
	}
	return epoch;
}

/* Events lost on this CPU since the one before: the gap in the session's numbers. */
static __u64 gap(struct capture *c, const struct ev *ev)
{
	__u32 cpu = ev->head->cpu;
	__u64 lost = 0;

	if (cpu >= c->ncpus)
		return 0;
	if (c->seq[cpu])
		lost = ev->head->seq - c->seq[cpu] - 1;
	c->seq[cpu] = ev->head->seq;
	return lost;
}

static bool enough(const struct capture *c)
{
	return c->outs.full || (c->o->count && c->shown >= c->o->count);
}

static int on_event(const void *sample, size_t len, __u32 source, void *arg)
{
	struct capture *c = arg;
	struct sink_packet p = { 0 };
	struct ev ev;

	(void)source;
	if (enough(c))
		return 1;
	c->err = ev_decode(sample, len, &ev);
	if (c->err)
		return c->err;
	p.ev = &ev;
	p.lost = gap(c, &ev);
	p.time_ns = ev.head->time_ns + c->env.epoch_ns;
	c->err = outs_packet(&c->outs, &p);
	if (c->err == OUTS_FULL)
		c->err = 0;
	else if (!c->err)
		c->shown++;
	return c->err ? c->err : enough(c);
}

static int round_of(struct capture *c, int final)
{
	long n = rings_read(session_rings(c->session), final, on_event, c);

	if (n >= 0 && !c->err)
		c->err = outs_flush(&c->outs);
	return c->err;
}

/* Twice a second: is the chain still there, and may names have changed? */
static int look_after(struct capture *c, __u64 *last, struct fail *f)
{
	__u64 now = now_ns();

	if (now - *last < CHECK_NS)
		return 0;
	*last = now;
	c->trail_names.generation++;
	return keeper_check(&c->keeper, f);
}

/* SIGUSR1. */
static void inform(struct capture *c)
{
	struct session_count n = { 0 };

	if (!c->sig->info)
		return;
	c->sig->info = 0;
	keeper_counts(&c->keeper, &n);
	report_info(c->shown, &n);
}

/* --stats */
static void live(struct capture *c)
{
	struct session_count n;
	struct ring_stats ring;

	if (!c->o->stats || now_ns() - c->live.at_ns < NSEC || keeper_counts(&c->keeper, &n))
		return;
	rings_stats(session_rings(c->session), &ring);
	report_live(&c->live, &n, &ring);
}

static bool over(const struct capture *c)
{
	return c->sig->stop || enough(c) ||
	       (c->o->duration_ns && now_ns() - c->start_ns >= c->o->duration_ns);
}

static int run(struct capture *c, struct fail *f)
{
	__u64 last = now_ns();
	int err = 0;

	c->start_ns = c->live.at_ns = last;
	while (!err && !over(c)) {
		int soon = rings_pending(session_rings(c->session));

		err = rings_wait(session_rings(c->session), soon ? SOON_MS : IDLE_MS);
		if (err < 0)
			break;
		err = round_of(c, 0);
		if (!err)
			err = look_after(c, &last, f);
		inform(c);
		live(c);
	}
	return err;
}

static void say_error(const struct capture *c, int err, const struct fail *f)
{
	if (c->err == -EBADMSG || c->err == -EPROTONOSUPPORT)
		fprintf(stderr,
			"xdpdump: %s: an event that this version cannot read: stage "
			"programs of another version?\n",
			c->o->ifname);
	else if (c->err)
		outs_error(&c->outs, c->err);
	else
		fprintf(stderr, "xdpdump: %s\n", f->text[0] ? f->text : strerror(-err));
}

static int finish(struct capture *c, int err, const struct fail *f)
{
	struct session_count n = { 0 };

	keeper_stop(&c->keeper);
	if (!c->err)
		round_of(c, 1);
	keeper_counts(&c->keeper, &n);
	if (!c->err)
		c->err = outs_end(&c->outs, &n);
	if (!err)
		err = c->err;
	if (err)
		say_error(c, err, f);
	if (c->o->count_only)
		printf("%lu packet%s\n", c->shown, c->shown == 1 ? "" : "s");
	report_end(c->shown, &n);
	return err && err != -EPIPE ? CLI_FAILED : CLI_OK;
}

/* What the kernel is to do: filters, snaplen. 0, or an error that was printed. */
static int make_spec(const struct opts *o, struct session_spec *spec, struct filter *filter)
{
	struct fail f = { 0 };
	int err = expr_compile(o, filter);

	if (err)
		return err;
	*spec = (struct session_spec){
		.snaplen = o->snaplen,
		.flags = (o->step_times ? SESSION_STEP_TIMES : 0) |
			 (o->reason ? SESSION_REASONS : 0),
		.verdicts = o->verdicts,
		.rule_count = o->rule_count,
		.sample = o->sample,
		.rate = o->rate,
		.ring_bytes = o->ring_bytes,
		.text = o->filter,
		.insns = filter->insns,
		.count = filter->count,
	};
	memcpy(spec->rules, o->rules, sizeof(spec->rules));
	err = stages_mask(o->ifname, o->stage, &spec->slots, &f);
	if (!err && o->reason)
		err = reasons_masks(o->ifname, o->reason, spec->reasons, &f);
	if (err)
		fprintf(stderr, "xdpdump: %s\n", f.text);
	return err;
}

static int counts(void *arg, struct session_count *n)
{
	return keeper_counts(arg, n);
}

static int start(struct capture *c, const struct session_spec *spec)
{
	struct fail f = { 0 };
	int err = session_open(c->o->ifname, spec, &c->session, &f);

	if (err) {
		fprintf(stderr, "xdpdump: %s\n", f.text);
		if (f.log[0])
			fprintf(stderr, "%s\n", f.log);
		return err;
	}
	c->ncpus = session_chain(c->session)->ncpus;
	stages_list(session_chain(c->session), c->stages, sizeof(c->stages));
	c->seq = calloc(c->ncpus, sizeof(*c->seq));
	c->names = names_new(session_chain(c->session));
	if (!c->seq || !c->names)
		return -ENOMEM;
	c->keeper = (struct keeper){ .session = c->session, .sock = -1 };
	names_trail(c->names, &c->keeper.names);
	keeper_names(&c->keeper, &c->trail_names);
	c->env.counts = counts;
	c->env.counts_arg = &c->keeper;
	return 0;
}

/*
 * Files are opened by who we are, and rings by who may. With -Z the files of -C and -G are the
 * user's, the first one too: what goes wrong with the second goes wrong at once.
 */
static int set_up(struct capture *c, const struct session_spec *spec)
{
	bool late = c->o->user && rotate_on(c->o);
	int err = late ? 0 : outs_open(&c->outs, &c->env);

	if (!err)
		err = start(c, spec);
	if (!err && c->o->user) {
		err = keeper_split(&c->keeper);
		if (err)
			fprintf(stderr, "xdpdump: -Z: %s\n", strerror(-err));
	}
	if (!err)
		err = drop_to(c->o->user);
	if (!err && late)
		err = outs_open(&c->outs, &c->env);
	return err;
}

int capture(const struct opts *o, struct signals *sig)
{
	struct capture c = {
		.o = o,
		.sig = sig,
		.env = { .opts = o,
			 .names = &c.trail_names,
			 .ifindex = if_nametoindex(o->ifname),
			 .snaplen = o->snaplen,
			 .epoch_ns = epoch_ns() },
		.keeper.sock = -1,
	};
	struct filter filter = { 0 };
	struct session_spec spec;
	struct fail f = { 0 };
	int status = CLI_FAILED;

	c.env.start_ns = now_ns() + c.env.epoch_ns;
	if (drop_check(o->user) || make_spec(o, &spec, &filter) || set_up(&c, &spec))
		goto out;
	report_start(o, session_chain(c.session), c.stages);
	status = finish(&c, run(&c, &f), &f);
out:
	keeper_end(&c.keeper);
	session_close(c.session);
	names_free(c.names);
	outs_close(&c.outs);
	filter_free(&filter);
	free(c.seq);
	return status;
}
