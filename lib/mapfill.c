// SPDX-License-Identifier: GPL-2.0
#include "lib/mapfill.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/btf_value.h"
#include "lib/file.h"
#include "lib/prefix.h"

#define BATCH	  65536	    /* entries a system call */
#define COUNT_MAX 100000000 /* entries */
#define WORD_MAX  64

/* Of a map, what reading its file takes. */
struct shape {
	enum bpf_map_type type;
	struct btf_value key, value;
	__u32 entries;
};

static int shape_of(const struct bpf_object *obj, const struct bpf_map *map, struct shape *s,
		    struct fail *f)
{
	const struct btf *btf = bpf_object__btf(obj);
	const char *name = bpf_map__name(map);

	s->type = bpf_map__type(map);
	s->entries = bpf_map__max_entries(map);
	if (s->type != BPF_MAP_TYPE_HASH && s->type != BPF_MAP_TYPE_ARRAY &&
	    s->type != BPF_MAP_TYPE_LPM_TRIE)
		return fail_set(f, EINVAL,
				"%s: a map that is filled from a file is a HASH, an ARRAY or an "
				"LPM_TRIE",
				name);
	if (!btf || !bpf_map__btf_key_type_id(map) || !bpf_map__btf_value_type_id(map))
		return fail_set(f, EINVAL,
				"%s: it does not say its types: use __type(key, ...) and "
				"__type(value, ...)",
				name);
	if (s->type == BPF_MAP_TYPE_LPM_TRIE) {
		s->key = (struct btf_value){ .count = 1, .size = bpf_map__key_size(map) };
		if (s->key.size != 8 && s->key.size != 20)
			return fail_set(
				f, EINVAL,
				"%s: the key of a trie is a __u32 and an address of 4 or 16 "
				"bytes, this has %u bytes",
				name, s->key.size);
	} else if (btf_value_of(btf, bpf_map__btf_key_type_id(map), &s->key) || !s->key.count) {
		return fail_set(f, EINVAL, "%s: its key is of no type that can be written", name);
	}
	if (btf_value_of(btf, bpf_map__btf_value_type_id(map), &s->value))
		return fail_set(f, EINVAL, "%s: its value is of no type that can be written", name);
	return 0;
}

/* --- a line ----------------------------------------------------------------------------------- */

static const char *skip_spaces(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* The key of an LPM trie: struct bpf_lpm_trie_key, length in host order, address in network order.
 */
static int put_prefix(const struct shape *s, const char *text, const char **end, char *key,
		      struct fail *f)
{
	__u32 len = strcspn(text, " \t\r\n");
	int family = s->key.size == 8 ? AF_INET : AF_INET6, err;
	char one[WORD_MAX];
	struct prefix p;

	if (len >= sizeof(one))
		return fail_set(f, EINVAL, "%.60s: not an address or prefix", text);
	memcpy(one, text, len);
	one[len] = 0;
	err = prefix_parse(one, &p, f);
	if (err)
		return err;
	if (p.family != family)
		return fail_set(f, EINVAL, "%s: an IPv%d prefix is wanted", one,
				family == AF_INET ? 4 : 6);
	memcpy(key, &p.len, sizeof(p.len));
	memcpy(key + sizeof(p.len), p.addr, s->key.size - sizeof(p.len));
	*end = text + len;
	return 0;
}

static int put_fields(const struct btf_value *v, const char *text, const char **end, char *out,
		      struct fail *f)
{
	for (__u32 i = 0; i < v->count; i++) {
		int err;

		text = skip_spaces(text);
		if (!*text)
			return fail_set(f, EINVAL, "%u values are wanted, this is %u", v->count, i);
		err = btf_value_put(&v->fields[i], text, &text, out, f);
		if (err)
			return err;
	}
	*end = text;
	return 0;
}

static void put_default(const struct btf_value *v, char *out)
{
	const char *end;

	if (v->count == 1 && v->fields[0].kind < BTF_VALUE_ADDR6)
		btf_value_put(&v->fields[0], "1", &end, out, NULL);
}

static int put_line(const struct shape *s, const char *text, char *key, char *value, struct fail *f)
{
	int err = s->type == BPF_MAP_TYPE_LPM_TRIE ? put_prefix(s, text, &text, key, f)
						   : put_fields(&s->key, text, &text, key, f);
	__u32 index;

	if (err)
		return err;
	memcpy(&index, key, sizeof(index) < s->key.size ? sizeof(index) : s->key.size);
	if (s->type == BPF_MAP_TYPE_ARRAY && index >= s->entries)
		return fail_set(f, E2BIG, "%u: the array has %u entries, 0 to %u", index,
				s->entries, s->entries - 1);
	text = skip_spaces(text);
	if (*text)
		err = put_fields(&s->value, text, &text, value, f);
	else
		put_default(&s->value, value);
	text = err ? text : skip_spaces(text);
	if (!err && *text)
		return fail_set(f, EINVAL, "%.60s: nothing more is wanted after the value", text);
	return err;
}

/* --- a file ----------------------------------------------------------------------------------- */

static int more_room(struct mapfill *m)
{
	__u32 room = m->room ? 2 * m->room : 1024;
	char *keys = realloc(m->keys, (size_t)room * m->key_size), *values;

	if (!keys)
		return -ENOMEM;
	m->keys = keys;
	values = realloc(m->values, (size_t)room * m->value_size);
	if (!values)
		return -ENOMEM;
	m->values = values;
	m->room = room;
	return 0;
}

static int add_line(const struct shape *s, const char *line, struct mapfill *m, struct fail *f)
{
	char *key, *value;
	int err;

	if (m->count == COUNT_MAX)
		return fail_set(f, E2BIG, "more than %u entries", COUNT_MAX);
	if (m->count == m->room && more_room(m))
		return fail_set(f, ENOMEM, "out of memory");
	key = m->keys + (size_t)m->count * m->key_size;
	value = m->values + (size_t)m->count * m->value_size;
	memset(key, 0, m->key_size);
	memset(value, 0, m->value_size);
	err = put_line(s, line, key, value, f);
	m->count += !err;
	return err;
}

/* Cuts @text into lines. */
static int read_lines(const struct shape *s, const char *path, char *text, size_t size,
		      struct mapfill *m, struct fail *f)
{
	char *end = text + size;
	struct fail why = { 0 };

	for (unsigned int n = 1; text < end; n++) {
		char *stop = memchr(text, '\n', end - text), *note;
		const char *line;
		int err;

		stop = stop ? stop : end;
		*stop = 0;
		if (strlen(text) != (size_t)(stop - text))
			return fail_set(f, EINVAL, "%s:%u: a byte 0: not a text file", path, n);
		note = strchr(text, '#');
		if (note)
			*note = 0;
		line = skip_spaces(text);
		err = *line ? add_line(s, line, m, &why) : 0;
		if (err)
			return fail_set(f, -err, "%s:%u: %s", path, n, why.text);
		text = stop + 1;
	}
	return 0;
}

int mapfill_read(const struct bpf_object *obj, const struct bpf_map *map, const char *path,
		 struct mapfill *m, struct fail *f)
{
	struct mapfill made = { .map = strdup(bpf_map__name(map)),
				.key_size = bpf_map__key_size(map),
				.value_size = bpf_map__value_size(map) };
	struct shape s = { 0 };
	size_t size = 0;
	char *text = NULL;
	int err = made.map ? shape_of(obj, map, &s, f) : fail_errno(f, ENOMEM, path);

	if (!err)
		err = file_read(path, MAPFILL_FILE_MAX, &text, &size, f);
	if (!err)
		err = read_lines(&s, path, text, size, &made, f);
	free(text);
	if (err)
		mapfill_free(&made);
	else
		*m = made;
	return err;
}

int mapfill_size(const struct mapfill *m, struct bpf_object *obj, struct fail *f)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, m->map);
	int err;

	if (!map)
		return fail_set(f, ENOENT, "%s: no such map", m->map);
	if (m->count <= bpf_map__max_entries(map) || bpf_map__type(map) == BPF_MAP_TYPE_ARRAY)
		return 0;
	err = bpf_map__set_max_entries(map, m->count);
	return err ? fail_errno(f, -err, m->map) : 0;
}

static int fill(const struct mapfill *m, int fd)
{
	for (__u32 done = 0; done < m->count;) {
		__u32 n = m->count - done < BATCH ? m->count - done : BATCH;

		if (bpf_map_update_batch(fd, m->keys + (size_t)done * m->key_size,
					 m->values + (size_t)done * m->value_size, &n, NULL))
			return -errno;
		done += n;
	}
	return 0;
}

int mapfill_fill(const struct mapfill *m, struct bpf_object *obj, struct fail *f)
{
	int fd = bpf_object__find_map_fd_by_name(obj, m->map), err;

	if (fd < 0)
		return fail_set(f, ENOENT, "%s: no such map", m->map);
	err = fill(m, fd);
	return err ? fail_set(f, -err, "%s: cannot fill it with %u entries: %s", m->map, m->count,
			      strerror(-err))
		   : 0;
}

void mapfill_free(struct mapfill *m)
{
	free(m->map);
	free(m->keys);
	free(m->values);
	memset(m, 0, sizeof(*m));
}
