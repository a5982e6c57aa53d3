// SPDX-License-Identifier: GPL-2.0
/* From the file to the balancers, and from health to the rings. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lb/server.h"
#include "lib/util.h"

#define SWEEP_NS (5 * NSEC)

/* Is the real out of the ring on the first interface? It begins as it is. */
static int was_up(struct lb *lb, const struct lb_service *vip, const struct lb_addr *real)
{
	enum lb_real_mode mode;

	return !lb || lb_real_get_mode(lb, vip, real, &mode, NULL) || mode != LB_REAL_DOWN;
}

static size_t targets_of(const struct lbconf *conf, struct lb *lb, struct health_target *out)
{
	size_t n = 0;

	for (size_t i = 0; i < conf->vip_count; i++) {
		const struct lbconf_vip *v = &conf->vips[i];

		for (size_t j = 0; v->check.type != HEALTH_NONE && j < v->real_count; j++) {
			if (out)
				out[n] = (struct health_target){
					.vip = v->service,
					.real = v->reals[j].addr,
					.spec = v->check,
					.was_up = was_up(lb, &v->service, &v->reals[j].addr),
				};
			n++;
		}
	}
	return n;
}

struct load {
	struct server *s;
	const struct lbconf *conf;
};

static int set_health(void *arg, struct fail *f)
{
	const struct load *load = arg;
	const struct lbconf *conf = load->conf;
	size_t count = targets_of(conf, NULL, NULL);
	struct health_target *targets = calloc(count + 1, sizeof(*targets));
	struct chain *c = NULL;
	struct lb *lb = NULL;
	int err = targets ? 0 : fail_errno(f, ENOMEM, conf->path);

	if (!err && !chain_open(conf->interfaces[0].is.name, CHAIN_READ, &c, NULL))
		lb_open(c, &lb, NULL);
	if (!err)
		targets_of(conf, lb, targets);
	lb_close(lb);
	chain_close(c);
	if (!err)
		err = health_set(load->s->health, targets, count, f);
	free(targets);
	return err;
}

static int is_up(const struct lb_service *vip, const struct lb_addr *real, void *arg)
{
	struct server *s = arg;

	return health_is_up(s->health, vip, real);
}

void server_sweep(struct server *s)
{
	struct fail f = { 0 };
	int n = lbapply_modes(s->conf, is_up, s, &f);

	s->sweep_ns = now_ns() + SWEEP_NS;
	s->is_dirty = n < 0;
	if (n < 0 && !s->sweep_failed)
		daemon_log_fail(s->daemon, &f);
	s->sweep_failed = n < 0;
}

void server_on_health(const struct health_state *state, void *server)
{
	char vip[LB_TEXT], real[LB_TEXT];
	struct server *s = server;

	lb_service_text(vip, &state->target->vip);
	lb_addr_text(real, &state->target->real);
	if (state->is_up)
		daemon_log(s->daemon, LOG_NOTICE, "%s: %s is up", vip, real);
	else
		daemon_log(s->daemon, LOG_WARNING, "%s: %s is down: %s", vip, real, state->why);
	s->is_dirty = 1;
}

static void log_result(const struct server *s, const struct lbapply_result *r, const char *who)
{
	daemon_log(s->daemon, LOG_NOTICE,
		   "%s%s%s: VIPs: %u added, %u changed, %u removed; reals: %u added, %u changed, "
		   "%u removed, %u kept; interfaces: %u attached, %u detached",
		   s->conf ? "reload" : "start", who ? ", by " : "", who ? who : "", r->vips_added,
		   r->vips_changed, r->vips_removed, r->reals_added, r->reals_changed,
		   r->reals_removed, r->kept, r->attached, r->detached);
}

/* What is only read at the start. */
static void mind_socket(const struct server *s, const struct lbconf *conf)
{
	const char *was = s->conf->group ? s->conf->group : "";

	if (strcmp(s->conf->socket, conf->socket) || strcmp(was, conf->group ? conf->group : ""))
		daemon_log(s->daemon, LOG_WARNING,
			   "control: of another socket or group: that takes a restart");
}

static void tell(const struct server *s, const char *trouble)
{
	size_t vips = s->conf->vip_count, interfaces = s->conf->interface_count;

	daemon_ready(s->daemon, "%zu VIP%s on %zu interface%s%s", vips, vips == 1 ? "" : "s",
		     interfaces, interfaces == 1 ? "" : "s", trouble);
}

int server_load(struct server *s, const char *who, struct lbapply_result *r, struct fail *f)
{
	struct load load = { .s = s }, was = { .s = s, .conf = s->conf };
	const struct lbapply_last last = { set_health, &load };
	struct lbconf *conf = NULL;
	int err;

	if (s->conf)
		daemon_reloading(s->daemon);
	err = lbconf_load(s->path, &conf, f);
	load.conf = conf;
	if (!err)
		err = lbapply(conf, &last, r, f);
	if (err) {
		lbconf_free(conf);
		if (!s->conf) /* not ready at all, and said by who started it */
			return err;
		daemon_log(s->daemon, LOG_ERR, "reload%s%s: failed", who ? ", by " : "",
			   who ? who : "");
		daemon_log_fail(s->daemon, f);
		set_health(&was, NULL); /* what stays checked goes on as it was */
		tell(s, "; the file was refused, see the log");
		return err;
	}
	log_result(s, r, who);
	if (s->conf)
		mind_socket(s, conf);
	lbconf_free(s->conf);
	s->conf = conf;
	tell(s, "");
	server_sweep(s);
	return 0;
}

json_t *server_result(const struct lbapply_result *r)
{
	return json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}", "attached",
			 (int)r->attached, "detached", (int)r->detached, "vips_added",
			 (int)r->vips_added, "vips_changed", (int)r->vips_changed, "vips_removed",
			 (int)r->vips_removed, "reals_added", (int)r->reals_added, "reals_changed",
			 (int)r->reals_changed, "reals_removed", (int)r->reals_removed,
			 "reals_kept", (int)r->kept);
}
