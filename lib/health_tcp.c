// SPDX-License-Identifier: GPL-2.0
/* A check: does the real accept a connection? It is reset at once, so that nobody waits for it. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "lib/health_int.h"

static int start(struct health_probe *p)
{
	const struct linger reset = { .l_onoff = 1 };
	struct sockaddr_storage ss;
	socklen_t size = health_sockaddr(health_asked(p->target), p->target->spec.port, &ss);
	int err = health_socket(p, SOCK_STREAM, 0);

	if (err)
		return err;
	setsockopt(p->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	if (connect(p->fd, (struct sockaddr *)&ss, size) && errno != EINPROGRESS)
		return -errno;
	p->events = EPOLLOUT;
	return 0;
}

static int ready(struct health_probe *p)
{
	socklen_t size = sizeof(int);
	int err = 0;

	if (getsockopt(p->fd, SOL_SOCKET, SO_ERROR, &err, &size))
		err = errno;
	return err ? -err : 1;
}

const struct health_kind health_tcp = { .start = start, .ready = ready };
