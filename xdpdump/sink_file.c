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
#include "xdpdump/sink.h"

struct file {
	struct sink sink;
	const struct format_ops *format;
	struct format_if iface;
	struct format_file file;
	struct trail_cache *cache;
	struct utsname uts;
	char os[160];
	__u64 start_ns;
	struct trail trail;
	char comment[TRAIL_MAX];
};

static __u64 wall_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (__u64)t.tv_sec * NSEC + t.tv_nsec;
}

static int file_event(struct sink *s, const struct ev *ev, __u64 lost)
{
	struct file *p = (struct file *)s;
	struct record r;
	size_t n;

	if (!out_room(&s->out))
		return -ENOSPC;
	record_event(&r, ev, 0, s->env->epoch_ns, lost);
	if (p->format->wants & FORMAT_COMMENT) {
		r.comment = p->comment;
		r.comment_len = trail_cached(p->cache, ev, s->env->names, TRAIL_COMMENT, p->comment,
					     sizeof(p->comment));
	}
	if (p->format->wants & FORMAT_TRAIL) {
		trail_make(ev, s->env->names, &p->trail);
		r.trail = &p->trail;
	}
	n = p->format->packet(&p->file, &r, out_at(&s->out), out_room(&s->out));
	if (!n)
		return -ENOSPC;
	out_end(&s->out, n);
	return 0;
}

static int file_end(struct sink *s, const struct session_count *count)
{
	struct file *p = (struct file *)s;
	struct format_stats stats = { p->start_ns, wall_ns(), *count };
	size_t n;

	if (!p->format->trailer)
		return 0;
	n = p->format->trailer(&p->file, &stats, out_at(&s->out), out_room(&s->out));
	if (!n)
		return -ENOSPC;
	out_end(&s->out, n);
	s->out.written--; /* no packet */
	return 0;
}

static void file_free(struct sink *s)
{
	struct file *p = (struct file *)s;

	trail_cache_free(p->cache);
	free(p);
}

static const struct sink_ops file_ops = { file_event, file_end, file_free };

static void describe(struct file *p, const struct sink_env *env)
{
	uname(&p->uts);
	snprintf(p->os, sizeof(p->os), "%s %s", p->uts.sysname, p->uts.release);
	p->iface = (struct format_if){ .name = env->opts->ifname,
				       .description = "XDP chain, as packets leave it",
				       .filter = env->opts->filter,
				       .ifindex = env->ifindex,
				       .linktype = 1 };
	p->file = (struct format_file){ .hardware = p->uts.machine,
					.os = p->os,
					.application = "xdpdump " VERSION,
					.ifs = &p->iface,
					.n_ifs = 1,
					.snaplen = env->opts->snaplen };
}

int sink_file(const struct sink_env *env, int fd, struct sink **out)
{
	struct file *p = calloc(1, sizeof(*p));
	size_t n;

	if (!p)
		return -ENOMEM;
	p->sink.ops = &file_ops;
	p->sink.env = env;
	p->format = env->opts->format ? format_find(env->opts->format)
				      : format_for_path(env->opts->write);
	p->cache = trail_cache_new();
	if (out_open(&p->sink.out, fd) || !p->cache) {
		sink_free(&p->sink);
		return -ENOMEM;
	}
	describe(p, env);
	p->start_ns = wall_ns();
	if (p->format->header) {
		n = p->format->header(&p->file, out_at(&p->sink.out), out_room(&p->sink.out));
		out_end(&p->sink.out, n);
		p->sink.out.written--; /* no packet */
	}
	*out = &p->sink;
	return 0;
}
