// SPDX-License-Identifier: GPL-2.0
#include "lib/stage.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/btf_reasons.h"
#include "lib/load.h"
#include "lib/object.h"
#include "lib/pins.h"
#include "lib/progmap.h"
#include "lib/srcline.h"
#include "lib/util.h"

#define RODATA_MAX 16384
#define NEW	   ":new" /* pins of a program that is not in its slot yet */

static const char *const chain_names[] = { "slots", "tap", "cpus", "sessions", "info" };

static int is_own(const struct bpf_map *map)
{
	for (size_t i = 0; i < ARRAY_SIZE(chain_names); i++)
		if (!strcmp(bpf_map__name(map), chain_names[i]))
			return 0;
	return !bpf_map__is_internal(map);
}

/* "stage<slot>[/<name>][<suffix>]" of the chain's directory. */
static void stage_path(char path[PINS_PATH], const struct chain *c, __u32 slot, const char *name,
		       const char *suffix)
{
	char rel[96];

	snprintf(rel, sizeof(rel), "stage%u%s%s%s", slot, name ? "/" : "", name ? name : "",
		 suffix);
	pins_path(path, c->ifname, rel);
}

int stage_map(const struct chain *c, __u32 slot, const char *name)
{
	char path[PINS_PATH];
	int fd;

	stage_path(path, c, slot, name, "");
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int stage_rodata(struct bpf_object *obj, const char *name, const void *value, size_t size)
{
	int off = btf_variable(bpf_object__btf(obj), ".rodata", name, size);
	char data[RODATA_MAX];
	struct bpf_map *map;
	const void *old;
	size_t len;

	if (off < 0)
		return off;
	bpf_object__for_each_map(map, obj) {
		const char *dot = strstr(bpf_map__name(map), ".rodata");

		if (!dot || strcmp(dot, ".rodata"))
			continue;
		old = bpf_map__initial_value(map, &len);
		if (!old || len > sizeof(data) || off + size > len)
			return -EINVAL;
		memcpy(data, old, len);
		memcpy(data + off, value, size);
		return bpf_map__set_initial_value(map, data, len);
	}
	return -ENOENT;
}

int stage_rodata_get(const struct chain *c, __u32 slot, const char *name, void *value, size_t size)
{
	struct chain_stage st;
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info), zero = 0;
	char data[RODATA_MAX];
	struct btf *btf;
	int fd, off, err = chain_stage(c, slot, &st);

	if (err)
		return err;
	btf = prog_btf(st.prog_id);
	off = btf ? btf_variable(btf, ".rodata", name, size) : -ENOENT;
	btf__free(btf);
	if (off < 0)
		return off;
	fd = prog_map(st.prog_id, ".rodata");
	if (fd < 0)
		return fd;
	err = bpf_obj_get_info_by_fd(fd, &info, &len);
	if (!err && (info.value_size > sizeof(data) || off + size > info.value_size))
		err = -EINVAL;
	if (!err && bpf_map_lookup_elem(fd, &zero, data))
		err = -errno;
	close(fd);
	if (!err)
		memcpy(value, data + off, size);
	return err;
}

static int same_map(const struct bpf_map *map, int fd)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info), max = bpf_map__max_entries(map);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return 0;
	return info.type == bpf_map__type(map) && info.key_size == bpf_map__key_size(map) &&
	       info.value_size == bpf_map__value_size(map) && info.max_entries == max &&
	       info.map_flags == bpf_map__map_flags(map);
}

static int is_fresh(const struct stage_spec *spec, const char *name)
{
	for (const char *const *fresh = spec->fresh; fresh && *fresh; fresh++)
		if (!strcmp(*fresh, name))
			return 1;
	return 0;
}

/* Go on with the maps of the program that is in the slot now. */
static int keep_maps(const struct chain *c, const struct stage_spec *spec, struct bpf_object *obj,
		     unsigned int *lost)
{
	struct bpf_map *map;
	int fd, err = 0;

	bpf_object__for_each_map(map, obj) {
		if (!is_own(map) || is_fresh(spec, bpf_map__name(map)))
			continue;
		fd = stage_map(c, spec->slot, bpf_map__name(map));
		if (fd < 0)
			continue;
		if (same_map(map, fd))
			err = bpf_map__reuse_fd(map, fd);
		else if (lost)
			(*lost)++;
		close(fd);
		if (err)
			break;
	}
	return err;
}

static int prepare(struct chain *c, const struct stage_spec *spec, struct bpf_object *obj,
		   __u32 instance, struct fail *f)
{
	__u32 shadow = !!(spec->flags & CHAIN_STAGE_SHADOW);
	struct bpf_program *prog = bpf_object__next_program(obj, NULL);
	int err = 0;

	if (!prog || bpf_object__next_program(obj, prog))
		return fail_set(f, EINVAL, "%s: not a stage: it has not exactly one program",
				bpf_object__name(obj));
	if (stage_rodata(obj, "stage_slot", &spec->slot, sizeof(__u32)) ||
	    stage_rodata(obj, "stage_instance", &instance, sizeof(__u32)) ||
	    stage_rodata(obj, "stage_shadow", &shadow, sizeof(__u32)))
		return fail_set(f, EINVAL,
				"%s: not a stage: it has no STAGE(name) of "
				"xdpchain/stage.bpf.h",
				bpf_object__name(obj));
	if (spec->setup)
		err = spec->setup(obj, spec->arg, f);
	return err ? err : chain_reuse(c, obj, f);
}

/* Pin the maps beside those of the old program, then put them in their place by a rename. */
static int pin_new(const struct chain *c, __u32 slot, struct bpf_object *obj)
{
	char path[PINS_PATH];
	struct bpf_map *map;
	int err;

	stage_path(path, c, slot, NULL, "");
	err = pins_mkdir(path);
	if (err && err != -EEXIST)
		return err;
	bpf_object__for_each_map(map, obj) {
		if (!is_own(map))
			continue;
		stage_path(path, c, slot, bpf_map__name(map), NEW);
		unlink(path); /* of a command that was killed */
		err = pins_pin(bpf_map__fd(map), path);
		if (err)
			return err;
	}
	return 0;
}

static void drop_new(const struct chain *c, __u32 slot, struct bpf_object *obj)
{
	char path[PINS_PATH];
	struct bpf_map *map;

	bpf_object__for_each_map(map, obj) {
		stage_path(path, c, slot, bpf_map__name(map), NEW);
		unlink(path);
	}
	stage_path(path, c, slot, NULL, "");
	rmdir(path); /* succeeds only where nobody was in the slot before */
}

/* Pins of maps that the old program had and @obj has not. */
static void drop_old(const struct chain *c, __u32 slot, const struct bpf_object *obj)
{
	char path[PINS_PATH];
	struct dirent *e;
	DIR *d;

	stage_path(path, c, slot, NULL, "");
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (e->d_name[0] == '.' || bpf_object__find_map_by_name(obj, e->d_name))
			continue;
		unlinkat(dirfd(d), e->d_name, 0);
	}
	if (d)
		closedir(d);
}

static int keep_new(const struct chain *c, __u32 slot, struct bpf_object *obj)
{
	char from[PINS_PATH], to[PINS_PATH];
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, obj) {
		if (!is_own(map))
			continue;
		stage_path(from, c, slot, bpf_map__name(map), NEW);
		stage_path(to, c, slot, bpf_map__name(map), "");
		if (rename(from, to))
			err = -errno;
	}
	drop_old(c, slot, obj);
	return err;
}

static int keep_names(const struct chain *c, const struct bpf_object *obj,
		      const struct chain_stage *st)
{
	struct chain_program p;

	memcpy(p.name, st->name, sizeof(p.name));
	btf_reasons(bpf_object__btf(obj), p.reasons);
	return chain_program_keep(c, st->instance, &p);
}

static int place(struct chain *c, const struct stage_spec *spec, struct bpf_object *obj,
		 __u32 instance, struct fail *f)
{
	struct chain_stage st = { .instance = instance, .flags = spec->flags };
	struct bpf_program *prog = bpf_object__next_program(obj, NULL);
	int err, fd = -1;

	snprintf(st.name, sizeof(st.name), "%s", spec->name ? spec->name : bpf_program__name(prog));
	err = spec->fill ? spec->fill(obj, spec->arg, f) : 0;
	if (err)
		return err;
	if (spec->program) {
		fd = spec->program(obj, spec->arg, f);
		if (fd < 0)
			return fd;
	}
	err = keep_names(c, obj, &st);
	if (!err)
		err = pin_new(c, spec->slot, obj);
	if (err)
		fail_set(f, -err, "%s: cannot pin maps: %s", st.name, strerror(-err));
	if (!err)
		err = chain_set(c, spec->slot, fd < 0 ? bpf_program__fd(prog) : fd, &st, f);
	fd_close(fd);
	if (err) {
		chain_program_drop(c, instance);
		drop_new(c, spec->slot, obj);
		return err;
	}
	err = keep_new(c, spec->slot, obj);
	return err ? fail_set(f, -err, "%s: cannot pin maps: %s", st.name, strerror(-err)) : 0;
}

static struct bpf_object *open_object(const struct stage_spec *spec, struct fail *f)
{
	const struct object *o = spec->data ? NULL : object_find(spec->object);
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = spec->object);
	struct bpf_object *obj;

	if (!spec->data && !o) {
		errno = -fail_set(f, ENOENT, "%s: no such policer", spec->object);
		return NULL;
	}
	obj = bpf_object__open_mem(o ? o->data : spec->data, o ? o->size : spec->size, &opts);
	if (!obj)
		fail_set(f, errno, "%s: not a BPF object: %s", spec->object, strerror(errno));
	return obj;
}

/* With the line of the source that the verifier stopped at. */
static int load_spec(const struct stage_spec *spec, struct bpf_object *obj, struct fail *f)
{
	const struct object *o = spec->data ? NULL : object_find(spec->object);
	int err = load_object(obj, f);

	if (err)
		srcline_add(o ? o->data : spec->data, o ? o->size : spec->size, spec->source, f);
	return err;
}

int stage_load(struct chain *c, const struct stage_spec *spec, unsigned int *lost, struct fail *f)
{
	struct bpf_object *obj = open_object(spec, f);
	__u32 instance = 0;
	int err;

	if (lost)
		*lost = 0;
	if (!obj)
		return -errno;
	err = chain_instance(c, &instance);
	if (!err)
		err = prepare(c, spec, obj, instance, f);
	if (!err)
		err = keep_maps(c, spec, obj, lost);
	if (!err)
		err = load_spec(spec, obj, f);
	if (!err)
		err = place(c, spec, obj, instance, f);
	bpf_object__close(obj);
	return err;
}

int stage_unload(struct chain *c, __u32 slot, struct fail *f)
{
	char path[PINS_PATH];
	int err = chain_clear(c, slot, f);

	if (err)
		return err;
	stage_path(path, c, slot, NULL, "");
	pins_remove_dir(path);
	return 0;
}
