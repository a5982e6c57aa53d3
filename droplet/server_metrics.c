// SPDX-License-Identifier: GPL-2.0
/* server_metrics - the counters for Prometheus: over HTTP, into a file. */
#include <string.h>

#include "droplet/server.h"
#include "lib/metrics.h"
#include "lib/metrics_http.h"
#include "lib/util.h"

static int is_same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

int server_listen(const struct server *s, const struct conf *conf, struct metrics_http **http,
		  struct fail *f)
{
	const char *listen = conf->metrics.listen;
	struct fail why = { 0 };
	int err;

	*http = NULL;
	if (!listen || (s->metrics && is_same(listen, s->conf->metrics.listen)))
		return 0;
	err = metrics_http_open(listen, http, &why);
	return err ? fail_set(f, -err, "%s: metrics.listen: %.1800s", conf->path, why.text) : 0;
}

static void on_metrics(void *server)
{
	struct server *s = server;

	metrics_http_run(s->metrics);
}

void server_serve(struct server *s, const struct conf *conf, struct metrics_http *http)
{
	if (s->metrics && (http || !conf->metrics.listen)) {
		daemon_unwatch(s->daemon, metrics_http_fd(s->metrics));
		metrics_http_close(s->metrics);
		s->metrics = NULL;
	}
	if (http) {
		s->metrics = http;
		daemon_watch(s->daemon, metrics_http_fd(http), on_metrics, s);
	}
	s->text_ns = 0;
}

static void write_text(struct server *s)
{
	struct fail f = { 0 };
	int err = metrics_file(s->conf->metrics.textfile, &f);

	if (err && !s->text_failed)
		daemon_log_fail(s->daemon, &f);
	s->text_failed = !!err;
}

void server_tick(void *server)
{
	struct server *s = server;
	__u64 now = now_ns();

	if (s->metrics)
		metrics_http_run(s->metrics);
	if (!s->conf || !s->conf->metrics.textfile || now < s->text_ns)
		return;
	write_text(s);
	s->text_ns = now + s->conf->metrics.every_ns;
}
