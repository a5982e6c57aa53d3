/* SPDX-License-Identifier: GPL-2.0 */
/* lib/progmap.h - from a loaded program to its maps, its BTF and its .rodata. */
#ifndef LIB_PROGMAP_H
#define LIB_PROGMAP_H

#include <stddef.h>

#include <linux/types.h>

struct bpf_prog_info;
struct btf;
struct btf_var_secinfo;

/** prog_info - the kernel's description of program @id. 0 or -errno. */
int prog_info(__u32 id, struct bpf_prog_info *info);

/** prog_map - a descriptor of the map of program @id whose name ends in @suffix; -ENOENT. */
int prog_map(__u32 id, const char *suffix);

/** prog_btf - the BTF of program @id, to be freed with btf__free(), or NULL and errno. */
struct btf *prog_btf(__u32 id);

/** btf_variable - offset of variable @name, of @size bytes, in section @sec. -ENOENT, -EINVAL. */
int btf_variable(const struct btf *btf, const char *sec, const char *name, size_t size);

#endif
