// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "lib/cli.h"
#include "lib/util.h"
#include "xdpdump/drop.h"
#include "xdpdump/expr.h"
#include "xdpdump/outs.h"
#include "xdpdump/reasons.h"
#include "xdpdump/stages.h"

#define LINKTYPE_ETHERNET 1
#define LINKTYPE_MASK	  0xffff /* of a classic pcap; above it is the length of an FCS */
#define SHOW_US		  50000	 /* from a pipe: what was read is shown within this */

struct reading {
	const struct opts *o;
	struct signals *sig;
	struct sink_env env;
	struct outs outs;
	struct filer filer;
	struct capfile *file;
	struct filter filter;
	unsigned long shown;
	__u32 foreign_type;	      /* link type of the first packet that is not Ethernet */
	unsigned long foreign;	      /* how many */
	char trigger[RECORD_TRIGGER]; /* of a packet that was not wanted, for the next that is */
	bool opened;		      /* the output */
	int err;		      /* of it */
};

static const char *name(const struct reading *r)
{
	return strcmp(r->o->read, "-") ? r->o->read : "standard input";
}

/* A verdict of 0 is one too: a packet without any is none that was asked for. */
static bool verdict_wanted(const struct opts *o, const struct record *rec)
{
	if (!o->verdicts)
		return true;
	if (rec->trail)
		return rec->trail->verdict < 32 && o->verdicts & 1u << rec->trail->verdict;
	return rec->have & RECORD_VERDICT && rec->verdict < 32 && o->verdicts & 1u << rec->verdict;
}

static bool wanted(struct reading *r, const struct record *rec, const struct capfile_if *from)
{
	if ((from->linktype & LINKTYPE_MASK) != LINKTYPE_ETHERNET) {
		if (!r->foreign++)
			r->foreign_type = from->linktype & LINKTYPE_MASK;
		return false;
	}
	if ((r->o->reason || r->o->rule_count) && !(rec->trail && reasons_said(r->o, rec->trail)))
		return false;
	if (r->o->points && !(rec->trail && r->o->points & 1u << rec->trail->point))
		return false;
	return verdict_wanted(r->o, rec) &&
	       (!r->o->stage || (rec->trail && stages_said(r->o->stage, rec->trail))) &&
	       filter_match(&r->filter, rec->data, rec->cap_len, rec->len);
}

static int one(struct reading *r, const struct record *rec)
{
	struct sink_packet p = {
		.record = rec,
		.from = capfile_if(r->file, rec->iface),
		.time_ns = rec->time_ns,
	};
	int err;

	if (rec->trigger)
		snprintf(r->trigger, sizeof(r->trigger), "%.*s", rec->trigger_len, rec->trigger);
	if (!wanted(r, rec, p.from))
		return 0;
	if (r->trigger[0])
		p.trigger = r->trigger;
	err = outs_packet(&r->outs, &p);
	r->trigger[0] = 0;
	r->shown += !err;
	return err < 0 ? err : 0;
}

/* 1 a packet, 0 the end or a signal, or what capfile_next() says. */
static int next(struct reading *r, struct record *rec)
{
	int got = -EINTR;

	while (got == -EINTR && !r->err && !r->sig->stop) {
		got = capfile_next(r->file, rec);
		if (got == -EINTR)
			r->err = outs_flush(&r->outs);
	}
	return got == -EINTR ? 0 : got;
}

static bool over(const struct reading *r)
{
	return r->err || r->outs.full || r->sig->stop || (r->o->count && r->shown >= r->o->count);
}

/* To the end of the file: 0 or what capfile_next() says. An error of the output is in r->err. */
static int all(struct reading *r)
{
	struct record rec;
	int got = next(r, &rec);

	if (got == 1)
		r->env.start_ns = rec.time_ns; /* by which -G names the first file */
	r->opened = !outs_open(&r->outs, &r->env);
	while (r->opened && got == 1) {
		r->err = one(r, &rec);
		if (over(r))
			return 0;
		got = next(r, &rec);
	}
	return got < 0 ? got : 0;
}

/* A read that waits is woken up now and then, so that what came before it is shown. */
static void wake(int fd)
{
	const struct itimerval soon = { { 0, SHOW_US }, { 0, SHOW_US } };
	struct stat st;

	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		setitimer(ITIMER_REAL, &soon, NULL);
}

static void say_damage(const struct reading *r, int err)
{
	const char *why = capfile_why(r->file);

	fprintf(stderr, "xdpdump: %s: at offset %llu: %s%s%s\n", name(r), capfile_offset(r->file),
		why ? why : strerror(-err), err == -EBADMSG ? "" : ": ",
		err == -EBADMSG ? "" : strerror(-err));
}

static int finish(struct reading *r, int err)
{
	if (!r->opened)
		return r->sig->stop ? CLI_OK : CLI_FAILED;
	if (!r->err)
		r->err = outs_end(&r->outs, NULL);
	if (r->err)
		outs_error(&r->outs, r->err);
	if (err)
		say_damage(r, err);
	if (r->foreign)
		fprintf(stderr, "xdpdump: %s: %lu packets left out: link type %u is not Ethernet\n",
			name(r), r->foreign, r->foreign_type);
	if (r->o->count_only)
		printf("%lu packet%s\n", r->shown, r->shown == 1 ? "" : "s");
	return err || r->foreign || (r->err && r->err != -EPIPE) ? CLI_FAILED : CLI_OK;
}

static int open_input(const struct opts *o)
{
	int fd = strcmp(o->read, "-") ? open(o->read, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

	if (fd < 0)
		fprintf(stderr, "xdpdump: %s: %s\n", o->read, strerror(errno));
	return fd;
}

static int open_file(struct reading *r, int fd)
{
	struct fail f = { 0 };
	int err = capfile_open(fd, 0, &r->file, &f);

	if (err)
		fprintf(stderr, "xdpdump: %s: %s\n", name(r), f.text);
	else
		fprintf(stderr, "reading from file %s (%s)\n", name(r), capfile_format(r->file));
	r->env.file = r->file;
	return err;
}

/* The input is opened by who we are, files that are written by the filer. */
static int set_up(struct reading *r, int fd)
{
	int err = expr_compile(r->o, &r->filter);

	if (!err && filer_wanted(r->o)) {
		err = filer_start(&r->filer, r->o, r->sig);
		r->env.filer = &r->filer;
	}
	if (err)
		return err;
	wake(fd);
	err = drop_all(r->o->user);
	return err ? err : open_file(r, fd);
}

int read_file(const struct opts *o, struct signals *sig)
{
	struct reading r = {
		.o = o, .sig = sig, .env = { .opts = o, .sig = sig }, .filer.sock = -1
	};
	int fd = open_input(o), status = CLI_FAILED;

	if (fd < 0)
		return CLI_FAILED;
	if (!set_up(&r, fd))
		status = finish(&r, all(&r));
	filer_end(&r.filer);
	outs_close(&r.outs);
	capfile_close(r.file);
	filter_free(&r.filter);
	if (fd > STDERR_FILENO)
		close(fd);
	return status;
}
