// SPDX-License-Identifier: GPL-2.0
#include "tests/grab.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/event.h"
#include "lib/filter.h"

void grab_open(struct grab *g, const char *ifname, const struct session_spec *spec,
	       const char *filter)
{
	const struct filter_spec text = { .text = filter, .netmask = FILTER_NETMASK_UNKNOWN };
	struct session_spec with = *spec;
	struct filter prog = { 0 };
	struct fail f = { 0 };

	memset(g, 0, sizeof(*g));
	if (filter) {
		assert_int_equal(filter_compile(&text, &prog, &f), 0);
		with.insns = prog.insns;
		with.count = prog.count;
		with.text = filter;
	}
	if (session_open(ifname, &with, &g->session, &f))
		fail_msg("session: %s\n%s", f.text, f.log);
	filter_free(&prog);
}

int grab_keep(const void *sample, size_t len, __u32 source, void *arg)
{
	struct grab *g = arg;
	struct grab_event *e;
	struct ev ev;

	(void)source;
	assert_int_equal(ev_decode(sample, len, &ev), 0);
	if (g->count == g->room) {
		g->room = g->room ? 2 * g->room : 64;
		g->events = realloc(g->events, g->room * sizeof(*e));
		assert_non_null(g->events);
	}
	e = &g->events[g->count++];
	memset(e, 0, sizeof(*e));
	e->head = *ev.head;
	memcpy(e->steps, ev.steps, ev.head->steps * sizeof(*ev.steps));
	e->data = malloc(ev.head->cap_len);
	memcpy(e->data, ev.data, ev.head->cap_len);
	return 0;
}

size_t grab_read(struct grab *g, int final)
{
	size_t before = g->count;

	session_beat(g->session);
	assert_true(rings_read(session_rings(g->session), final, grab_keep, g) >= 0);
	return g->count - before;
}

void grab_stop(struct grab *g)
{
	session_stop(g->session);
	grab_read(g, 1);
}

struct session_count grab_counts(const struct grab *g)
{
	struct session_count n;

	assert_int_equal(session_counts(g->session, &n), 0);
	return n;
}

void grab_close(struct grab *g)
{
	session_close(g->session);
	for (size_t i = 0; i < g->count; i++)
		free(g->events[i].data);
	free(g->events);
	memset(g, 0, sizeof(*g));
}
