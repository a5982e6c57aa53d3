// SPDX-License-Identifier: GPL-2.0
#include "lib/rodata.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "lib/btf_value.h"
#include "lib/progmap.h"

#define SDK_PREFIX "stage_"

/* Of an array, its elements are. */
static int is_volatile(const struct btf *btf, __u32 type)
{
	const struct btf_type *t = btf__type_by_id(btf, type);

	for (; t; t = btf__type_by_id(btf, type)) {
		if (btf_is_volatile(t))
			return 1;
		if (btf_is_array(t))
			type = btf_array(t)->type;
		else if (btf_is_const(t) || btf_is_typedef(t))
			type = t->type;
		else
			return 0;
	}
	return 0;
}

/* The next parameter from the index *@i of .rodata on: its variable; NULL: no more. */
static const struct btf_type *next_param(const struct btf *btf, int *i, struct btf_value *v)
{
	int id = btf__find_by_name_kind(btf, ".rodata", BTF_KIND_DATASEC);
	const struct btf_type *sec = id > 0 ? btf__type_by_id(btf, id) : NULL;

	while (sec && *i < btf_vlen(sec)) {
		const struct btf_var_secinfo *info = btf_var_secinfos(sec) + (*i)++;
		const struct btf_type *var = btf__type_by_id(btf, info->type);
		const char *name = btf__name_by_offset(btf, var->name_off);

		if (btf_var(var)->linkage != BTF_VAR_STATIC &&
		    strncmp(name, SDK_PREFIX, strlen(SDK_PREFIX)) && is_volatile(btf, var->type) &&
		    !btf_value_of(btf, var->type, v) && v->count)
			return var;
	}
	return NULL;
}

static int unknown(const struct btf *btf, const char *name, struct fail *f)
{
	const struct btf_type *var;
	struct btf_value v;
	char names[512] = "";
	size_t len = 0;

	for (int i = 0; (var = next_param(btf, &i, &v)) && len < sizeof(names);)
		len += snprintf(names + len, sizeof(names) - len, "%s%s", len ? ", " : "",
				btf__name_by_offset(btf, var->name_off));
	return fail_set(f, EINVAL, "%s: no such parameter: %s", name,
			len ? names : "it has none, they are const volatile variables");
}

static int parse(const struct btf_value *shape, const char *name, char *const *texts, size_t count,
		 void *out, struct fail *f)
{
	struct fail why = { 0 };

	if (count > shape->count)
		return fail_set(f, EINVAL, "%s: %zu values are too many, it has room for %u", name,
				count, shape->count);
	for (size_t i = 0; i < count; i++) {
		const char *end = texts[i];
		int err = btf_value_put(&shape->fields[i], texts[i], &end, out, &why);

		if (!err && *end)
			err = fail_set(&why, EINVAL, "%s: one value is wanted", texts[i]);
		if (err)
			return fail_set(f, EINVAL, "%s: %s", name, why.text);
	}
	return 0;
}

int rodata_parse(const struct bpf_object *obj, const char *name, char *const *texts, size_t count,
		 struct rodata_value *v, struct fail *f)
{
	const struct btf *btf = bpf_object__btf(obj);
	const struct btf_type *var;
	struct rodata_value made = { 0 };
	struct btf_value shape;
	int err;

	for (int i = 0; (var = next_param(btf, &i, &shape));)
		if (!strcmp(btf__name_by_offset(btf, var->name_off), name))
			break;
	if (!var)
		return unknown(btf, name, f);
	made.name = strdup(name);
	made.bytes = calloc(1, shape.size);
	made.size = shape.size;
	err = made.name && made.bytes ? parse(&shape, name, texts, count, made.bytes, f)
				      : fail_errno(f, ENOMEM, name);
	if (err)
		rodata_value_free(&made);
	else
		*v = made;
	return err;
}

int rodata_get(const struct bpf_object *obj, const char *name, void *value, size_t size)
{
	int off = btf_variable(bpf_object__btf(obj), ".rodata", name, size);
	struct bpf_map *map;

	if (off < 0)
		return off;
	bpf_object__for_each_map(map, obj) {
		const char *dot = strstr(bpf_map__name(map), ".rodata");
		const char *data;
		size_t len;

		if (!dot || strcmp(dot, ".rodata"))
			continue;
		data = bpf_map__initial_value(map, &len);
		if (!data || off + size > len)
			return -EINVAL;
		memcpy(value, data + off, size);
		return 0;
	}
	return -ENOENT;
}

void rodata_value_free(struct rodata_value *v)
{
	free(v->name);
	free(v->bytes);
	memset(v, 0, sizeof(*v));
}
