// SPDX-License-Identifier: GPL-2.0
/* control - the side that answers: clients, their requests and answers. The listener is opened in
 * control_open.c. */
#include "lib/control.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/control_int.h"
#include "lib/util.h"

static void hang_up(struct control *c, struct client *cl)
{
	close(cl->fd);
	free(cl->in);
	free(cl->out);
	memset(cl, 0, sizeof(*cl));
	cl->fd = -1;
	c->count--;
}

static void queue(struct client *cl, json_t *answer)
{
	char *line = json_dumps(answer, JSON_COMPACT);
	size_t size = line ? strlen(line) : 0;
	struct fail f = { 0 };

	json_decref(answer);
	if (size >= CONTROL_LINE) { /* never of a refusal */
		free(line);
		fail_set(&f, EMSGSIZE, "the answer has more than %d bytes: ask for less",
			 CONTROL_LINE);
		queue(cl, control_refuse(&f));
		return;
	}
	if (line)
		line[size++] = '\n'; /* in the place of the NUL */
	cl->out = line;
	cl->out_size = size;
	cl->out_done = 0;
	cl->waits = 0;
	cl->last_ns = now_ns();
}

/* 0, or -1: it is gone. */
static int flush(struct client *cl)
{
	while (cl->out_done < cl->out_size) {
		ssize_t n = send(cl->fd, cl->out + cl->out_done, cl->out_size - cl->out_done,
				 MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		cl->out_done += n;
		cl->last_ns = now_ns();
	}
	free(cl->out);
	cl->out = NULL;
	cl->out_size = cl->out_done = 0;
	return 0;
}

static void answer(struct client *cl, size_t size, control_fn fn, void *arg)
{
	struct fail f = { 0 };
	json_t *request = control_parse(cl->in, size, &f), *reply;

	cl->waits = 1; /* for control_reply(), from within fn or later */
	reply = request ? fn(request, &cl->peer, arg) : control_refuse(&f);
	if (reply)
		queue(cl, reply);
	json_decref(request);
}

/* Whole lines, one after the other, as long as the client reads its answers. 0 or -1. */
static int serve_lines(struct client *cl, control_fn fn, void *arg)
{
	while (!cl->out && !cl->waits && cl->in_size) {
		char *end = memchr(cl->in, '\n', cl->in_size);
		size_t size = end ? end - cl->in : 0;

		if (!end)
			return 0;
		answer(cl, size, fn, arg);
		cl->in_size -= size + 1;
		memmove(cl->in, end + 1, cl->in_size);
		if (!cl->waits && (!cl->out || flush(cl)))
			return -1;
	}
	return 0;
}

static int grow(struct client *cl)
{
	size_t room = cl->in_room ? 2 * cl->in_room : 4096;
	char *in = realloc(cl->in, room);

	if (!in)
		return -1;
	cl->in = in;
	cl->in_room = room;
	return 0;
}

static void too_long(struct client *cl)
{
	struct fail f = { 0 };

	fail_set(&f, EMSGSIZE, "request: longer than %d bytes", CONTROL_LINE);
	queue(cl, control_refuse(&f));
	flush(cl);
}

/* 1: there may be more, 0: not now, -1: it is gone. */
static int receive(struct client *cl)
{
	ssize_t n;

	if (cl->in_size == cl->in_room && cl->in_size >= CONTROL_LINE) {
		too_long(cl);
		return -1;
	}
	if (cl->in_size == cl->in_room && grow(cl))
		return -1;
	n = recv(cl->fd, cl->in + cl->in_size, cl->in_room - cl->in_size, 0);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	if (!n)
		return -1;
	cl->in_size += n;
	return 1;
}

static int serve(struct client *cl, control_fn fn, void *arg)
{
	int more = 1;

	if (cl->out && flush(cl))
		return -1;
	while (more > 0 && !cl->out && !cl->waits) {
		if (serve_lines(cl, fn, arg))
			return -1;
		more = cl->out || cl->waits ? 0 : receive(cl);
	}
	return more < 0 ? -1 : 0;
}

/* Of who waits only that he hangs up, which is always told. */
static void watch(struct control *c, struct client *cl)
{
	struct epoll_event e = { .events = cl->waits ? 0 : cl->out ? EPOLLOUT : EPOLLIN };

	e.data.u32 = cl - c->clients;
	epoll_ctl(c->epoll, EPOLL_CTL_MOD, cl->fd, &e);
}

static void hang_up_on_idle(struct control *c)
{
	uint64_t ticks, now = now_ns();

	if (read(c->timer, &ticks, sizeof(ticks)) < 0)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].fd >= 0 && !c->clients[i].waits &&
		    now - c->clients[i].last_ns > CONTROL_IDLE_MS * 1000000ULL)
			hang_up(c, &c->clients[i]);
	control_arm(c);
}

static void event(struct control *c, uint32_t which, control_fn fn, void *arg)
{
	struct client *cl = &c->clients[which];

	if (which == CONTROL_LISTENER) {
		control_accept(c);
	} else if (cl->fd >= 0) {
		if (cl->waits || serve(cl, fn, arg))
			hang_up(c, cl);
		else
			watch(c, cl);
	}
}

void control_serve(struct control *c, control_fn fn, void *arg)
{
	struct epoll_event events[CONTROL_CLIENTS + 2];
	int n = epoll_wait(c->epoll, events, ARRAY_SIZE(events), 0), timer = 0;

	for (int i = 0; i < n; i++)
		if (events[i].data.u32 == CONTROL_TIMER)
			timer = 1;
		else
			event(c, events[i].data.u32, fn, arg);
	if (timer) /* last: who asked while we were at work is not idle */
		hang_up_on_idle(c);
}

static const struct client *find(const struct control *c, uint64_t id)
{
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].fd >= 0 && c->clients[i].waits && c->clients[i].peer.id == id)
			return &c->clients[i];
	return NULL;
}

int control_waits(const struct control *c, uint64_t id)
{
	return find(c, id) != NULL;
}

void control_reply(struct control *c, uint64_t id, json_t *answer)
{
	const struct client *found = find(c, id);
	struct client *cl;

	if (!found) {
		json_decref(answer);
		return;
	}
	cl = &c->clients[found - c->clients];
	queue(cl, answer);
	watch(c, cl); /* it can be written to, and what else it has asked is read then */
}

int control_fd(const struct control *c)
{
	return c->epoll;
}

void control_close(struct control *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < CONTROL_CLIENTS; i++)
		if (c->clients[i].fd >= 0)
			hang_up(c, &c->clients[i]);
	if (c->bound)
		unlink(c->path);
	fd_close(c->listener);
	fd_close(c->timer);
	fd_close(c->epoll);
	free(c->path);
	free(c);
}
