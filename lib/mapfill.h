/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/mapfill.h - a policer's map, filled from a file: KEY [VALUE] a line, `#` begins a comment.
 *
 * How KEY and VALUE are written follows from the map's type and the BTF of its key and value, see
 * lib/btf_value.h: the key of an LPM trie is a prefix, IPv4 if it has 8 bytes and IPv6 if 20;
 * other keys are numbers, ports, addresses, packet signatures in hex, or several of them where the
 * key is a struct. Without VALUE it is 1 where the value is one number, and zeros else. Of two
 * lines with the same key the later one counts.
 *
 * A hash or trie that is smaller than its file is loaded as large as the file. An array is not:
 * its program may know its size.
 */
#ifndef LIB_MAPFILL_H
#define LIB_MAPFILL_H

#include <stddef.h>

#include <linux/types.h>

#include "lib/fail.h"

struct bpf_map;
struct bpf_object;

#define MAPFILL_FILE_MAX (1u << 30) /* bytes */

struct mapfill {
	char *map; /* its name */
	char *keys, *values;
	__u32 count, room; /* entries */
	__u32 key_size, value_size;
};

/**
 * mapfill_read - read the file @path for the map @map of the open object @obj.
 * @m: set on success; freed with mapfill_free()
 *
 * Return: 0; -EINVAL a map or type that cannot be filled, or "FILE:LINE: reason" of a line;
 * -ENOENT; -E2BIG more than an array has; -errno.
 */
int mapfill_read(const struct bpf_object *obj, const struct bpf_map *map, const char *path,
		 struct mapfill *m, struct fail *f);

/** mapfill_size - before the load: make the map of @obj large enough. 0 or -errno. */
int mapfill_size(const struct mapfill *m, struct bpf_object *obj, struct fail *f);

/** mapfill_fill - after the load, the map being empty. 0 or -errno. */
int mapfill_fill(const struct mapfill *m, struct bpf_object *obj, struct fail *f);

/** mapfill_free - fine on a zeroed one. */
void mapfill_free(struct mapfill *m);

#endif
