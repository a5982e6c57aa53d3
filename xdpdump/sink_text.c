// SPDX-License-Identifier: GPL-2.0
/* sink_text - tcpdump's line, and the trail behind it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/print.h"
#include "xdpdump/color.h"
#include "xdpdump/sink.h"

#define PREFIX	     96 /* bytes: an interface and a point, with a NUL */
#define TRIGGER_LINE (RECORD_TRIGGER + 32)

struct text {
	struct sink sink;
	struct print *print;
	struct trail_cache *cache;
	enum trail_form form;
	bool color;
	char (*prefixes)[PREFIX]; /* of env->ifs */
	char prefix[PREFIX];	  /* of a packet from a file */
	char trail[TRAIL_MAX + 1];
	char painted[2 * TRAIL_MAX];
};

/* Of a file that somebody else wrote there may be a verdict, and no trail. */
static size_t record_trail(struct text *t, const struct record *r)
{
	const char *verdict = r->have & RECORD_VERDICT && r->verdict < 256
				      ? trail_verdict_name(r->verdict)
				      : NULL;

	if (r->trail)
		return trail_format(r->trail, t->form, t->trail, TRAIL_MAX);
	return verdict ? sprintf(t->trail, " | %s", verdict) : 0;
}

static void set_trail(struct text *t, const struct sink_packet *p)
{
	const char *text;
	size_t n;

	if (p->ev) {
		n = trail_cached(t->cache, p->ev, p->names, t->form, &text);
		memcpy(t->trail, text, n);
	} else {
		n = record_trail(t, p->record);
	}
	t->trail[n] = 0;
	if (t->color)
		color_trail(t->trail, t->painted, sizeof(t->painted));
}

/* As tcpdump -i any does. */
static void make_prefix(char out[PREFIX], const char *name, const char *mark)
{
	size_t n = name ? snprintf(out, PREFIX, "%-5s ", name) : 0;

	out[n] = 0;
	if (mark && n < PREFIX)
		snprintf(out + n, PREFIX - n, "%-3s ", mark);
}

/* A file of ours that has several interfaces is shown as it would have been live. */
static const char *record_prefix(struct text *t, const struct sink_packet *p)
{
	const struct record *r = p->record;
	__u32 n = capfile_ifs(t->sink.env->file);
	const struct capfile_if *first = capfile_if(t->sink.env->file, 0), *i;
	bool names = false, both = false;

	if (!r->trail || n < 2)
		return NULL;
	for (__u32 k = 1; k < n; k++) {
		i = capfile_if(t->sink.env->file, k);
		names |= strcmp(i->name, first->name) != 0;
		both |= !strcmp(i->name, first->name);
	}
	make_prefix(t->prefix, names ? p->from->name : NULL,
		    !both			     ? NULL
		    : r->trail->point == EVENT_ENTRY ? "In"
						     : "Out");
	return t->prefix;
}

static int text_packet(struct sink *s, const struct sink_packet *p)
{
	struct text *t = (struct text *)s;
	struct print_pkt pkt = {
		.data = p->ev ? p->ev->data : p->record->data,
		.cap_len = p->ev ? p->ev->head->cap_len : p->record->cap_len,
		.len = p->ev ? p->ev->head->len : p->record->len,
		.time_ns = p->time_ns,
		.prefix = p->ev ? t->prefixes[p->iface] : record_prefix(t, p),
		.suffix = t->color ? t->painted : t->trail,
	};
	size_t n = 0;

	if (out_room(&s->out) < PRINT_SIZE(pkt.cap_len) + sizeof(t->painted) + TRIGGER_LINE &&
	    s->out.len)
		return -ENOSPC;
	set_trail(t, p);
	if (p->trigger)
		n = snprintf(out_at(&s->out), TRIGGER_LINE, "-- trigger %.*s\n", RECORD_TRIGGER - 1,
			     p->trigger);
	n += print_packet(t->print, &pkt, out_at(&s->out) + n, out_room(&s->out) - n - 1);
	out_at(&s->out)[n++] = '\n';
	out_end(&s->out, n);
	return 0;
}

static void text_free(struct sink *s)
{
	struct text *t = (struct text *)s;

	print_free(t->print);
	trail_cache_free(t->cache);
	free(t->prefixes);
	free(t);
}

static const struct sink_ops text_ops = { text_packet, NULL, NULL, text_free };

int sink_text(const struct sink_env *env, int fd, struct sink **out)
{
	struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->sink.ops = &text_ops;
	t->sink.env = env;
	t->form = env->opts->print.verbose ? TRAIL_TEXT_ALL : TRAIL_TEXT;
	t->color = color_wanted(env->opts, fd);
	t->print = print_new(&env->opts->print);
	t->cache = trail_cache_new();
	t->sink.most = sizeof(*t) + trail_cache_most() + (t->print ? print_most(t->print) : 0);
	t->prefixes = calloc(env->n_ifs + 1, sizeof(*t->prefixes));
	if (out_open(&t->sink.out, fd, sink_buffer(env)) || !t->print || !t->cache ||
	    !t->prefixes) {
		sink_free(&t->sink);
		return -ENOMEM;
	}
	for (__u32 i = 0; i < env->n_ifs; i++)
		make_prefix(t->prefixes[i], env->ifs[i].shown, env->ifs[i].mark);
	*out = &t->sink;
	return 0;
}
