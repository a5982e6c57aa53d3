/* SPDX-License-Identifier: GPL-2.0 */
/* lib/metrics_http.h - the metrics over HTTP, at /metrics, by libmicrohttpd. */
#ifndef LIB_METRICS_HTTP_H
#define LIB_METRICS_HTTP_H

#include "lib/fail.h"

struct metrics_http;

/**
 * metrics_http_open - listen.
 * @listen: "127.0.0.1:9435", "[::1]:9435": an address and a port, numeric
 *
 * Nothing is encrypted and nobody asked for a name: an address of the machine itself, or of a
 * network that is trusted. Return: 0; -EINVAL no such address; -EADDRINUSE; -errno.
 */
int metrics_http_open(const char *listen, struct metrics_http **out, struct fail *f);

/** metrics_http_fd - an epoll descriptor: readable when metrics_http_run() has something to do. */
int metrics_http_fd(const struct metrics_http *m);

/** metrics_http_run - answer who asks. Does not wait. To be called once a second in any case. */
void metrics_http_run(struct metrics_http *m);

/** metrics_http_close - NULL is allowed. */
void metrics_http_close(struct metrics_http *m);

#endif
