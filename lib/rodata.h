/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/rodata.h - the parameters that somebody's stage has: its `const volatile` variables, by BTF.
 * Not static ones, and none whose name begins with stage_: those are the SDK's.
 */
#ifndef LIB_RODATA_H
#define LIB_RODATA_H

#include <stddef.h>

#include "lib/fail.h"

struct bpf_object;

struct rodata_value {
	char *name;
	void *bytes;
	size_t size;
};

/**
 * rodata_parse - read @texts as the value of the variable @name of the open object @obj.
 * @texts: one; of an array or struct, as many as it has elements, or fewer: the rest is zero
 * @v: set on success; freed with rodata_value_free()
 *
 * Return: 0; -EINVAL: no such variable (@f lists those that there are), or not such a value;
 * -ENOMEM.
 */
int rodata_parse(const struct bpf_object *obj, const char *name, char *const *texts, size_t count,
		 struct rodata_value *v, struct fail *f);

/** rodata_get - what the variable @name of the open object is now. 0; -ENOENT; -EINVAL (size). */
int rodata_get(const struct bpf_object *obj, const char *name, void *value, size_t size);

/** rodata_value_free - fine on a zeroed one. */
void rodata_value_free(struct rodata_value *v);

#endif
