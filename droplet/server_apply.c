// SPDX-License-Identifier: GPL-2.0
/* server_apply - from the file to the chains, and what that did. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "droplet/server.h"
#include "droplet/words.h"
#include "lib/metrics_http.h"
#include "lib/util.h"

/* The line of the interface that @text begins with; 0: none. */
static unsigned int interface_line(const struct conf *conf, const char *text)
{
	for (size_t i = 0; i < conf->interface_count; i++) {
		size_t len = strlen(conf->interfaces[i].name);

		if (!strncmp(text, conf->interfaces[i].name, len) && text[len] == ':')
			return conf->interfaces[i].line;
	}
	return 0;
}

void server_name_file(const struct conf *conf, struct fail *f)
{
	size_t digits = strspn(f->text, "0123456789");
	unsigned int line = interface_line(conf, f->text);
	struct fail whole = { 0 };

	if (line)
		fail_set(&whole, 0, "%s:%u: %.1900s", conf->path, line, f->text);
	else if (digits && f->text[digits] == ':')
		fail_set(&whole, 0, "%s:%.1900s", conf->path, f->text);
	else
		return;
	memcpy(f->text, whole.text, sizeof(f->text));
}

static void log_result(const struct server *s, const struct apply_result *r, const char *who,
		       const char *what)
{
	char text[WORDS_CHANGE];
	size_t changes = 0;

	for (size_t i = 0; i < r->count; i++)
		changes += r->lines[i].did != APPLY_KEPT;
	daemon_log(s->daemon, LOG_NOTICE, "%s%s%s: %zu changes, %zu policers kept, %.1f ms", what,
		   who ? ", by " : "", who ? who : "", changes, r->count - changes,
		   r->took_ns / 1e6);
	for (size_t i = 0; i < r->count; i++)
		if (r->lines[i].did != APPLY_KEPT)
			daemon_log(s->daemon, LOG_NOTICE, "  %s", words_change(&r->lines[i], text));
	if (r->warnings)
		daemon_log_lines(s->daemon, LOG_WARNING, r->warnings);
}

static void log_refused(const struct server *s, const char *who, const char *what,
			const struct fail *f)
{
	if (!s->conf) /* a start that is refused is said by who started it */
		return;
	daemon_log(s->daemon, LOG_ERR, "%s%s%s: refused, nothing is changed", what,
		   who ? ", by " : "", who ? who : "");
	daemon_log_fail(s->daemon, f);
}

/* Apply @conf; say so in the log, either way. */
static int apply(struct server *s, const struct conf *conf, const char *who, const char *what,
		 struct apply_result *result, struct fail *f)
{
	struct apply_result r = { 0 };
	int err = chdir(conf->dir) ? fail_set(f, errno, "%s: %s", conf->dir, strerror(errno))
				   : apply_conf(conf, &r, f);

	if (err) {
		server_name_file(conf, f);
		log_refused(s, who, what, f);
		return err;
	}
	log_result(s, &r, who, what);
	if (result)
		*result = r;
	else
		apply_result_free(&r);
	return 0;
}

static void tell(const struct server *s, const char *trouble)
{
	size_t policers = s->conf->policer_count, interfaces = s->conf->interface_count;

	daemon_ready(s->daemon, "%zu policer%s on %zu interface%s%s", policers,
		     policers == 1 ? "" : "s", interfaces, interfaces == 1 ? "" : "s", trouble);
}

/* What is only read at the start. */
static void mind_socket(const struct server *s, const struct conf *conf)
{
	const struct conf_control *was = &s->conf->control, *now = &conf->control;

	if (strcmp(was->socket, now->socket) || !was->group != !now->group ||
	    (was->group && strcmp(was->group, now->group)))
		daemon_log(s->daemon, LOG_WARNING,
			   "control: of another socket or group: that takes a restart");
}

/* A configuration on its way in. */
struct fresh {
	struct conf *conf;
	struct overrides overrides;
	struct metrics_http *http;
};

/* All that can be refused of it, and then the chains. */
static int bring_in(struct server *s, struct fresh *n, const char *who, struct apply_result *result,
		    struct fail *f)
{
	const char *what = s->conf ? "reload" : "start";
	int err = conf_load(s->path, &n->conf, f);

	if (!err) {
		n->overrides = s->overrides;
		overrides_apply(&n->overrides, n->conf);
		err = server_listen(s, n->conf, &n->http, f);
	}
	if (err) {
		log_refused(s, who, what, f);
		return err;
	}
	return apply(s, n->conf, who, what, result, f);
}

int server_load(struct server *s, const char *who, struct apply_result *result, struct fail *f)
{
	struct fresh n = { 0 };
	struct fail why = { 0 };
	int err;

	if (s->conf)
		daemon_reloading(s->daemon);
	err = bring_in(s, &n, who, result, f);
	if (err) {
		metrics_http_close(n.http);
		conf_free(n.conf);
		if (s->conf) /* else we are not ready at all */
			tell(s, "; the file was refused, see the log");
		return err;
	}
	/* Of what has been dropped an old file says nothing that holds: it is dropped again. */
	if (n.overrides.count != s->overrides.count && overrides_save(&n.overrides, s->state, &why))
		daemon_log_fail(s->daemon, &why);
	if (s->conf)
		mind_socket(s, n.conf);
	server_serve(s, n.conf, n.http);
	conf_free(s->conf);
	s->conf = n.conf;
	s->overrides = n.overrides;
	s->loaded_ns = now_ns();
	tell(s, "");
	return 0;
}

int server_again(struct server *s, const char *who, const char *what, struct apply_result *result,
		 struct fail *f)
{
	int err;

	s->conf->again = 1;
	err = apply(s, s->conf, who, what, result, f);
	s->conf->again = 0;
	return err;
}

json_t *server_result(const struct apply_result *r)
{
	json_t *changes = json_array();

	for (size_t i = 0; i < r->count; i++)
		json_array_append_new(
			changes,
			json_pack("{s:s, s:s, s:s, s:i, s:i}", "interface", r->lines[i].ifname,
				  "policer", r->lines[i].name, "did", words_did(r->lines[i].did),
				  "slot", (int)r->lines[i].slot, "lost", (int)r->lines[i].lost));
	return json_pack("{s:o, s:I, s:s*}", "changes", changes, "took_ns", (json_int_t)r->took_ns,
			 "warnings", r->warnings);
}

json_t *server_reload(struct server_call *call)
{
	struct apply_result r = { 0 };
	json_t *o;

	if (server_load(call->server, call->who, &r, call->f))
		return NULL;
	o = server_result(&r);
	apply_result_free(&r);
	return o;
}
