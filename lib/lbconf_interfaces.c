// SPDX-License-Identifier: GPL-2.0
/* lbconf_interfaces - `interfaces: [eth0, {name: eth1, mode: native, lru_size: 100000}]`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/lbconf_int.h"

static int read_gateway(const struct mapping_at *at)
{
	const char *text = mapping_word(at, 18);
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
		return mapping_bad(at, "%s: a MAC address such as \"02:00:00:00:00:01\" is wanted",
				   text);
	if (m[0] & 1 || !(m[0] | m[1] | m[2] | m[3] | m[4] | m[5]))
		return mapping_bad(at, "%s: not the MAC address of one host", text);
	return 0;
}

static int read_lru(const struct mapping_at *at)
{
	struct lbconf_interface *i = at->out;

	return mapping_number(at, 1, LB_CONNS_MAX, &i->options.conns);
}

static int read_guard(const struct mapping_at *at)
{
	struct lbconf_interface *i = at->out;

	return mapping_number(at, 0, 1000000000, &i->options.guard_rate);
}

static int read_idle(const struct mapping_at *at)
{
	struct lbconf_interface *i = at->out;

	return mapping_number(at, 1, 7200, &i->options.udp_idle_s);
}

static int read_icmp(const struct mapping_at *at)
{
	struct lbconf_interface *i = at->out;

	return mapping_number(at, 0, 1000000, &i->options.icmp_rate);
}

static int read_gue(const struct mapping_at *at)
{
	struct lbconf_interface *i = at->out;
	__u32 port;
	int err = mapping_number(at, 1, 65535, &port);

	if (!err)
		i->options.gue_port = port;
	return err;
}

static int read_source(const struct mapping_at *at, int family, struct lb_outer *out)
{
	const char *text = mapping_word(at, LB_TEXT);
	struct fail why = { 0 };

	if (!text)
		return -EINVAL;
	return lb_outer_parse(text, family, out, &why) ? mapping_bad(at, "%.200s", why.text) : 0;
}

static int read_source4(const struct mapping_at *at)
{
	struct lbconf_interface *i = at->out;

	return read_source(at, AF_INET, &i->options.source4);
}

static int read_source6(const struct mapping_at *at)
{
	struct lbconf_interface *i = at->out;

	return read_source(at, AF_INET6, &i->options.source6);
}

static void begin(void *entry)
{
	struct lbconf_interface *i = entry;

	lb_options_defaults(&i->options);
}

int lbconf_interfaces(const struct yaml_file *y, struct lbconf *conf, struct fail *f)
{
	static const struct mapping_key keys[] = {
		IFLIST_KEYS,
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
	static const struct iflist_kind kind = { keys, sizeof(*conf->interfaces), begin };
	void *list;
	int err = iflist_read(y, &kind, &list, &conf->interface_count, f);

	if (!err)
		conf->interfaces = list;
	return err;
}
