// SPDX-License-Identifier: GPL-2.0
#include "lib/lbconf.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "lib/lbconf_int.h"

static int skip(const struct mapping_at *at)
{
	(void)at;
	return 0;
}

static int set(const struct mapping_at *at, char **where, size_t max)
{
	const char *text = mapping_word(at, max);

	if (!text)
		return -EINVAL;
	*where = strdup(text);
	return *where ? 0 : fail_errno(at->f, ENOMEM, text);
}

static int read_socket(const struct mapping_at *at)
{
	const char *path = mapping_word(at, sizeof(((struct sockaddr_un *)0)->sun_path));
	struct lbconf *conf = at->out;

	if (!path)
		return -EINVAL;
	if (*path != '/')
		return mapping_bad(at, "%.40s: the whole path is wanted, from / on", path);
	return set(at, &conf->socket, sizeof(((struct sockaddr_un *)0)->sun_path));
}

static int read_group(const struct mapping_at *at)
{
	struct lbconf *conf = at->out;

	return set(at, &conf->group, 256);
}

static int read_control(const struct mapping_at *at)
{
	static const struct mapping_key keys[] = {
		{ "socket", read_socket },
		{ "group", read_group },
		{ 0 },
	};

	return mapping_read(at->y, at->pair.value, "control", keys, at->out, at->f);
}

static int read_all(const struct yaml_file *y, struct lbconf *conf, struct fail *f)
{
	static const struct mapping_key keys[] = {
		{ "interfaces", skip },
		{ "vips", skip },
		{ "control", read_control },
		{ 0 },
	};
	int err = mapping_read(y, yaml_root(y), "the file", keys, conf, f);

	if (!err)
		err = lbconf_interfaces(y, conf, f);
	if (!err)
		err = lbconf_vips(y, conf, f);
	if (!err && !conf->socket)
		conf->socket = strdup(LBCONF_SOCKET);
	return err || conf->socket ? err : fail_errno(f, ENOMEM, conf->path);
}

int lbconf_read(const struct yaml_file *y, const char *path, struct lbconf **out, struct fail *f)
{
	struct lbconf *conf = calloc(1, sizeof(*conf));
	int err;

	if (conf)
		conf->path = strdup(path);
	err = conf && conf->path ? read_all(y, conf, f) : fail_errno(f, ENOMEM, path);
	if (err) {
		lbconf_free(conf);
		return err;
	}
	*out = conf;
	return 0;
}

int lbconf_load(const char *path, struct lbconf **out, struct fail *f)
{
	struct yaml_file *y;
	int err = yaml_open(path, &y, f);

	if (err)
		return err;
	err = lbconf_read(y, path, out, f);
	yaml_close(y);
	return err;
}

void lbconf_free(struct lbconf *conf)
{
	if (!conf)
		return;
	for (size_t i = 0; i < conf->vip_count; i++) {
		struct lbconf_vip *v = &conf->vips[i];

		for (size_t j = 0; j < v->real_count; j++) {
			free(v->reals[j].ids);
			free(v->reals[j].sources);
		}
		free(v->reals);
	}
	free(conf->vips);
	free(conf->interfaces);
	free(conf->socket);
	free(conf->group);
	free(conf->path);
	free(conf);
}
