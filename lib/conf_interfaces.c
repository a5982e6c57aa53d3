// SPDX-License-Identifier: GPL-2.0
/* conf_interfaces - `interfaces: [eth0, {name: eth1, mode: generic}]`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/conf_int.h"
#include "lib/util.h"

static const char *const modes[] = {
	[CHAIN_AUTO] = "auto", [CHAIN_NATIVE] = "native", [CHAIN_GENERIC] = "generic"
};

static int set_mode(const struct yaml_file *y, const struct yaml_pair *p, struct conf_interface *i,
		    struct fail *f)
{
	const char *text = yaml_scalar(p->value);

	for (size_t m = 0; text && m < ARRAY_SIZE(modes); m++)
		if (!strcmp(text, modes[m])) {
			i->mode = m;
			return 0;
		}
	return yaml_fail(y, f, EINVAL, p->line, "mode",
			 "%.40s: wanted is one of auto, native, generic", text ? text : "a list");
}

static int read_map(const struct yaml_file *y, const struct yaml_node_s *node,
		    struct conf_interface *out, const char **name, struct fail *f)
{
	struct yaml_pair p;
	int err = 0;

	for (size_t i = 0; !err && !yaml_pair(y, node, i, &p); i++) {
		if (!strcmp(p.key, "name"))
			*name = yaml_scalar(p.value);
		else if (!strcmp(p.key, "mode"))
			err = set_mode(y, &p, out, f);
		else
			err = yaml_fail(y, f, EINVAL, p.line, p.key,
					"no such key here, there are name, mode");
	}
	return err;
}

static int read_one(const struct yaml_file *y, const struct yaml_node_s *node, struct conf *conf,
		    struct fail *f)
{
	struct conf_interface *out = &conf->interfaces[conf->interface_count];
	const char *name = yaml_scalar(node);
	int err = yaml_is_map(node) ? read_map(y, node, out, &name, f) : 0;

	if (err)
		return err;
	out->line = yaml_line(node);
	if (!name || !*name)
		return yaml_fail(y, f, EINVAL, out->line, "interfaces",
				 "a name is wanted, or {name: NAME, mode: native}");
	if (strlen(name) >= IF_NAMESIZE || strpbrk(name, "/: \t\n"))
		return yaml_fail(y, f, EINVAL, out->line, "interfaces",
				 "%.40s: no interface can be called so", name);
	for (size_t i = 0; i < conf->interface_count; i++)
		if (!strcmp(conf->interfaces[i].name, name))
			return yaml_fail(y, f, EINVAL, out->line, "interfaces",
					 "%s: is there already, in line %u", name,
					 conf->interfaces[i].line);
	out->name = strdup(name);
	if (!out->name)
		return fail_errno(f, ENOMEM, conf->path);
	conf->interface_count++;
	return 0;
}

int conf_interfaces(const struct yaml_file *y, struct conf *conf, struct fail *f)
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
