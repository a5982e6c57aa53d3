/* SPDX-License-Identifier: GPL-2.0 */
/* lib/yaml_int.h - what the files of the YAML reader share. For lib/yaml*.c only. */
#ifndef LIB_YAML_INT_H
#define LIB_YAML_INT_H

#include <yaml.h>

#include "lib/yaml.h"

struct yaml_file {
	char *path;
	unsigned char *text;
	size_t size;
	yaml_document_t doc;
	int loaded; /* doc is to be deleted */
};

/** yaml_check - refuse aliases, deep nesting, several documents and what is no YAML. */
int yaml_check(const struct yaml_file *y, struct fail *f);

/** yaml_check_keys - refuse keys that are no scalars, are there twice, or have a NUL in them. */
int yaml_check_keys(struct yaml_file *y, struct fail *f);

#endif
