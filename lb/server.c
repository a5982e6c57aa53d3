// SPDX-License-Identifier: GPL-2.0
#include "lb/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

static void on_control(void *arg)
{
	struct server *s = arg;

	control_serve(s->control, server_answer, s);
}

static void on_health(void *arg)
{
	struct server *s = arg;

	health_serve(s->health);
	if (s->is_dirty)
		server_sweep(s);
}

static void on_reload(void *arg)
{
	struct lbapply_result r;
	struct fail f = { 0 };

	server_load(arg, "SIGHUP", &r, &f); /* it is in the log, which way ever */
}

/* Commands change modes too, and what failed is tried again. */
static void on_tick(void *arg)
{
	struct server *s = arg;

	if (s->is_dirty || now_ns() >= s->sweep_ns)
		server_sweep(s);
}

/* Before anything is touched: the socket that the file names. */
static int prepare(struct server *s, struct fail *f)
{
	struct lbconf *conf;
	int err = lbconf_load(s->path, &conf, f);

	if (err)
		return err;
	err = control_open(conf->socket, conf->group, &s->control, f);
	lbconf_free(conf);
	if (!err)
		err = health_open(server_on_health, s, &s->health, f);
	if (!err && (daemon_watch(s->daemon, control_fd(s->control), on_control, s) ||
		     daemon_watch(s->daemon, health_fd(s->health), on_health, s) ||
		     daemon_timer(s->daemon, NSEC, on_tick, s)))
		err = fail_errno(f, errno, s->path);
	return err;
}

int server_open(const char *path, int foreground, struct server **out, struct fail *f)
{
	struct server *s = calloc(1, sizeof(*s));
	const struct daemon_spec spec = { .name = "xdplb",
					  .foreground = foreground,
					  .err = stderr,
					  .reload = on_reload,
					  .arg = s };
	struct lbapply_result r;
	int err;

	if (!s)
		return fail_errno(f, ENOMEM, path);
	s->path = daemon_path(path);
	err = s->path ? 0 : fail_set(f, errno, "%s: %s", path, strerror(errno));
	if (!err)
		err = daemon_open(&spec, &s->daemon, f);
	if (!err)
		err = prepare(s, f);
	if (!err)
		err = server_load(s, NULL, &r, f);
	if (err) {
		server_close(s);
		return err;
	}
	*out = s;
	return 0;
}

int server_run(struct server *s, struct fail *f)
{
	int err = daemon_run(s->daemon);

	if (err)
		return fail_errno(f, -err, "epoll");
	daemon_log(s->daemon, LOG_INFO, "stopped; the balancers go on");
	return 0;
}

void server_close(struct server *s)
{
	if (!s)
		return;
	control_close(s->control);
	health_close(s->health);
	daemon_close(s->daemon);
	lbconf_free(s->conf);
	free(s->path);
	free(s);
}
