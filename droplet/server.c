// SPDX-License-Identifier: GPL-2.0
#include "droplet/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "droplet/ask.h"
#include "lib/metrics_http.h"
#include "lib/util.h"

static const struct {
	const char *name;
	json_t *(*fn)(struct server_call *call);
	int is_work; /* of the configuration: it may wait for a compiler, and for others */
} calls[] = {
	/* looks */
	{ "hello", server_hello, 0 },
	{ "status", server_status, 0 },
	{ "configured", server_configured, 0 },
	{ "policers", server_policers, 0 },
	{ "rules", server_rules, 0 },
	{ "top", server_top, 0 },
	/* changes */
	{ "reload", server_reload, 1 },
	{ "promote", server_promote, 1 },
	{ "disable", server_disable, 1 },
	{ "enable", server_enable, 1 },
	{ "panic", server_panic, 0 },
	{ "block", server_block, 0 },
	{ "unblock", server_unblock, 0 },
	{ "limit", server_limit, 0 },
};

static size_t find_call(const json_t *request)
{
	const char *cmd = json_string_value(json_object_get(request, "cmd"));
	size_t i = 0;

	while (i < ARRAY_SIZE(calls) && strcmp(calls[i].name, cmd))
		i++;
	return i;
}

json_t *server_do(struct server *s, const struct server_work *work)
{
	struct fail f = { 0 };
	struct server_call call = {
		.server = s, .request = work->request, .uid = work->peer.uid, .f = &f
	};
	size_t i = find_call(work->request);
	json_t *more = NULL;

	memcpy(call.who, work->who, sizeof(call.who));
	if (i < ARRAY_SIZE(calls))
		more = calls[i].fn(&call);
	else
		fail_set(&f, EINVAL, "%.40s: no such request",
			 json_string_value(json_object_get(work->request, "cmd")));
	return more ? control_grant(more) : control_refuse(&f);
}

json_t *server_answer(const json_t *request, const struct control_peer *peer, void *server)
{
	struct server_work work = { .request = (json_t *)request, .peer = *peer };
	size_t i = find_call(request);
	struct fail f = { 0 };

	control_who(peer, work.who);
	if (control_here(request, &f))
		return control_refuse(&f);
	if (i == ARRAY_SIZE(calls) || !calls[i].is_work)
		return server_do(server, &work);
	server_work(server, &work);
	return NULL;
}

static void on_control(void *arg)
{
	struct server *s = arg;

	control_serve(s->control, server_answer, s);
}

static void on_reload(void *arg)
{
	struct server *s = arg;

	for (size_t i = 1; i < s->work_count; i++)
		if (!s->works[i].request)
			return; /* one that has not begun will do */
	server_work(s, &(struct server_work){ .who = "SIGHUP" });
}

/* Beside the socket: droplet.sock -> droplet.state */
static char *state_path(const char *path)
{
	const char *end = strrchr(path, '.');
	char *out;

	if (!end || strcmp(end, ".sock"))
		end = path + strlen(path);
	return asprintf(&out, "%.*s.state", (int)(end - path), path) < 0 ? NULL : out;
}

/* Before anything is touched: the socket that the file names, and what is remembered. */
static int prepare(struct server *s, struct fail *f)
{
	struct conf *conf;
	int err = conf_load(s->path, &conf, f);

	if (err)
		return err;
	s->state = state_path(conf->control.socket);
	err = s->state ? overrides_load(&s->overrides, s->state, f) : -ENOMEM;
	if (!err)
		err = control_open(conf->control.socket, conf->control.group, &s->control, f);
	if (!err && (daemon_watch(s->daemon, control_fd(s->control), on_control, s) ||
		     daemon_timer(s->daemon, NSEC, server_tick, s)))
		err = fail_errno(f, errno, conf->control.socket);
	conf_free(conf);
	return err;
}

int server_open(const char *path, int foreground, struct server **out, struct fail *f)
{
	struct server *s = calloc(1, sizeof(*s));
	const struct daemon_spec spec = { .name = "droplet",
					  .foreground = foreground,
					  .err = stderr,
					  .reload = on_reload,
					  .arg = s };
	int err;

	if (!s)
		return fail_errno(f, ENOMEM, path);
	s->path = daemon_path(path);
	err = s->path ? 0 : fail_set(f, errno, "%s: %s", path, strerror(errno));
	if (!err)
		err = daemon_open(&spec, &s->daemon, f);
	if (!err)
		err = prepare(s, f);
	if (!err) {
		server_work(s, &(struct server_work){ 0 });
		err = s->err;
		if (err && f)
			*f = s->fail;
	}
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
	if (s->err && f)
		*f = s->fail;
	if (s->err)
		return s->err;
	daemon_log(s->daemon, LOG_INFO, "stopped; the chains go on");
	return 0;
}

void server_close(struct server *s)
{
	if (!s)
		return;
	server_work_end(s);
	control_close(s->control);
	metrics_http_close(s->metrics);
	daemon_close(s->daemon);
	conf_free(s->conf);
	free(s->path);
	free(s->state);
	free(s);
}
