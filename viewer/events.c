// SPDX-License-Identifier: GPL-2.0
#include "viewer/events.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct events {
	__u64 first, last;
	size_t bytes;
	struct events_packet *kept[EVENTS]; /* by number modulo EVENTS */
};

struct events *events_new(void)
{
	struct events *e = calloc(1, sizeof(*e));

	if (e)
		e->first = 1;
	return e;
}

static size_t size_of(const struct events_packet *p)
{
	return sizeof(*p) + p->comment_len + p->cap_len;
}

static void drop_first(struct events *e)
{
	struct events_packet **p = &e->kept[e->first++ % EVENTS];

	e->bytes -= size_of(*p);
	free(*p);
	*p = NULL;
}

void events_free(struct events *e)
{
	if (!e)
		return;
	while (e->first <= e->last)
		drop_first(e);
	free(e);
}

static void fill(struct events_packet *p, const struct record *r)
{
	p->time_ns = r->time_ns;
	p->packetid = r->packetid;
	p->len = r->len;
	p->cap_len = r->cap_len;
	p->iface = r->iface;
	p->queue = r->queue;
	p->flags = r->flags;
	p->have = r->have & (RECORD_FLAGS | RECORD_PACKETID | RECORD_QUEUE | RECORD_VERDICT);
	p->known = r->trail || r->have & RECORD_VERDICT;
	p->verdict = r->trail ? r->trail->verdict : r->verdict;
	p->judged = 0;
	memcpy(p->bytes, r->data, r->cap_len);
}

__u64 events_add(struct events *e, const struct record *r)
{
	char comment[TRAIL_MAX];
	size_t n = r->trail ? trail_format(r->trail, TRAIL_COMMENT, comment, sizeof(comment)) : 0;
	struct events_packet *p = malloc(sizeof(*p) + n + r->cap_len);

	if (!p)
		return 0;
	p->number = e->last + 1;
	p->comment_len = n;
	fill(p, r);
	memcpy(p->bytes + p->cap_len, comment, n);
	while (e->first <= e->last &&
	       (e->last - e->first + 1 >= EVENTS || e->bytes + size_of(p) > EVENTS_BYTES))
		drop_first(e);
	e->bytes += size_of(p);
	e->kept[++e->last % EVENTS] = p;
	return e->last;
}

__u64 events_first(const struct events *e)
{
	return e->first;
}

__u64 events_last(const struct events *e)
{
	return e->last;
}

struct events_packet *events_get(const struct events *e, __u64 number)
{
	return number < e->first || number > e->last ? NULL : e->kept[number % EVENTS];
}

int events_trail(const struct events_packet *p, struct trail *t)
{
	if (!p->comment_len)
		return -ENOENT;
	return trail_parse((const char *)p->bytes + p->cap_len, p->comment_len, t);
}

const unsigned char *events_data(const struct events_packet *p)
{
	return p->bytes;
}

void events_record(const struct events_packet *p, struct record *r)
{
	*r = (struct record){
		.time_ns = p->time_ns,
		.packetid = p->packetid,
		.verdict = p->verdict,
		.data = events_data(p),
		.comment = p->comment_len ? (const char *)p->bytes + p->cap_len : NULL,
		.iface = p->iface,
		.cap_len = p->cap_len,
		.len = p->len,
		.queue = p->queue,
		.flags = p->flags,
		.comment_len = p->comment_len,
		.have = p->have,
	};
}
