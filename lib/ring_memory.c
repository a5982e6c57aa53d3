// SPDX-License-Identifier: GPL-2.0
/* ring_memory - a ring that this process fills: events that no program in the kernel writes. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "lib/ring_int.h"

int rings_add_memory(struct rings *r, const struct ring_memory *m, struct ring **out)
{
	struct epoll_event ev = { .events = EPOLLIN };
	size_t size = ring_size(m->bytes);
	int err = rings_grow(r, 1);
	struct ring *g;

	if (err)
		return err;
	g = calloc(1, sizeof(*g));
	if (!g)
		return -ENOMEM;
	*g = (struct ring){ .fd = -1,
			    .cur_ns = RING_NEVER,
			    .session = m->session,
			    .source = m->source,
			    .fill = m->fill,
			    .fill_arg = m->arg };
	err = ring_map(g, size);
	if (!err && epoll_ctl(r->epoll, EPOLL_CTL_ADD, m->fd, &ev))
		err = -errno;
	if (err) {
		ring_free(g);
		return err;
	}
	if (r->slack_ns < m->slack_ns)
		r->slack_ns = m->slack_ns;
	r->ring[r->n++] = g;
	r->stats.bytes += size;
	*out = g;
	return 0;
}

size_t ring_room(const struct ring *g)
{
	return g->mask + 1 - (g->page->data_head - g->given);
}

static __u64 ring_copy(struct ring *g, __u64 at, const void *from, size_t len)
{
	__u8 *data = (__u8 *)g->data;
	size_t left = g->mask + 1 - (at & g->mask), first = len < left ? len : left;

	memcpy(data + (at & g->mask), from, first);
	memcpy(data, (const __u8 *)from + first, len - first);
	return at + len;
}

void ring_put(struct ring *g, const struct event *ev, const void *bytes)
{
	struct raw raw = { .header = { .type = PERF_RECORD_SAMPLE,
				       .size = RING_RECORD(ev->cap_len) } };
	__u64 at = g->page->data_head;

	raw.size = raw.header.size - sizeof(raw);
	at = ring_copy(g, at, &raw, sizeof(raw));
	at = ring_copy(g, at, ev, sizeof(*ev));
	ring_copy(g, at, bytes, ev->cap_len);
	g->put_ns = ev->time_ns;
	__atomic_store_n(&g->page->data_head, g->page->data_head + raw.header.size,
			 __ATOMIC_RELEASE);
}
