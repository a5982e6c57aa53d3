// SPDX-License-Identifier: GPL-2.0
#include "lib/progmap.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#define MAPS_MAX 64 /* the verifier's own limit of maps a program */

int prog_info(__u32 id, struct bpf_prog_info *info)
{
	__u32 len = sizeof(*info);
	int fd = bpf_prog_get_fd_by_id(id), err;

	if (fd < 0)
		return -errno;
	err = bpf_obj_get_info_by_fd(fd, info, &len);
	close(fd);
	return err;
}

static int name_ends(const char *name, const char *suffix)
{
	size_t n = strlen(name), s = strlen(suffix);

	return n >= s && !strcmp(name + n - s, suffix);
}

int prog_map(__u32 id, const char *suffix)
{
	__u32 ids[MAPS_MAX];
	struct bpf_prog_info info = { .nr_map_ids = MAPS_MAX, .map_ids = (uintptr_t)ids };
	int err = prog_info(id, &info);

	for (__u32 i = 0; !err && i < info.nr_map_ids && i < MAPS_MAX; i++) {
		struct bpf_map_info map = { 0 };
		__u32 len = sizeof(map);
		int fd = bpf_map_get_fd_by_id(ids[i]);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &map, &len) && name_ends(map.name, suffix))
			return fd;
		close(fd);
	}
	return err ? err : -ENOENT;
}

struct btf *prog_btf(__u32 id)
{
	struct bpf_prog_info info = { 0 };
	int err = prog_info(id, &info);

	if (!err && !info.btf_id)
		err = -ENOENT;
	if (err) {
		errno = -err;
		return NULL;
	}
	return btf__load_from_kernel_by_id(info.btf_id);
}

int btf_variable(const struct btf *btf, const char *sec, const char *name, size_t size)
{
	int id = btf__find_by_name_kind(btf, sec, BTF_KIND_DATASEC);
	const struct btf_type *t = id < 0 ? NULL : btf__type_by_id(btf, id);
	const struct btf_var_secinfo *v = t ? btf_var_secinfos(t) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++) {
		const struct btf_type *var = btf__type_by_id(btf, v[i].type);

		if (strcmp(btf__name_by_offset(btf, var->name_off), name))
			continue;
		return v[i].size == size ? (int)v[i].offset : -EINVAL;
	}
	return -ENOENT;
}
