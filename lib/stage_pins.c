// SPDX-License-Identifier: GPL-2.0
/* stage_pins - where the maps of a stage are found, and how they go on. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/stage_int.h"
#include "lib/util.h"

static const char *const chain_names[] = { "slots", "tap", "cpus", "sessions", "info" };

int stage_own(const struct bpf_map *map)
{
	for (size_t i = 0; i < ARRAY_SIZE(chain_names); i++)
		if (!strcmp(bpf_map__name(map), chain_names[i]))
			return 0;
	return !bpf_map__is_internal(map);
}

void stage_path(char path[PINS_PATH], const struct chain *c, __u32 instance, const char *name)
{
	char rel[96];

	snprintf(rel, sizeof(rel), "stage%u%s%s", instance, name ? "/" : "", name ? name : "");
	pins_path(path, c->ifname, rel);
}

static int open_map(const struct chain *c, __u32 instance, const char *name)
{
	char path[PINS_PATH];
	int fd;

	stage_path(path, c, instance, name);
	fd = bpf_obj_get(path);
	return fd < 0 ? -errno : fd;
}

int stage_map(const struct chain *c, __u32 slot, const char *name)
{
	struct chain_stage st;
	int err = chain_stage(c, slot, &st);

	if (err)
		return err;
	return st.instance ? open_map(c, st.instance, name) : -ENOENT;
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

int stage_keep(const struct chain *c, const struct stage_spec *spec, struct bpf_object *obj,
	       __u32 from)
{
	struct bpf_map *map;
	int fd, lost = 0, err = 0;

	bpf_object__for_each_map(map, obj) {
		if (!stage_own(map) || is_fresh(spec, bpf_map__name(map)))
			continue;
		fd = open_map(c, from, bpf_map__name(map));
		if (fd < 0)
			continue;
		if (same_map(map, fd))
			err = bpf_map__reuse_fd(map, fd);
		else
			lost++;
		close(fd);
		if (err)
			return err;
	}
	return lost;
}

int stage_pin(const struct chain *c, __u32 instance, struct bpf_object *obj, int prog)
{
	char dir[PINS_PATH], path[PINS_PATH];
	struct bpf_map *map;
	int err;

	stage_path(dir, c, instance, NULL);
	pins_remove_dir(dir); /* of a command that was killed */
	err = pins_mkdir(dir);
	if (err)
		return err;
	stage_path(path, c, instance, STAGE_PROGRAM);
	err = pins_pin(prog, path);
	bpf_object__for_each_map(map, obj) {
		if (err)
			break;
		if (!stage_own(map))
			continue;
		stage_path(path, c, instance, bpf_map__name(map));
		err = pins_pin(bpf_map__fd(map), path);
	}
	if (err)
		pins_remove_dir(dir);
	return err;
}

static int in_chain(const struct chain *c, __u32 instance)
{
	struct chain_stage st;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st) && st.instance == instance)
			return 1;
	return 0;
}

void stage_sweep(const struct chain *c)
{
	char path[PINS_PATH];
	struct dirent *e;
	unsigned int instance;
	DIR *d;

	pins_path(path, c->ifname, NULL);
	d = opendir(path);
	while (d && (e = readdir(d))) {
		if (sscanf(e->d_name, "stage%u", &instance) != 1 || in_chain(c, instance))
			continue;
		stage_path(path, c, instance, NULL);
		pins_remove_dir(path);
	}
	if (d)
		closedir(d);
}
