// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/outs.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool to_stdout(const struct opts *o)
{
	return !o->write || !strcmp(o->write, "-");
}

static const char *where(const struct outs *o, const struct sink *s)
{
	return s->out.fd == STDOUT_FILENO ? "standard output" : o->rotate.name;
}

/* One that waits for the reader of a fifo, until a signal says that nobody wants it any more. */
static bool may_wait(void *arg)
{
	const struct signals *sig = arg;

	poll(NULL, 0, FILER_READER_MS);
	return !sig->stop;
}

static int open_file(const struct outs *o)
{
	if (to_stdout(o->env->opts))
		return STDOUT_FILENO;
	if (o->env->filer)
		return filer_open(o->env->filer, &o->rotate);
	return filer_create(o->rotate.name, may_wait, (void *)o->env->sig);
}

static int make(struct outs *o, const struct sink_env *env)
{
	const struct opts *op = env->opts;
	int fd, err = 0;

	o->env = env;
	o->n_ifs = env->n_ifs ? env->n_ifs : 1;
	o->ended = calloc(2 * o->n_ifs, sizeof(*o->ended));
	if (!o->ended)
		return -ENOMEM;
	o->file = o->ended + o->n_ifs;
	if (op->write)
		err = rotate_start(&o->rotate, op, env->start_ns);
	if (!err && (op->write || op->format)) {
		fd = open_file(o);
		err = fd < 0 ? fd : sink_file(env, fd, &o->sinks[o->n]);
		o->n += !err;
	}
	if (!err && (op->print_too || !(op->write || op->format || op->count_only))) {
		err = sink_text(env, STDOUT_FILENO, &o->sinks[o->n]);
		o->n += !err;
	}
	return err;
}

int outs_open(struct outs *o, const struct sink_env *env)
{
	int err = make(o, env);

	if (err && err != -EINTR)
		fprintf(stderr, "xdpdump: %s: %s\n",
			to_stdout(env->opts) ? "output" : env->opts->write, strerror(-err));
	if (!err && !env->file)
		err = outs_flush(o); /* the header, at once */
	if (err && o->failed)
		outs_error(o, err);
	return err;
}

static int each(struct outs *o, int (*fn)(struct sink *s, const void *arg), const void *arg)
{
	int err = 0;

	for (unsigned int i = 0; !err && i < o->n; i++) {
		err = fn(o->sinks[i], arg);
		if (err)
			o->failed = o->sinks[i];
	}
	return err;
}

static int packet(struct sink *s, const void *arg)
{
	return sink_packet(s, arg);
}

static int flush(struct sink *s, const void *arg)
{
	(void)arg;
	return out_flush(&s->out);
}

static int end(struct sink *s, const void *arg)
{
	return sink_end(s, arg);
}

/*
 * What one file of several has: what is written into it and what was lost meanwhile is known to
 * the packet; what the kernel filtered is known now, so the sums over all files are exact.
 */
static int end_counts(struct outs *o, struct session_count *n)
{
	struct session_count *now = calloc(o->n_ifs, sizeof(*now));
	bool known = now && o->env->counts && !o->env->counts(o->env->counts_arg, now);

	for (__u32 i = 0; now && i < o->n_ifs; i++) {
		if (known)
			o->file[i].filtered = now[i].filtered - o->ended[i].filtered;
		n[i] = o->file[i];
		n[i].offered = n[i].captured + n[i].filtered + n[i].lost;
		o->ended[i].offered += n[i].offered;
		o->ended[i].filtered += n[i].filtered;
		o->ended[i].captured += n[i].captured;
		o->ended[i].lost += n[i].lost;
		o->file[i] = (struct session_count){ 0 };
	}
	free(now);
	return now ? 0 : -ENOMEM;
}

static int end_file(struct outs *o)
{
	struct session_count *n = calloc(o->n_ifs, sizeof(*n));
	int err = n ? end_counts(o, n) : -ENOMEM;

	if (!err)
		err = sink_end(o->sinks[0], n);
	free(n);
	return err;
}

/* The file is whole before the next one is opened; @ended is it. */
static int next_file(struct outs *o, const struct rotate *ended)
{
	int fd, err;

	o->failed = o->sinks[0];
	err = end_file(o);
	if (err) {
		o->rotate = *ended; /* it is that one */
		return err;
	}
	fd = open_file(o);
	if (fd < 0) {
		o->sinks[0]->out.written = 0;
		return fd;
	}
	err = sink_next(o->sinks[0], fd);
	return err ? err : filer_run(o->env->filer, ended);
}

static int look_at_file(struct outs *o, const struct sink_packet *p)
{
	const struct out *out = &o->sinks[0]->out;
	struct rotate before;
	int err;

	if (!rotate_is_due(&o->rotate, p->time_ns, out->offset + out->len))
		return 0;
	before = o->rotate;
	if (rotate_next(&o->rotate, p->time_ns) == ROTATE_END) {
		o->full = true;
		o->rotate = before; /* it stays at the last file */
		return OUTS_FULL;
	}
	err = next_file(o, &before);
	if (!err)
		o->failed = NULL;
	return err;
}

int outs_packet(struct outs *o, const struct sink_packet *p)
{
	int err = 0;

	if (rotate_on(o->env->opts))
		err = look_at_file(o, p);
	if (err)
		return err;
	err = each(o, packet, p);
	if (err)
		return err;
	o->file[p->iface].captured++;
	o->file[p->iface].lost += p->lost;
	return 0;
}

int outs_flush(struct outs *o)
{
	return each(o, flush, NULL);
}

/* What is left of @n for the last file: all, where there was but one. */
static int end_last(struct outs *o, const struct session_count *n)
{
	struct session_count *left = calloc(o->n_ifs, sizeof(*left));
	int err;

	if (!left)
		return -ENOMEM;
	for (__u32 i = 0; n && i < o->n_ifs; i++) {
		left[i].offered = n[i].offered - o->ended[i].offered;
		left[i].filtered = n[i].filtered - o->ended[i].filtered;
		left[i].captured = n[i].captured - o->ended[i].captured;
		if (o->env->opts->recorder) /* it has more than it writes */
			left[i].captured = o->file[i].captured;
		left[i].lost = n[i].lost - o->ended[i].lost;
	}
	err = each(o, end, left);
	free(left);
	return err;
}

static int reader(struct sink *s, const void *arg)
{
	struct pollfd p = { .fd = s->out.fd };

	(void)arg;
	return poll(&p, 1, 0) > 0 && p.revents & POLLERR ? -EPIPE : 0;
}

int outs_check(struct outs *o)
{
	return each(o, reader, NULL);
}

int outs_end(struct outs *o, const struct session_count *n)
{
	int err = end_last(o, n);

	if (err || !o->full)
		return err;
	fprintf(stderr, "Maximum file limit reached: %u\n", o->env->opts->file_count);
	return filer_run(o->env->filer, &o->rotate);
}

__u64 outs_failed(const struct outs *o)
{
	__u64 taken = 0;

	for (__u32 i = 0; o->failed && i < o->n_ifs; i++)
		taken += o->file[i].captured;
	return o->failed && taken > o->failed->out.written ? taken - o->failed->out.written : 0;
}

size_t outs_most(const struct outs *o)
{
	size_t most = 0;

	for (unsigned int i = 0; i < o->n; i++)
		most += sink_most(o->sinks[i]);
	return most;
}

void outs_error(const struct outs *o, int err)
{
	if (err == -EPIPE)
		return; /* the reader has seen what it wanted */
	if (o->failed)
		fprintf(stderr, "xdpdump: %s: %s, %llu packets are in it\n", where(o, o->failed),
			strerror(-err), o->failed->out.written);
	else
		fprintf(stderr, "xdpdump: output: %s\n", strerror(-err));
}

void outs_close(struct outs *o)
{
	for (unsigned int i = 0; i < o->n; i++)
		sink_free(o->sinks[i]);
	o->n = 0;
	free(o->ended);
	o->ended = NULL;
}
