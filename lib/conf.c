// SPDX-License-Identifier: GPL-2.0
#include "lib/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "lib/conf_int.h"
#include "lib/duration.h"
#include "lib/util.h"

#define EVERY_NS (15 * NSEC) /* metrics.every, unless told */

char *conf_path(const struct conf *conf, const char *name)
{
	char *path;

	if (*name == '/')
		return strdup(name);
	return asprintf(&path, "%s/%s", conf->dir, name) < 0 ? NULL : path;
}

static int resolve(const struct conf *conf, char **name, struct fail *f)
{
	char *path = conf_path(conf, *name);

	if (!path)
		return fail_errno(f, ENOMEM, conf->path);
	free(*name);
	*name = path;
	return 0;
}

/* `sets: {NAME: FILE}` */
static int read_sets(const struct yaml_file *y, struct conf *conf, struct fail *f)
{
	const struct yaml_node_s *map = yaml_get(y, yaml_root(y), "sets");
	struct yaml_pair p;
	size_t n = 0;

	if (map && !yaml_is_map(map))
		return yaml_fail(y, f, EINVAL, yaml_line(map), "sets",
				 "names with a file each are wanted: customers: FILE");
	while (!yaml_pair(y, map, n, &p))
		n++;
	conf->sets = calloc(n + 1, sizeof(*conf->sets));
	if (!conf->sets)
		return fail_errno(f, ENOMEM, conf->path);
	for (size_t i = 0; !yaml_pair(y, map, i, &p); i++) {
		struct policer_set *set = &conf->sets[conf->set_count++];
		const char *file = yaml_scalar(p.value);

		if (!file || !*file)
			return yaml_fail(y, f, EINVAL, p.line, p.key,
					 "the name of a file is wanted");
		set->line = p.line;
		set->name = strdup(p.key);
		set->file = conf_path(conf, file);
		if (!set->name || !set->file)
			return fail_errno(f, ENOMEM, conf->path);
	}
	return 0;
}

static int read_control(const struct yaml_file *y, struct conf *conf, struct fail *f)
{
	const struct yaml_node_s *map = yaml_get(y, yaml_root(y), "control");
	const struct yaml_node_s *node = yaml_get(y, map, "socket");

	if (!conf->control.socket)
		conf->control.socket = strdup(CONF_SOCKET);
	if (!conf->control.socket)
		return fail_errno(f, ENOMEM, conf->path);
	if (conf->control.socket[0] != '/')
		return yaml_fail(y, f, EINVAL, yaml_line(node), "socket",
				 "%.40s: the whole path is wanted, from / on",
				 conf->control.socket);
	if (strlen(conf->control.socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return yaml_fail(y, f, EINVAL, yaml_line(node), "socket",
				 "longer than the %zu bytes of a socket's address",
				 sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	return 0;
}

static int read_metrics(const struct yaml_file *y, struct conf *conf, struct fail *f)
{
	const struct yaml_node_s *map = yaml_get(y, yaml_root(y), "metrics");
	const struct yaml_node_s *every = yaml_get(y, map, "every");
	struct fail why = { 0 };

	conf->metrics.every_ns = EVERY_NS;
	if (conf->metrics.textfile && resolve(conf, &conf->metrics.textfile, f))
		return -ENOMEM;
	if (!every)
		return 0;
	if (!yaml_scalar(every))
		return yaml_fail(y, f, EINVAL, yaml_line(every), "every",
				 "a time like 15s is wanted");
	if (duration_parse(yaml_scalar(every), &conf->metrics.every_ns, &why))
		return yaml_fail(y, f, EINVAL, yaml_line(every), "every", "%s", why.text);
	return 0;
}

/* The folder of @path as an absolute name: what is relative stays right wherever we go. */
static int set_path(struct conf *conf, const char *path, struct fail *f)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, slash - path + !(slash - path)) : strdup(".");

	conf->path = strdup(path);
	conf->dir = dir ? realpath(dir, NULL) : NULL;
	free(dir);
	if (!conf->path || !conf->dir)
		return fail_set(f, errno, "%s: %s", path, strerror(errno));
	return 0;
}

static int read_interfaces(const struct yaml_file *y, struct conf *conf, struct fail *f)
{
	static const struct mapping_key keys[] = { IFLIST_KEYS, { 0 } };
	static const struct iflist_kind kind = { keys, sizeof(*conf->interfaces), NULL };
	void *list;
	int err = iflist_read(y, &kind, &list, &conf->interface_count, f);

	if (!err)
		conf->interfaces = list;
	return err;
}

static int read_all(const struct yaml_file *y, struct conf *conf, const char *path, struct fail *f)
{
	int err = set_path(conf, path, f);

	if (!err)
		err = read_interfaces(y, conf, f);
	if (!err)
		err = read_sets(y, conf, f);
	if (!err)
		err = conf_policers(y, conf, f);
	if (!err)
		err = read_control(y, conf, f);
	return err ? err : read_metrics(y, conf, f);
}

int conf_read(const struct yaml_file *y, const char *path, struct conf **out, struct fail *f)
{
	void *data;
	int err = yaml_bind(y, &conf_schema, &data, f);

	if (err)
		return err;
	err = read_all(y, data, path, f);
	if (err) {
		conf_free(data);
		return err;
	}
	*out = data;
	return 0;
}

int conf_load(const char *path, struct conf **out, struct fail *f)
{
	struct yaml_file *y;
	int err = yaml_open(path, &y, f);

	if (err)
		return err;
	err = conf_read(y, path, out, f);
	yaml_close(y);
	return err;
}

void conf_free(struct conf *conf)
{
	if (!conf)
		return;
	free(conf->interfaces);
	for (size_t i = 0; i < conf->set_count; i++) {
		free(conf->sets[i].name);
		free(conf->sets[i].file);
	}
	free(conf->sets);
	conf_policers_free(conf);
	free(conf->path);
	free(conf->dir);
	yaml_unbind(&conf_schema, conf);
}
