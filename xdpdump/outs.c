// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/outs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool to_stdout(const struct opts *o)
{
	return !o->write || !strcmp(o->write, "-");
}

static const char *where(const struct sink *s)
{
	return s->out.fd == STDOUT_FILENO ? "standard output" : s->env->opts->write;
}

static int open_file(const struct opts *o)
{
	int fd = STDOUT_FILENO;

	if (!to_stdout(o))
		fd = open(o->write, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : fd;
}

static int make(struct outs *o, const struct sink_env *env)
{
	const struct opts *op = env->opts;
	int fd, err = 0;

	if (op->write || op->format) {
		fd = open_file(op);
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

	if (err)
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

int outs_packet(struct outs *o, const struct sink_packet *p)
{
	return each(o, packet, p);
}

int outs_flush(struct outs *o)
{
	return each(o, flush, NULL);
}

int outs_end(struct outs *o, const struct session_count *n)
{
	return each(o, end, n);
}

void outs_error(const struct outs *o, int err)
{
	if (err == -EPIPE)
		return; /* the reader has seen what it wanted */
	if (o->failed)
		fprintf(stderr, "xdpdump: %s: %s, %llu packets are in it\n", where(o->failed),
			strerror(-err), o->failed->out.written);
	else
		fprintf(stderr, "xdpdump: output: %s\n", strerror(-err));
}

void outs_close(struct outs *o)
{
	for (unsigned int i = 0; i < o->n; i++)
		sink_free(o->sinks[i]);
	o->n = 0;
}
