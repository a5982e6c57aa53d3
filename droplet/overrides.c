// SPDX-License-Identifier: GPL-2.0
#include "droplet/overrides.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

const struct override *overrides_find(const struct overrides *o, const char *name)
{
	for (size_t i = 0; i < o->count; i++)
		if (!strcmp(o->v[i].name, name))
			return &o->v[i];
	return NULL;
}

int overrides_set(struct overrides *o, const char *name, int mode, int disabled)
{
	struct override *v = (struct override *)overrides_find(o, name);

	if (!v) {
		if (o->count == CHAIN_SLOT_POLICER_MAX)
			return -ENOSPC;
		v = &o->v[o->count++];
		*v = (struct override){ .mode = -1, .disabled = -1 };
		snprintf(v->name, sizeof(v->name), "%s", name);
	}
	/* There are two values: the other than one that is not as in the file is as in the file. */
	if (mode >= 0)
		v->mode = v->mode >= 0 && v->mode != mode ? -1 : mode;
	if (disabled >= 0)
		v->disabled = v->disabled >= 0 && v->disabled != disabled ? -1 : disabled;
	if (v->mode < 0 && v->disabled < 0)
		*v = o->v[--o->count];
	return 0;
}

static struct policer_conf *find(struct conf *conf, const char *name)
{
	for (size_t i = 0; i < conf->policer_count; i++)
		if (!strcmp(conf->policers[i].name, name))
			return &conf->policers[i];
	return NULL;
}

void overrides_apply(struct overrides *o, struct conf *conf)
{
	struct overrides left = { .count = 0 };

	for (size_t i = 0; i < o->count; i++) {
		struct policer_conf *p = find(conf, o->v[i].name);
		struct override v = o->v[i];

		if (!p)
			continue;
		if (v.mode == (int)p->mode)
			v.mode = -1;
		if (v.disabled == p->disabled)
			v.disabled = -1;
		if (v.mode >= 0)
			p->mode = v.mode;
		if (v.disabled >= 0)
			p->disabled = v.disabled;
		if (v.mode >= 0 || v.disabled >= 0)
			left.v[left.count++] = v;
	}
	*o = left;
}

/* true, false, or not there. */
static int flag(const json_t *o, const char *key)
{
	const json_t *v = json_object_get(o, key);

	return json_is_boolean(v) ? json_boolean_value(v) : -1;
}

int overrides_load(struct overrides *o, const char *path, struct fail *f)
{
	struct overrides got = { .count = 0 };
	json_error_t why;
	const char *name;
	json_t *all, *v;

	if (access(path, F_OK)) {
		o->count = 0;
		return 0;
	}
	all = json_load_file(path, 0, &why);
	if (!json_is_object(all)) {
		json_decref(all);
		return fail_set(f, EINVAL,
				"%s: not what a daemon has written (%s): remove it, and what was "
				"promoted or disabled at run time is forgotten",
				path, why.text);
	}
	json_object_foreach(all, name, v)
		if (got.count < CHAIN_SLOT_POLICER_MAX && strlen(name) < CHAIN_NAME_LEN)
			overrides_set(&got, name, flag(v, "shadow"), flag(v, "disabled"));
	json_decref(all);
	*o = got;
	return 0;
}

static json_t *to_json(const struct overrides *o)
{
	json_t *all = json_object();

	for (size_t i = 0; i < o->count; i++) {
		json_t *v = json_object();

		if (o->v[i].mode >= 0)
			json_object_set_new(v, "shadow",
					    json_boolean(o->v[i].mode == POLICER_SHADOW));
		if (o->v[i].disabled >= 0)
			json_object_set_new(v, "disabled", json_boolean(o->v[i].disabled));
		json_object_set_new(all, o->v[i].name, v);
	}
	return all;
}

static int write_file(const char *path, const json_t *all)
{
	FILE *file = fopen(path, "we");
	int err;

	if (!file)
		return -errno;
	errno = 0;
	err = json_dumpf(all, file, JSON_INDENT(2)) || fputc('\n', file) < 0 || fflush(file) ||
			      fsync(fileno(file))
		      ? -(errno ? errno : EIO)
		      : 0;
	if (fclose(file) && !err)
		err = -errno;
	return err;
}

int overrides_save(const struct overrides *o, const char *path, struct fail *f)
{
	char temp[4096];
	json_t *all;
	int err;

	if (!o->count)
		return unlink(path) && errno != ENOENT ? fail_errno(f, errno, path) : 0;
	snprintf(temp, sizeof(temp), "%s.new", path);
	all = to_json(o);
	err = write_file(temp, all);
	json_decref(all);
	if (!err && rename(temp, path))
		err = -errno;
	if (!err)
		return 0;
	unlink(temp);
	return fail_set(f, -err, "%s: %s: it cannot be remembered, nothing is changed", path,
			strerror(-err));
}
