// SPDX-License-Identifier: GPL-2.0
/*
 * server_work - changes of what is configured, one after the other. What they would wait for, the
 * compilers of C, is done before them and in the background: all else is answered meanwhile.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "droplet/server.h"
#include "lib/compile.h"

static const char *field(const struct server_work *w, const char *key)
{
	return json_string_value(json_object_get(w->request, key));
}

/* What @w is going to apply. */
static struct conf *conf_of(struct server *s, const struct server_work *w)
{
	if (w->request && strcmp(field(w, "cmd"), "reload"))
		return s->conf;
	return conf_load(s->path, &s->ahead_conf, NULL) ? NULL : s->ahead_conf;
}

static void ahead_end(struct server *s)
{
	if (s->ahead)
		daemon_unwatch(s->daemon, ahead_fd(s->ahead));
	ahead_free(s->ahead);
	conf_free(s->ahead_conf);
	s->ahead = NULL;
	s->ahead_conf = NULL;
}

static void go_on(struct server *s);

static void on_ahead(void *arg)
{
	struct server *s = arg;

	if (!ahead_serve(s->ahead))
		return;
	ahead_end(s);
	go_on(s);
}

/* Start the compilers of @w. 0: there is nothing to compile, or it cannot be, as @w is going to
 * say. */
static int compiles(struct server *s, const struct server_work *w)
{
	struct conf *conf = conf_of(s, w);

	if (!conf || chdir(conf->dir) || ahead_start(conf, field(w, "policer"), &s->ahead) ||
	    !s->ahead || daemon_watch(s->daemon, ahead_fd(s->ahead), on_ahead, s)) {
		ahead_end(s);
		return 0;
	}
	return 1;
}

static void finish(struct server *s, const struct server_work *w)
{
	struct fail f = { 0 };

	if (w->request) {
		control_reply(s->control, w->peer.id, server_do(s, w));
	} else if (s->conf) {
		server_load(s, w->who, NULL, &f); /* it is in the log, which way ever */
	} else {
		s->err = server_load(s, NULL, NULL, &s->fail);
		if (s->err)
			daemon_stop(s->daemon);
	}
	compile_forget_refusal();
}

static void drop_first(struct server *s)
{
	json_decref(s->works[0].request);
	s->work_count--;
	memmove(s->works, s->works + 1, s->work_count * sizeof(*s->works));
}

/* After the compilers the file is read again, and may be another by now: then it is begun anew. */
static void go_on(struct server *s)
{
	while (s->work_count && !s->err) {
		const struct server_work *w = &s->works[0];
		int is_gone = w->request && !control_waits(s->control, w->peer.id);

		if (!is_gone && compiles(s, w))
			return;
		if (!is_gone)
			finish(s, w);
		drop_first(s);
	}
}

void server_work(struct server *s, const struct server_work *work)
{
	struct fail f = { 0 };

	if (s->work_count == SERVER_WORKS) {
		fail_set(&f, EBUSY,
			 "the daemon has as many changes to make as it takes: try again");
		control_reply(s->control, work->peer.id, control_refuse(&f));
		return;
	}
	json_incref(work->request);
	s->works[s->work_count++] = *work;
	if (s->work_count == 1)
		go_on(s);
}

void server_work_end(struct server *s)
{
	ahead_end(s);
	while (s->work_count)
		drop_first(s);
}
