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

static const char *where(const struct outs *o, const struct sink *s)
{
	return s->out.fd == STDOUT_FILENO ? "standard output" : o->rotate.name;
}

static int open_file(const struct outs *o)
{
	int fd = STDOUT_FILENO;

	if (!to_stdout(o->env->opts))
		fd = open(o->rotate.name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	return fd < 0 ? -errno : fd;
}

static int make(struct outs *o, const struct sink_env *env)
{
	const struct opts *op = env->opts;
	int fd, err = 0;

	o->env = env;
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

/*
 * What one file of several has: what is written into it and what was lost meanwhile is known to
 * the packet; what the kernel filtered is known now, so the sums over all files are exact.
 */
static void end_counts(struct outs *o, struct session_count *n)
{
	struct session_count now = { 0 };

	if (o->env->counts && !o->env->counts(o->env->counts_arg, &now))
		o->file.filtered = now.filtered - o->ended.filtered;
	*n = o->file;
	n->offered = n->captured + n->filtered + n->lost;
	o->ended.offered += n->offered;
	o->ended.filtered += n->filtered;
	o->ended.captured += n->captured;
	o->ended.lost += n->lost;
	o->file = (struct session_count){ 0 };
}

/* The file is whole before the next one is opened; @ended is its name. */
static int next_file(struct outs *o, const char *ended)
{
	struct session_count n;
	int fd, err;

	o->failed = o->sinks[0];
	end_counts(o, &n);
	err = sink_end(o->sinks[0], &n);
	if (err)
		return err;
	fd = open_file(o);
	if (fd < 0) {
		o->sinks[0]->out.written = 0;
		return fd;
	}
	err = sink_next(o->sinks[0], fd);
	return err ? err : rotate_command(o->env->opts, ended);
}

static int look_at_file(struct outs *o, const struct sink_packet *p)
{
	const struct out *out = &o->sinks[0]->out;
	char ended[PATH_MAX];
	int err;

	memcpy(ended, o->rotate.name, sizeof(ended));
	switch (rotate_due(&o->rotate, p->time_ns, out->offset + out->len)) {
	case ROTATE_NO:
		return 0;
	case ROTATE_END:
		o->full = true;
		return OUTS_FULL;
	case ROTATE_NEXT:
		break;
	}
	err = next_file(o, ended);
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
	o->file.captured++;
	o->file.lost += p->lost;
	return each(o, packet, p);
}

int outs_flush(struct outs *o)
{
	return each(o, flush, NULL);
}

int outs_end(struct outs *o, const struct session_count *n)
{
	const struct session_count left = {
		.offered = n->offered - o->ended.offered,
		.filtered = n->filtered - o->ended.filtered,
		.captured = n->captured - o->ended.captured,
		.lost = n->lost - o->ended.lost,
	};
	int err = each(o, end, &left);

	if (err || !o->full)
		return err;
	fprintf(stderr, "Maximum file limit reached: %u\n", o->env->opts->file_count);
	return rotate_command(o->env->opts, o->rotate.name);
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
}
