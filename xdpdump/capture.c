// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/capture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/chain.h"
#include "lib/cli.h"
#include "lib/filter.h"
#include "lib/names.h"
#include "lib/ring.h"
#include "lib/session.h"
#include "lib/util.h"
#include "xdpdump/sink.h"
#include "xdpdump/stages.h"

#define CHECK_NS (500 * 1000000ULL) /* how often the chain is looked after */
#define IDLE_MS	 20		    /* a packet is shown within this and the ring's 2 ms */
#define SOON_MS	 2

struct capture {
	const struct opts *o;
	struct sink_env env;
	struct sink *sink;
	struct session *session;
	struct names *names;
	struct trail_names trail_names;
	unsigned long shown;
	__u64 *seq; /* of the last event, by CPU */
	__u32 ncpus;
	int err; /* of the sink, or a damaged event */
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

static int on_event(const void *sample, size_t len, void *arg)
{
	struct capture *c = arg;
	struct ev ev;

	if (c->o->count && c->shown >= c->o->count)
		return 1;
	c->err = ev_decode(sample, len, &ev);
	if (!c->err)
		c->err = sink_event(c->sink, &ev, gap(c, &ev));
	if (c->err)
		return c->err;
	c->shown++;
	return c->o->count && c->shown >= c->o->count;
}

static int round_of(struct capture *c, int final)
{
	long n = rings_read(session_rings(c->session), final, on_event, c);

	if (n >= 0 && !c->err)
		c->err = out_flush(&c->sink->out);
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
	return session_check(c->session, f);
}

static int run(struct capture *c, const volatile sig_atomic_t *stop, struct fail *f)
{
	__u64 last = now_ns();
	int err = 0;

	while (!err && !*stop && !(c->o->count && c->shown >= c->o->count)) {
		int soon = rings_pending(session_rings(c->session));

		err = rings_wait(session_rings(c->session), soon ? SOON_MS : IDLE_MS);
		if (err < 0)
			break;
		err = round_of(c, 0);
		if (!err)
			err = look_after(c, &last, f);
	}
	return err;
}

static void say_start(const struct capture *c)
{
	char stages[512];

	stages_list(session_chain(c->session), stages, sizeof(stages));
	fprintf(stderr, "xdpdump: listening on %s (%s XDP: %s), snapshot length %u bytes\n",
		c->o->ifname, session_chain(c->session)->info.generic ? "generic" : "native",
		stages, c->o->snaplen);
}

/* tcpdump's three lines, and where every packet went. */
static void say_end(const struct capture *c, const struct session_count *n)
{
	const char *s = c->shown == 1 ? "" : "s";

	fprintf(stderr, "%lu packet%s captured\n", c->shown, s);
	fprintf(stderr, "%llu packet%s received by filter\n", n->captured + n->lost,
		n->captured + n->lost == 1 ? "" : "s");
	fprintf(stderr, "%llu packet%s dropped by kernel\n", n->lost, n->lost == 1 ? "" : "s");
	fprintf(stderr, "%llu offered = %llu captured + %llu filtered + %llu lost\n", n->offered,
		n->captured, n->filtered, n->lost);
}

static void say_error(const struct capture *c, int err, const struct fail *f)
{
	const char *where = c->o->write ? c->o->write : "standard output";

	if (err == -EPIPE)
		return; /* the reader has seen what it wanted */
	if (c->err == -EBADMSG || c->err == -EPROTONOSUPPORT)
		fprintf(stderr,
			"xdpdump: %s: an event that this version cannot read: stage "
			"programs of another version?\n",
			c->o->ifname);
	else if (c->err)
		fprintf(stderr, "xdpdump: %s: %s, %llu packets are in it\n", where,
			strerror(-c->err), c->sink->out.written);
	else
		fprintf(stderr, "xdpdump: %s\n", f->text[0] ? f->text : strerror(-err));
}

static int finish(struct capture *c, int err, const struct fail *f)
{
	struct session_count n = { 0 };

	session_stop(c->session);
	if (!c->err)
		round_of(c, 1);
	session_counts(c->session, &n);
	if (!c->err)
		c->err = sink_end(c->sink, &n);
	if (!err)
		err = c->err;
	if (err)
		say_error(c, err, f);
	say_end(c, &n);
	return err && err != -EPIPE ? CLI_FAILED : CLI_OK;
}

static int open_sink(struct capture *c)
{
	int fd = STDOUT_FILENO, err;

	if (c->o->write && strcmp(c->o->write, "-")) {
		fd = open(c->o->write, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
		if (fd < 0) {
			fprintf(stderr, "xdpdump: %s: %s\n", c->o->write, strerror(errno));
			return -errno;
		}
	}
	if (c->o->write || c->o->format)
		err = sink_file(&c->env, fd, &c->sink);
	else
		err = sink_text(&c->env, fd, &c->sink);
	if (!err)
		err = c->err = out_flush(&c->sink->out); /* the header, at once */
	if (err)
		fprintf(stderr, "xdpdump: %s: %s\n", c->o->write ? c->o->write : "output",
			strerror(-err));
	return err;
}

/* What the kernel is to do: filters, snaplen. 0, or an error that was printed. */
static int make_spec(const struct opts *o, struct session_spec *spec, struct filter *filter)
{
	struct filter_spec expr = { .text = o->filter, .netmask = FILTER_NETMASK_UNKNOWN };
	struct fail f = { 0 };
	int err;

	*spec = (struct session_spec){
		.snaplen = o->snaplen,
		.flags = o->step_times ? SESSION_STEP_TIMES : 0,
		.verdicts = o->verdicts,
		.ring_bytes = o->ring_bytes,
		.text = o->filter,
	};
	err = o->filter ? filter_compile(&expr, filter, &f) : 0;
	if (!err)
		err = stages_mask(o->ifname, o->stage, &spec->slots, &f);
	if (err) {
		fprintf(stderr, "xdpdump: %s\n", f.text);
		return err;
	}
	if (filter->unoptimized)
		fprintf(stderr, "xdpdump: libpcap's optimizer gave up on this filter: it is right, "
				"but slower\n");
	spec->insns = filter->insns;
	spec->count = filter->count;
	return 0;
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
	c->env.ifindex = session_chain(c->session)->info.ifindex;
	c->seq = calloc(c->ncpus, sizeof(*c->seq));
	c->names = names_new(session_chain(c->session));
	if (!c->seq || !c->names)
		return -ENOMEM;
	names_trail(c->names, &c->trail_names);
	return 0;
}

int capture(const struct opts *o, const volatile sig_atomic_t *stop)
{
	struct capture c = { .o = o, .env = { .opts = o, .epoch_ns = epoch_ns() } };
	struct filter filter = { 0 };
	struct session_spec spec;
	struct fail f = { 0 };
	int status = CLI_FAILED;

	c.env.names = &c.trail_names;
	if (make_spec(o, &spec, &filter) || open_sink(&c) || start(&c, &spec))
		goto out;
	say_start(&c);
	status = finish(&c, run(&c, stop, &f), &f);
out:
	session_close(c.session);
	names_free(c.names);
	sink_free(c.sink);
	filter_free(&filter);
	free(c.seq);
	return status;
}
