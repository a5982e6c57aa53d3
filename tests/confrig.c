// SPDX-License-Identifier: GPL-2.0
#include "tests/confrig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rig.h"

void confrig_up(struct confrig *r)
{
	memset(r, 0, sizeof(*r));
	snprintf(r->dir, sizeof(r->dir), "/tmp/xdpchain-conf-XXXXXX");
	if (!mkdtemp(r->dir)) {
		perror("confrig");
		exit(1);
	}
}

static void pairs_free(struct policer_pair *pairs, size_t *count)
{
	for (size_t i = 0; i < *count; i++) {
		for (size_t j = 0; j < pairs[i].count; j++)
			free(pairs[i].values[j]);
		free(pairs[i].values);
		free(pairs[i].key);
	}
	*count = 0;
}

void confrig_down(struct confrig *r)
{
	pairs_free(r->params, &r->conf.param_count);
	pairs_free(r->maps, &r->conf.map_count);
	if (r->dir[0])
		rig_sh("rm -rf '%s'", r->dir);
}

const char *confrig_write(struct confrig *r, const char *name, const char *text)
{
	FILE *f;

	snprintf(r->file, sizeof(r->file), "%s/%s", r->dir, name);
	f = fopen(r->file, "w");
	if (!f || fputs(text, f) < 0 || fclose(f)) {
		perror(r->file);
		exit(1);
	}
	return r->file;
}

void confrig_use(struct confrig *r, const char *kind, const char *file)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s%s%s", *file == '/' ? "" : r->dir, *file == '/' ? "" : "/",
		 file);
	pairs_free(r->params, &r->conf.param_count);
	pairs_free(r->maps, &r->conf.map_count);
	r->conf = (struct policer_conf){ .name = (char *)"x",
					 .kind = (char *)kind,
					 .file = path,
					 .params = r->params,
					 .maps = r->maps,
					 .line = 7 };
}

static void add(struct policer_pair *pair, const char *key, const char *value, unsigned int line)
{
	char *text = strdup(value), *at = text, *one;

	pair->key = strdup(key);
	pair->values = calloc(64, sizeof(char *));
	pair->count = 0;
	pair->line = line;
	while ((one = strsep(&at, ",")) && pair->count < 64)
		pair->values[pair->count++] = strdup(one);
	free(text);
}

void confrig_param(struct confrig *r, const char *key, const char *value)
{
	size_t n = r->conf.param_count++;

	add(&r->params[n], key, value, 10 + n);
}

void confrig_map(struct confrig *r, const char *map, const char *file)
{
	size_t n = r->conf.map_count++;

	add(&r->maps[n], map, file, 20 + n);
}
