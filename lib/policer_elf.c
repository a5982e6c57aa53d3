// SPDX-License-Identifier: GPL-2.0
#include "lib/policer_elf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/mapfill.h"
#include "lib/progmap.h"
#include "lib/rodata.h"

#define PATH 4096

struct elf {
	struct policer_object object;
	struct rodata_value *params;
	size_t param_count;
	struct mapfill *fills;
	size_t fill_count;
	const char **fresh;
};

static void elf_free(struct elf *e)
{
	for (size_t i = 0; i < e->param_count; i++)
		rodata_value_free(&e->params[i]);
	for (size_t i = 0; i < e->fill_count; i++)
		mapfill_free(&e->fills[i]);
	free(e->params);
	free(e->fills);
	free(e->fresh);
	free(e->object.elf);
	free(e->object.source);
	free(e);
}

void policer_elf_drop(struct policer *p)
{
	elf_free(p->state);
}

/* --- of struct stage_spec --------------------------------------------------------------------- */

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct elf *e = arg;
	int err = 0;

	for (size_t i = 0; !err && i < e->param_count; i++) {
		const struct rodata_value *v = &e->params[i];

		err = stage_rodata(obj, v->name, v->bytes, v->size);
		if (err)
			fail_set(f, -err, "%s: cannot set it: %s", v->name, strerror(-err));
	}
	for (size_t i = 0; !err && i < e->fill_count; i++)
		err = mapfill_size(&e->fills[i], obj, f);
	return err;
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct elf *e = arg;
	int err = 0;

	for (size_t i = 0; !err && i < e->fill_count; i++)
		err = mapfill_fill(&e->fills[i], obj, f);
	return err;
}

/* --- what is in the object -------------------------------------------------------------------- */

static int check_stage(const struct policer_conf *conf, const struct bpf_object *obj,
		       struct fail *f)
{
	const char *what = conf->file;
	struct bpf_program *prog = bpf_object__next_program(obj, NULL);
	const struct btf *btf = bpf_object__btf(obj);
	__u32 abi = 0;

	if (!prog || !btf || btf_variable(btf, ".rodata", "stage_slot", sizeof(__u32)) < 0)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "%s: no stage: STAGE(name) of xdpchain/stage.bpf.h makes one",
				    what);
	if (bpf_object__next_program(obj, prog))
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "%s: more than one program: a policer is one STAGE(name)",
				    what);
	if (rodata_get(obj, "stage_abi", &abi, sizeof(abi)) || abi != CHAIN_ABI)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "%s: built against another version of xdpchain/stage.bpf.h: "
				    "compile it anew",
				    what);
	return 0;
}

/* One that `maps` can name; NULL: there is none. */
static const struct bpf_map *own_map(const struct bpf_object *obj, const char *name)
{
	static const char *const chain[] = { "slots", "tap", "cpus" };
	const struct bpf_map *map = bpf_object__find_map_by_name(obj, name);

	for (size_t i = 0; i < sizeof(chain) / sizeof(chain[0]); i++)
		if (!strcmp(name, chain[i]))
			return NULL;
	return map && !bpf_map__is_internal(map) ? map : NULL;
}

static int unknown_map(const struct policer_conf *conf, const struct policer_pair *pair,
		       const struct bpf_object *obj, struct fail *f)
{
	struct bpf_map *map;
	char names[512] = "";
	size_t len = 0;

	bpf_object__for_each_map(map, obj) {
		const char *name = bpf_map__name(map);

		if (own_map(obj, name) && len < sizeof(names))
			len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
					name);
	}
	return policer_fail(f, EINVAL, pair->line, conf->name, "maps: %s: no such map: %s",
			    pair->key, len ? names : "it has none");
}

/* A relative name is from the folder of the policer's own file. */
static int path_of(const struct policer_conf *conf, const char *name, char path[PATH])
{
	const char *slash = *name == '/' ? NULL : strrchr(conf->file, '/');
	int dir = slash ? slash - conf->file + 1 : 0;

	return snprintf(path, PATH, "%.*s%s", dir, conf->file, name) < PATH ? 0 : -ENAMETOOLONG;
}

static int read_map(const struct policer_conf *conf, const struct policer_pair *pair,
		    const struct bpf_object *obj, struct mapfill *m, struct fail *f)
{
	const struct bpf_map *map = own_map(obj, pair->key);
	struct fail why = { 0 };
	char path[PATH];
	int err;

	if (!map)
		return unknown_map(conf, pair, obj, f);
	if (pair->count != 1 || path_of(conf, pair->values[0], path))
		return policer_fail(f, EINVAL, pair->line, conf->name,
				    "maps: %s: one file is wanted", pair->key);
	err = mapfill_read(obj, map, path, m, &why);
	return err ? policer_fail(f, -err, pair->line, conf->name, "maps: %s: %s", pair->key,
				  why.text)
		   : 0;
}

static int read_maps(const struct policer_conf *conf, const struct bpf_object *obj, struct elf *e,
		     struct policer *p, struct fail *f)
{
	int err = 0;

	e->fills = calloc(conf->map_count + 1, sizeof(*e->fills));
	e->fresh = calloc(conf->map_count + 1, sizeof(*e->fresh));
	if (!e->fills || !e->fresh)
		return fail_errno(f, ENOMEM, conf->name);
	for (size_t i = 0; !err && i < conf->map_count; i++) {
		struct mapfill *m = &e->fills[i];

		err = read_map(conf, &conf->maps[i], obj, m, f);
		if (err)
			break;
		e->fill_count++;
		e->fresh[i] = m->map;
		p->spec.digest = policer_digest(p->spec.digest, m->map, strlen(m->map) + 1);
		p->spec.digest =
			policer_digest(p->spec.digest, m->keys, (size_t)m->count * m->key_size);
		p->spec.digest =
			policer_digest(p->spec.digest, m->values, (size_t)m->count * m->value_size);
	}
	return err;
}

static int read_params(const struct policer_conf *conf, const struct bpf_object *obj, struct elf *e,
		       struct policer *p, struct fail *f)
{
	int err = 0;

	e->params = calloc(conf->param_count + 1, sizeof(*e->params));
	if (!e->params)
		return fail_errno(f, ENOMEM, conf->name);
	for (size_t i = 0; !err && i < conf->param_count; i++) {
		const struct policer_pair *pair = &conf->params[i];
		struct rodata_value *v = &e->params[i];
		struct fail why = { 0 };

		err = rodata_parse(obj, pair->key, pair->values, pair->count, v, &why);
		if (err)
			return policer_fail(f, -err, pair->line, conf->name, "%s", why.text);
		e->param_count++;
		p->spec.digest = policer_digest(p->spec.digest, v->name, strlen(v->name) + 1);
		p->spec.digest = policer_digest(p->spec.digest, v->bytes, v->size);
	}
	return err;
}

static int look_into(const struct policer_conf *conf, struct elf *e, struct policer *p,
		     struct fail *f)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = conf->name);
	struct bpf_object *obj;
	int err;

	libbpf_set_print(NULL); /* what went wrong is in struct fail */
	obj = bpf_object__open_mem(e->object.elf, e->object.size, &opts);
	if (!obj)
		return policer_fail(f, EINVAL, conf->line, conf->name, "%s: not a BPF object: %s",
				    conf->file, strerror(errno));
	err = check_stage(conf, obj, f);
	if (!err)
		err = read_params(conf, obj, e, p, f);
	if (!err)
		err = read_maps(conf, obj, e, p, f);
	bpf_object__close(obj);
	return err;
}

int policer_elf(const struct policer_conf *conf, const struct policer_object *o, struct policer *p,
		struct fail *f)
{
	struct elf *e = calloc(1, sizeof(*e));
	int err;

	if (!e) {
		free(o->elf);
		free(o->source);
		return fail_errno(f, ENOMEM, conf->name);
	}
	e->object = *o;
	p->spec.digest = policer_digest(p->spec.digest, o->elf, o->size);
	err = look_into(conf, e, p, f);
	if (err) {
		elf_free(e);
		return err;
	}
	p->state = e;
	p->spec.object = conf->name;
	p->spec.data = o->elf;
	p->spec.size = o->size;
	p->spec.source = o->source;
	p->spec.setup = setup;
	p->spec.fill = fill;
	p->spec.fresh = e->fresh;
	p->spec.arg = e;
	return 0;
}
