// SPDX-License-Identifier: GPL-2.0
/* server_policer - changes of one policer at run time, and what the daemon knows of them all. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "droplet/ask.h"
#include "droplet/server.h"
#include "lib/util.h"

json_t *server_hello(struct server_call *call)
{
	const struct server *s = call->server;
	json_t *interfaces = json_array();

	for (size_t i = 0; s->conf && i < s->conf->interface_count; i++)
		json_array_append_new(interfaces, json_string(s->conf->interfaces[i].name));
	return json_pack("{s:i, s:I, s:s, s:b, s:I, s:b, s:s*, s:o}", "pid", (int)getpid(), "netns",
			 control_netns(), "configuration", s->path, "starting", !s->conf, "age_ns",
			 (json_int_t)(s->conf ? now_ns() - s->loaded_ns : 0), "changed",
			 s->overrides.count > 0, "compiling",
			 s->ahead ? ahead_name(s->ahead) : NULL, "interfaces", interfaces);
}

static const char *mode_word(int mode)
{
	return mode == POLICER_SHADOW ? "shadow" : "enforce";
}

/* As the configuration has them, with what was changed at run time. */
json_t *server_configured(struct server_call *call)
{
	const struct server *s = call->server;
	json_t *list;

	if (!s->conf) {
		fail_set(call->f, EAGAIN, "the daemon starts: nothing is applied yet");
		return NULL;
	}
	list = json_array();
	for (size_t i = 0; i < s->conf->policer_count; i++) {
		const struct policer_conf *p = &s->conf->policers[i];
		const struct override *o = overrides_find(&s->overrides, p->name);

		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:b, s:b, s:i, s:i}",
						      "policer", p->name, "kind", p->kind, "mode",
						      mode_word(p->mode), "disabled", p->disabled,
						      "changed", !!o, "rules", (int)p->rule_count,
						      "line", (int)p->line));
	}
	return json_pack("{s:s, s:o}", "configuration", s->path, "policers", list);
}

static struct policer_conf *find(struct server_call *call)
{
	const char *name = json_string_value(json_object_get(call->request, "policer"));
	struct conf *conf = call->server->conf;

	for (size_t i = 0; name && i < conf->policer_count; i++)
		if (!strcmp(conf->policers[i].name, name))
			return &conf->policers[i];
	fail_set(call->f, ENOENT, "%.40s: no such policer in %s: droplet policers",
		 name ? name : "?", conf->path);
	return NULL;
}

/* Remember first: what is in force and forgotten would be undone by the next daemon. */
static json_t *change(struct server_call *call, struct policer_conf *p, int mode, int disabled,
		      const char *what)
{
	struct server *s = call->server;
	struct overrides was = s->overrides;
	struct policer_conf old = *p;
	struct apply_result r = { 0 };
	json_t *o;

	if (overrides_set(&s->overrides, p->name, mode, disabled) ||
	    overrides_save(&s->overrides, s->state, call->f)) {
		daemon_log(s->daemon, LOG_ERR, "%s, by %s: refused, nothing is changed", what,
			   call->who);
		daemon_log_fail(s->daemon, call->f);
		s->overrides = was;
		return NULL;
	}
	p->mode = mode >= 0 ? (enum policer_mode)mode : p->mode;
	p->disabled = disabled >= 0 ? disabled : p->disabled;
	if (server_again(s, call->who, what, &r, call->f)) {
		p->mode = old.mode;
		p->disabled = old.disabled;
		s->overrides = was;
		overrides_save(&was, s->state, NULL);
		return NULL;
	}
	o = server_result(&r);
	apply_result_free(&r);
	json_object_set_new(o, "changed",
			    json_boolean(overrides_find(&s->overrides, p->name) != NULL));
	json_object_set_new(o, "configuration", json_string(s->path));
	json_object_set_new(o, "line", json_integer(p->line));
	return o;
}

static json_t *request(struct server_call *call, int mode, int disabled, const char *verb)
{
	struct policer_conf *p = find(call);
	char what[CHAIN_NAME_LEN + 16];

	if (!p)
		return NULL;
	if ((mode < 0 || mode == (int)p->mode) && (disabled < 0 || disabled == p->disabled)) {
		fail_set(call->f, EALREADY, "%s: is %s already", p->name,
			 mode >= 0     ? "enforcing"
			 : p->disabled ? "disabled"
				       : "enabled");
		return NULL;
	}
	snprintf(what, sizeof(what), "%s %s", verb, p->name);
	return change(call, p, mode, disabled, what);
}

json_t *server_promote(struct server_call *call)
{
	return request(call, POLICER_ENFORCE, -1, "promote");
}

json_t *server_disable(struct server_call *call)
{
	return request(call, -1, 1, "disable");
}

json_t *server_enable(struct server_call *call)
{
	return request(call, -1, 0, "enable");
}
