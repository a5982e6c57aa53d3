// SPDX-License-Identifier: GPL-2.0
/* sink_text - tcpdump's line, and the trail behind it. */
#include <errno.h>
#include <stdlib.h>

#include "lib/print.h"
#include "xdpdump/sink.h"

struct text {
	struct sink sink;
	struct print *print;
	struct trail_cache *cache;
	char trail[TRAIL_MAX + 1];
};

static int text_event(struct sink *s, const struct ev *ev, __u64 lost)
{
	struct text *t = (struct text *)s;
	enum trail_form form = s->env->opts->print.verbose ? TRAIL_TEXT_ALL : TRAIL_TEXT;
	struct print_pkt pkt = {
		.data = ev->data,
		.cap_len = ev->head->cap_len,
		.len = ev->head->len,
		.time_ns = ev->head->time_ns + s->env->epoch_ns,
		.suffix = t->trail,
	};
	size_t n;

	(void)lost;
	if (out_room(&s->out) < PRINT_SIZE(pkt.cap_len) + TRAIL_MAX)
		return -ENOSPC;
	n = trail_cached(t->cache, ev, s->env->names, form, t->trail, TRAIL_MAX);
	t->trail[n] = 0;
	n = print_packet(t->print, &pkt, out_at(&s->out), out_room(&s->out) - 1);
	out_at(&s->out)[n++] = '\n';
	out_end(&s->out, n);
	return 0;
}

static void text_free(struct sink *s)
{
	struct text *t = (struct text *)s;

	print_free(t->print);
	trail_cache_free(t->cache);
	free(t);
}

static const struct sink_ops text_ops = { text_event, NULL, text_free };

int sink_text(const struct sink_env *env, int fd, struct sink **out)
{
	struct text *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->sink.ops = &text_ops;
	t->sink.env = env;
	t->print = print_new(&env->opts->print);
	t->cache = trail_cache_new();
	if (out_open(&t->sink.out, fd) || !t->print || !t->cache) {
		sink_free(&t->sink);
		return -ENOMEM;
	}
	*out = &t->sink;
	return 0;
}
