// SPDX-License-Identifier: GPL-2.0
/* lbconf_interfaces - `interfaces: [eth0, {name: eth1, mode: native, lru_size: 100000}]`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/lbconf_int.h"

static const char *const modes[] = { "auto", "native", "generic", NULL };

static int set_name(const struct yaml_file *y, unsigned int line, const char *text,
		    struct lbconf_interface *i, struct fail *f)
{
	if (!text || !*text)
		return yaml_fail(y, f, EINVAL, line, "interfaces",
				 "a name is wanted, or {name: NAME, mode: native}");
	if (strlen(text) >= IF_NAMESIZE || strpbrk(text, "/: \t\n"))
		return yaml_fail(y, f, EINVAL, line, "interfaces",
				 "%.40s: no interface can be called so", text);
	snprintf(i->name, sizeof(i->name), "%s", text);
	return 0;
}

static int read_name(const struct lbconf_at *at)
{
	return set_name(at->y, at->pair.line, yaml_scalar(at->pair.value), at->out, at->f);
}

static int read_mode(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;
	int mode, err = lbconf_choice(at, modes, &mode);

	if (!err)
		i->mode = mode;
	return err;
}

static int read_gateway(const struct lbconf_at *at)
{
	const char *text = lbconf_text(at, 18);
	struct lbconf_interface *i = at->out;
	__u8 *m = i->options.gateway;
	int end = 0;

	if (!text)
		return -EINVAL;
	i->options.has_gateway = strcmp(text, "auto") != 0;
	if (!i->options.has_gateway)
		return 0;
	if (sscanf(text, "%2hhx:%2hhx:%2hhx:%2hhx:%2hhx:%2hhx%n", &m[0], &m[1], &m[2], &m[3], &m[4],
		   &m[5], &end) != 6 ||
	    strlen(text) != 17 || end != 17)
		return lbconf_bad(at, "%s: a MAC address such as \"02:00:00:00:00:01\" is wanted",
				  text);
	if (m[0] & 1 || !(m[0] | m[1] | m[2] | m[3] | m[4] | m[5]))
		return lbconf_bad(at, "%s: not the MAC address of one host", text);
	return 0;
}

static int read_lru(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;

	return lbconf_number(at, 1, LB_CONNS_MAX, &i->options.conns);
}

static int read_guard(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;

	return lbconf_number(at, 0, 1000000000, &i->options.guard_rate);
}

static int read_idle(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;

	return lbconf_number(at, 1, 7200, &i->options.udp_idle_s);
}

static int read_icmp(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;

	return lbconf_number(at, 0, 1000000, &i->options.icmp_rate);
}

static int read_gue(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;
	__u32 port;
	int err = lbconf_number(at, 1, 65535, &port);

	if (!err)
		i->options.gue_port = port;
	return err;
}

static int read_source(const struct lbconf_at *at, int family, struct lb_outer *out)
{
	const char *text = lbconf_text(at, LB_TEXT);
	struct fail why = { 0 };

	if (!text)
		return -EINVAL;
	return lb_outer_parse(text, family, out, &why) ? lbconf_bad(at, "%.200s", why.text) : 0;
}

static int read_source4(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;

	return read_source(at, AF_INET, &i->options.source4);
}

static int read_source6(const struct lbconf_at *at)
{
	struct lbconf_interface *i = at->out;

	return read_source(at, AF_INET6, &i->options.source6);
}

static int read_one(const struct yaml_file *y, const struct yaml_node_s *node, struct lbconf *conf,
		    struct fail *f)
{
	static const struct lbconf_key keys[] = {
		{ "name", read_name },
		{ "mode", read_mode },
		{ "gateway", read_gateway },
		{ "lru_size", read_lru },
		{ "guard_rate", read_guard },
		{ "udp_idle", read_idle },
		{ "icmp_rate", read_icmp },
		{ "gue_port", read_gue },
		{ "source4", read_source4 },
		{ "source6", read_source6 },
		{ 0 },
	};
	struct lbconf_interface *i = &conf->interfaces[conf->interface_count];
	int err = 0;

	i->line = yaml_line(node);
	lb_options_defaults(&i->options);
	if (yaml_is_map(node))
		err = lbconf_map(y, node, "interfaces", keys, i, f);
	if (!err && (!yaml_is_map(node) || !*i->name))
		err = set_name(y, i->line, yaml_scalar(node), i, f);
	for (size_t k = 0; !err && k < conf->interface_count; k++)
		if (!strcmp(conf->interfaces[k].name, i->name))
			err = yaml_fail(y, f, EINVAL, i->line, "interfaces",
					"%s: is there already, in line %u", i->name,
					conf->interfaces[k].line);
	conf->interface_count += !err;
	return err;
}

int lbconf_interfaces(const struct yaml_file *y, struct lbconf *conf, struct fail *f)
{
	const struct yaml_node_s *list = yaml_get(y, yaml_root(y), "interfaces");
	size_t n = 0;
	int err = 0;

	while (yaml_item(y, list, n))
		n++;
	if (!n)
		return yaml_fail(y, f, EINVAL, yaml_line(list), "interfaces",
				 "a list is wanted, with one name or more: [eth0]");
	conf->interfaces = calloc(n, sizeof(*conf->interfaces));
	if (!conf->interfaces)
		return fail_errno(f, ENOMEM, conf->path);
	for (size_t i = 0; !err && i < n; i++)
		err = read_one(y, yaml_item(y, list, i), conf, f);
	return err;
}
