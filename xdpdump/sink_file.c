// SPDX-License-Identifier: GPL-2.0
/* sink_file - pcapng, classic pcap, JSON: whatever lib/format.h has. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "lib/format.h"
#include "lib/util.h"
#include "xdpdump/ifaces.h"
#include "xdpdump/sink.h"

#define SNAPLEN_ANY	  262144 /* where the file that is read names none */
#define HEADER_MAX	  2048	 /* bytes; no interface takes more */
#define IFS_FIRST	  64	 /* interfaces of a file that are named at once */
#define LINKTYPE_ETHERNET 1

struct file {
	struct sink sink;
	const struct format_ops *format;
	struct ifaces ifs;
	struct format_file file;
	struct trail_cache *cache;
	struct utsname uts;
	char os[160];
	__u64 start_ns;
	bool begun; /* the header is written */
	bool split; /* this is not the only file: counters of the one that is read are no use */
	struct trail trail;
};

static __u64 wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (__u64)t.tv_sec * NSEC + t.tv_nsec;
}

/* What is put into the buffer that is no packet. */
static int put_other(struct file *p, size_t n)
{
	if (!n)
		return -ENOSPC;
	out_other(&p->sink.out, n);
	return 0;
}

static int begin(struct file *p)
{
	struct out *o = &p->sink.out;

	p->begun = true;
	p->file.ifs = p->ifs.v;
	p->file.n_ifs = p->ifs.n;
	if (!p->format->header)
		return 0;
	return put_other(p, p->format->header(&p->file, out_at(o), out_room(o)));
}

/* What the kernel says, in the words of a file. */
static void from_event(struct file *p, const struct sink_packet *in, struct record *r)
{
	const struct sink_env *env = p->sink.env;

	record_event(r, in->ev, in->iface, env->epoch_ns, in->lost);
	if (p->format->wants & FORMAT_COMMENT) {
		r->comment_len =
			trail_cached(p->cache, in->ev, in->names, TRAIL_COMMENT, &r->comment);
		if (!r->comment_len)
			r->comment = NULL;
	}
	if (p->format->wants & FORMAT_TRAIL && !(in->ev->head->flags & EVENT_NO_VERDICT)) {
		trail_make(in->ev, in->names, &p->trail);
		r->trail = &p->trail;
	}
}

/* The header waits for the first interface: it says how long packets may be. */
static int new_iface(struct file *p, const struct sink_packet *in)
{
	struct out *o = &p->sink.out;
	int i, err = 0;

	if (out_room(o) < HEADER_MAX)
		return -ENOSPC;
	i = ifaces_add(&p->ifs, in->record->iface, in->from);
	if (i < 0)
		return i;
	p->file.ifs = p->ifs.v;
	p->file.n_ifs = p->ifs.n;
	if (p->begun && p->format->iface)
		err = put_other(p, p->format->iface(&p->file, i, out_at(o), out_room(o)));
	return err ? err : i;
}

/*
 * Interfaces that the file has named before its first packet are named before it in ours too:
 * whoever reads it knows from the start whether there are several.
 */
static int first_ifaces(struct file *p)
{
	__u32 n = capfile_ifs(p->sink.env->file);
	int err = 0;

	for (__u32 i = 0; err >= 0 && i < n && i < IFS_FIRST; i++) {
		const struct capfile_if *from = capfile_if(p->sink.env->file, i);

		if (from->linktype == LINKTYPE_ETHERNET)
			err = ifaces_add(&p->ifs, i, from);
	}
	return err < 0 ? err : 0;
}

static int from_record(struct file *p, const struct sink_packet *in, struct record *r)
{
	int err = p->ifs.n ? 0 : first_ifaces(p);
	int i = err ? err : ifaces_find(&p->ifs, in->record->iface, in->from);

	if (i == -ENOENT)
		i = new_iface(p, in);
	if (i < 0)
		return i;
	if (!p->begun) {
		p->file.snaplen = in->from->snaplen ? in->from->snaplen : SNAPLEN_ANY;
		err = begin(p);
	}
	*r = *in->record;
	r->iface = i;
	return err;
}

static int file_packet(struct sink *s, const struct sink_packet *in)
{
	struct file *p = (struct file *)s;
	struct record r;
	size_t n;
	int err = 0;

	if (!out_room(&s->out))
		return -ENOSPC;
	if (in->ev)
		from_event(p, in, &r);
	else
		err = from_record(p, in, &r);
	if (err)
		return err;
	r.trigger = in->trigger;
	r.trigger_len = in->trigger ? strlen(in->trigger) : 0;
	n = p->format->packet(&p->file, &r, out_at(&s->out), out_room(&s->out));
	if (!n)
		return -ENOSPC;
	out_end(&s->out, n);
	if (in->record)
		ifaces_count(&p->ifs, r.iface, &r);
	return 0;
}

/* Of a capture the kernel has the counts; of a file each interface has its own. */
static int file_end(struct sink *s, const struct session_count *count)
{
	struct file *p = (struct file *)s;
	struct format_stats *stats;
	int err = p->begun ? 0 : begin(p);

	if (err || !p->format->trailer || !p->file.n_ifs)
		return err;
	stats = calloc(p->file.n_ifs, sizeof(*stats));
	if (!stats)
		return -ENOMEM;
	for (__u32 i = 0; i < p->file.n_ifs; i++) {
		stats[i] = (struct format_stats){ p->start_ns, wall_ns(), { 0 } };
		if (s->env->file)
			ifaces_stats(&p->ifs, i, p->split ? NULL : s->env->file, &stats[i]);
		else
			stats[i].count = count[i];
	}
	err = put_other(p, p->format->trailer(&p->file, stats, out_at(&s->out), out_room(&s->out)));
	free(stats);
	return err;
}

/* Of a file that is read, the header comes with the first packet. */
static int file_again(struct sink *s)
{
	struct file *p = (struct file *)s;

	p->start_ns = wall_ns();
	p->begun = false;
	p->split = true;
	for (__u32 i = 0; i < p->ifs.n; i++)
		p->ifs.of[i]->packets = p->ifs.of[i]->lost = 0;
	return s->env->file ? 0 : begin(p);
}

static void file_free(struct sink *s)
{
	struct file *p = (struct file *)s;

	trail_cache_free(p->cache);
	ifaces_free(&p->ifs);
	free(p);
}

static const struct sink_ops file_ops = { file_packet, file_end, file_again, file_free };

static void describe(struct file *p, const struct sink_env *env)
{
	uname(&p->uts);
	snprintf(p->os, sizeof(p->os), "%s %s", p->uts.sysname, p->uts.release);
	p->file = (struct format_file){ .hardware = p->uts.machine,
					.os = p->os,
					.application = "xdpdump " VERSION,
					.snaplen = env->snaplen ? env->snaplen : SNAPLEN_ANY };
}

/* The interfaces of a live capture are known before the first packet. */
static int live(struct file *p, const struct sink_env *env)
{
	for (__u32 i = 0; i < env->n_ifs; i++) {
		if (ifaces_add(&p->ifs, i, NULL) < 0)
			return -ENOMEM;
		p->ifs.v[i] = env->ifs[i].file;
	}
	return begin(p);
}

int sink_file(const struct sink_env *env, int fd, struct sink **out)
{
	struct file *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->sink.ops = &file_ops;
	p->sink.env = env;
	p->format = env->opts->format ? format_find(env->opts->format)
				      : format_for_path(env->opts->write);
	p->cache = trail_cache_new();
	p->sink.most = sizeof(*p) + trail_cache_most();
	p->start_ns = wall_ns();
	describe(p, env);
	err = out_open(&p->sink.out, fd, sink_buffer(env));
	if (!err)
		err = p->cache ? 0 : -ENOMEM;
	if (!err && !env->file)
		err = live(p, env);
	if (err) {
		sink_free(&p->sink);
		return err;
	}
	*out = &p->sink;
	return 0;
}
