// SPDX-License-Identifier: GPL-2.0
/* lbconf_check - `check: {type: http, path: /alive, interval: 2s, rise: 2, fall: 3}`. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/lbconf_int.h"
#include "lib/util.h"

#define INTERVAL_NS (2 * NSEC)
#define TIMEOUT_NS  NSEC
#define SHORTEST_NS (50 * (NSEC / 1000))
#define RISE	    2
#define FALL	    3

static int read_type(const struct mapping_at *at)
{
	static const char *const types[] = { "tcp", "http", "https", "icmp", NULL };
	struct health_spec *s = at->out;
	int type, err = mapping_choice(at, types, &type);

	if (!err)
		s->type = HEALTH_TCP + type;
	return err;
}

static int read_port(const struct mapping_at *at)
{
	struct health_spec *s = at->out;
	__u32 port;
	int err = mapping_number(at, 1, 65535, &port);

	if (!err)
		s->port = port;
	return err;
}

static int read_path(const struct mapping_at *at)
{
	const char *text = mapping_word(at, HEALTH_WORD);
	struct health_spec *s = at->out;

	if (!text)
		return -EINVAL;
	if (*text != '/' || strpbrk(text, " \t\r\n"))
		return mapping_bad(at, "%.40s: a path from / on is wanted, without blanks", text);
	snprintf(s->path, sizeof(s->path), "%s", text);
	return 0;
}

static int read_host(const struct mapping_at *at)
{
	const char *text = mapping_word(at, HEALTH_WORD);
	struct health_spec *s = at->out;

	if (!text)
		return -EINVAL;
	if (strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") !=
	    strlen(text))
		return mapping_bad(at, "%.40s: not the name of a host", text);
	snprintf(s->host, sizeof(s->host), "%s", text);
	return 0;
}

static int read_status(const struct mapping_at *at)
{
	struct health_spec *s = at->out;
	__u32 status;
	int err = mapping_number(at, 100, 599, &status);

	if (!err)
		s->status = status;
	return err;
}

static int read_interval(const struct mapping_at *at)
{
	struct health_spec *s = at->out;
	int err = mapping_time(at, &s->pace.interval_ns);

	if (!err && s->pace.interval_ns < SHORTEST_NS)
		err = mapping_bad(at, "50ms is the shortest");
	return err;
}

static int read_timeout(const struct mapping_at *at)
{
	struct health_spec *s = at->out;

	return mapping_time(at, &s->pace.timeout_ns);
}

static int read_rise(const struct mapping_at *at)
{
	struct health_spec *s = at->out;

	return mapping_number(at, 1, 1000, &s->pace.rise);
}

static int read_fall(const struct mapping_at *at)
{
	struct health_spec *s = at->out;

	return mapping_number(at, 1, 1000, &s->pace.fall);
}

static int read_through(const struct mapping_at *at)
{
	static const char *const ways[] = { "direct", "tunnel", NULL };
	struct health_spec *s = at->out;

	return mapping_choice(at, ways, &s->is_tunnel);
}

/* What was said of it alone. */
static int whole(const struct mapping_at *at, struct health_spec *s)
{
	int is_http = s->type == HEALTH_HTTP || s->type == HEALTH_HTTPS;

	if (s->type == HEALTH_NONE)
		return mapping_bad(at, "type is missing: one of tcp, http, https, icmp");
	if (!is_http && (*s->path || *s->host || s->status))
		return mapping_bad(at, "path, host and status are for http and https");
	if (s->type == HEALTH_ICMP && s->port)
		return mapping_bad(at, "icmp has no port");
	if (!s->pace.timeout_ns)
		s->pace.timeout_ns =
			s->pace.interval_ns < TIMEOUT_NS ? s->pace.interval_ns : TIMEOUT_NS;
	if (s->pace.timeout_ns > s->pace.interval_ns)
		return mapping_bad(at, "the timeout must not be longer than the interval");
	if (is_http && !*s->path)
		strcpy(s->path, "/");
	return 0;
}

int lbconf_check(const struct mapping_at *at, struct health_spec *spec)
{
	static const struct mapping_key keys[] = {
		{ "type", read_type },
		{ "port", read_port },
		{ "path", read_path },
		{ "host", read_host },
		{ "status", read_status },
		{ "interval", read_interval },
		{ "timeout", read_timeout },
		{ "rise", read_rise },
		{ "fall", read_fall },
		{ "through", read_through },
		{ 0 },
	};
	int err;

	spec->pace = (struct health_pace){ .interval_ns = INTERVAL_NS, .rise = RISE, .fall = FALL };
	err = mapping_read(at->y, at->pair.value, "check", keys, spec, at->f);
	return err ? err : whole(at, spec);
}

int lbconf_check_fits(const struct yaml_file *y, const struct lbconf *conf, struct lbconf_vip *v,
		      struct fail *f)
{
	const struct lb_service *s = &v->service;
	struct health_spec *c = &v->check;
	__u16 port = pkt_h16(s->port);
	int has_port = c->type != HEALTH_ICMP;

	if (c->type == HEALTH_NONE)
		return 0;
	if (has_port && !c->port)
		c->port = port;
	if (has_port && !c->port)
		return yaml_fail(y, f, EINVAL, v->line, "check",
				 "port is missing: the VIP is for any port");
	if (!c->is_tunnel)
		return 0;
	if (s->plen != (s->addr.family == AF_INET ? 32 : 128))
		return yaml_fail(y, f, EINVAL, v->line, "check",
				 "through: tunnel is for a VIP of one address");
	if (has_port && s->proto != PKT_TCP)
		return yaml_fail(y, f, EINVAL, v->line, "check",
				 "%s through: tunnel is for a tcp VIP, icmp is for any",
				 health_name(c->type));
	if (has_port && port && c->port != port)
		return yaml_fail(y, f, EINVAL, v->line, "check",
				 "through: tunnel goes to the VIP's port, which is %u", port);
	if (v->options.flags & LB_VIP_GUE)
		c->gue_port = conf->interfaces[0].options.gue_port;
	return 0;
}
