// SPDX-License-Identifier: GPL-2.0
/* What is asked over the control socket. */
#include <errno.h>
#include <string.h>

#include "lb/server.h"
#include "lib/util.h"

static json_t *target_json(const struct health_state *h)
{
	char vip[LB_TEXT], real[LB_TEXT];
	double since = h->since_ns ? (now_ns() - h->since_ns) / 1e9 : 0;

	lb_service_text(vip, &h->target->vip);
	lb_addr_text(real, &h->target->real);
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:I, s:I, s:o, s:s}", "vip", vip, "real",
			 real, "check", health_name(h->target->spec.type), "through",
			 h->target->spec.is_tunnel ? "tunnel" : "direct", "up", h->is_up,
			 "contrary", (int)h->run, "passed", (json_int_t)h->passed, "failed",
			 (json_int_t)h->failed, "since_seconds",
			 h->since_ns ? json_real(since) : json_null(), "last_failure", h->why);
}

static json_t *answer_health(struct server *s, const char *who, struct fail *f)
{
	json_t *list = json_array();
	struct health_state h;

	(void)who;
	(void)f;
	for (size_t i = 0; !health_get(s->health, i, &h); i++)
		json_array_append_new(list, target_json(&h));
	return json_pack("{s:s, s:o}", "configuration", s->path, "reals", list);
}

static json_t *answer_reload(struct server *s, const char *who, struct fail *f)
{
	struct lbapply_result r;

	return server_load(s, who, &r, f) ? NULL : server_result(&r);
}

static const struct {
	const char *name;
	json_t *(*fn)(struct server *s, const char *who, struct fail *f);
} calls[] = {
	{ "health", answer_health },
	{ "reload", answer_reload },
};

json_t *server_answer(const json_t *request, const struct control_peer *peer, void *server)
{
	const char *cmd = json_string_value(json_object_get(request, "cmd"));
	json_t *more = NULL;
	struct fail f = { 0 };
	char who[CONTROL_WHO];
	size_t i = 0;

	control_who(peer, who);
	if (control_here(request, &f))
		return control_refuse(&f);
	while (i < ARRAY_SIZE(calls) && strcmp(calls[i].name, cmd))
		i++;
	if (i < ARRAY_SIZE(calls))
		more = calls[i].fn(server, who, &f);
	else
		fail_set(&f, EINVAL, "%.40s: no such request", cmd);
	return more ? control_grant(more) : control_refuse(&f);
}
