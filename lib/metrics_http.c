// SPDX-License-Identifier: GPL-2.0
#include "lib/metrics_http.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <microhttpd.h>

#include "lib/metrics.h"

#define CLIENTS_MAX 16
#define IDLE_SEC    10

struct metrics_http {
	struct MHD_Daemon *daemon;
};

/* "ADDR:PORT", "[ADDR6]:PORT" in two parts. 0: it is none. */
static int split(const char *listen, char addr[64], char port[8])
{
	const char *colon = strrchr(listen, ':'), *end = colon;

	if (!colon || colon == listen || !colon[1] || strlen(colon + 1) >= 8)
		return 0;
	if (*listen == '[') {
		if (*--end != ']')
			return 0;
		listen++;
	}
	if (end - listen >= 64 || end == listen)
		return 0;
	snprintf(addr, 64, "%.*s", (int)(end - listen), listen);
	snprintf(port, 8, "%s", colon + 1);
	return 1;
}

static int listen_at(const char *text, struct fail *f)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
					.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE };
	char addr[64], port[8];
	struct addrinfo *ai;
	int fd, one = 1;

	if (!split(text, addr, port) || getaddrinfo(addr, port, &hints, &ai))
		return fail_set(f, EINVAL, "%s: no address and port like 127.0.0.1:9435", text);
	fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) ||
	    bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, CLIENTS_MAX)) {
		int err = errno;

		freeaddrinfo(ai);
		if (fd >= 0)
			close(fd);
		return fail_set(f, err, "%s: cannot listen: %s", text, strerror(err));
	}
	freeaddrinfo(ai);
	return fd;
}

static enum MHD_Result say(struct MHD_Connection *c, unsigned int status, const char *text)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(strlen(text), (void *)text, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result result = MHD_queue_response(c, status, r);

	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result say_metrics(struct MHD_Connection *c)
{
	const char *accept = MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Accept");
	enum metrics_format format = accept && strstr(accept, "application/openmetrics-text")
					     ? METRICS_OPEN
					     : METRICS_TEXT;
	struct MHD_Response *r;
	enum MHD_Result result;
	struct fail f = { 0 };
	char *text;
	size_t size;

	if (metrics_read(format, &text, &size, &f))
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "the counters cannot be read\n");
	r = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(r, "Content-Type", metrics_type(format));
	result = MHD_queue_response(c, MHD_HTTP_OK, r);
	MHD_destroy_response(r);
	return result;
}

static enum MHD_Result answer(void *arg, struct MHD_Connection *c, const char *url,
			      const char *method, const char *version, const char *data,
			      size_t *size, void **state)
{
	(void)arg;
	(void)version;
	(void)data;
	if (!*state) { /* called first when the headers are there, then again to answer */
		*state = c;
		return MHD_YES;
	}
	if (*size) { /* a body: nobody reads it */
		*size = 0;
		return MHD_YES;
	}
	if (strcmp(method, MHD_HTTP_METHOD_GET) && strcmp(method, MHD_HTTP_METHOD_HEAD))
		return say(c, MHD_HTTP_METHOD_NOT_ALLOWED, "GET only\n");
	if (!strcmp(url, "/metrics"))
		return say_metrics(c);
	return say(c, strcmp(url, "/") ? MHD_HTTP_NOT_FOUND : MHD_HTTP_OK,
		   "xdpchain: see /metrics\n");
}

int metrics_http_open(const char *listen, struct metrics_http **out, struct fail *f)
{
	struct metrics_http *m;
	int fd = listen_at(listen, f);

	if (fd < 0)
		return fd;
	m = calloc(1, sizeof(*m));
	if (m)
		m->daemon = MHD_start_daemon(
			MHD_USE_EPOLL, 0, NULL, NULL, answer, m, MHD_OPTION_LISTEN_SOCKET, fd,
			MHD_OPTION_CONNECTION_LIMIT, CLIENTS_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
			IDLE_SEC, MHD_OPTION_END);
	if (!m || !m->daemon) {
		free(m);
		close(fd);
		return fail_set(f, ENOMEM, "%s: cannot start the metrics server", listen);
	}
	*out = m;
	return 0;
}

int metrics_http_fd(const struct metrics_http *m)
{
	return MHD_get_daemon_info(m->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

void metrics_http_run(struct metrics_http *m)
{
	MHD_run(m->daemon);
}

void metrics_http_close(struct metrics_http *m)
{
	if (!m)
		return;
	MHD_stop_daemon(m->daemon); /* closes the socket too */
	free(m);
}
