/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/yaml.h - a configuration file in YAML: its tree, and structs filled from it by a schema.
 *
 * The tree (libyaml) is for mappings whose keys nobody knows beforehand, and for the line of
 * everything; a schema (libcyaml) for the rest. A file has at most YAML_SIZE bytes and one
 * document, no aliases, no key twice in a mapping; mappings have scalars as keys. Strings live as
 * long as the file is open. Functions return 0 or -errno and say why in @f: "FILE:LINE: key: why".
 */
#ifndef LIB_YAML_H
#define LIB_YAML_H

#include <stddef.h>

#include "lib/fail.h"

#define YAML_SIZE  (1 << 20)
#define YAML_DEPTH 16 /* lists and mappings in each other */

struct cyaml_schema_value;
struct yaml_node_s; /* libyaml's */
struct yaml_file;

struct yaml_pair {
	const char *key;
	const struct yaml_node_s *value;
	unsigned int line; /* of the key, from 1 */
};

/** yaml_open - read @path. @out: set on success; closed with yaml_close(). 0 or -errno. */
int yaml_open(const char *path, struct yaml_file **out, struct fail *f);

/** yaml_text - the same of @size bytes of @text, called @path in messages. */
int yaml_text(const char *path, const void *text, size_t size, struct yaml_file **out,
	      struct fail *f);

/** yaml_close - NULL is allowed. */
void yaml_close(struct yaml_file *y);

/**
 * yaml_bind - fill a struct from the file by @schema, a mapping with CYAML_FLAG_POINTER. Keys that
 * are not in it, or missing, and values of another type are refused.
 * @out: set on success; given back with yaml_unbind()
 */
int yaml_bind(const struct yaml_file *y, const struct cyaml_schema_value *schema, void **out,
	      struct fail *f);

/** yaml_unbind - NULL is allowed. */
void yaml_unbind(const struct cyaml_schema_value *schema, void *data);

/** yaml_root - the whole document. */
const struct yaml_node_s *yaml_root(const struct yaml_file *y);

/** yaml_get - the value of @key in the mapping @node, or NULL; @node may be NULL. */
const struct yaml_node_s *yaml_get(const struct yaml_file *y, const struct yaml_node_s *node,
				   const char *key);

/** yaml_item - item @i, from 0, of the list @node, or NULL; @node may be NULL. */
const struct yaml_node_s *yaml_item(const struct yaml_file *y, const struct yaml_node_s *node,
				    size_t i);

/** yaml_pair - pair @i, from 0, of the mapping @node. 0; -ENOENT there are no more. */
int yaml_pair(const struct yaml_file *y, const struct yaml_node_s *node, size_t i,
	      struct yaml_pair *out);

/** yaml_scalar - what is written there, or NULL: it is a list or a mapping. */
const char *yaml_scalar(const struct yaml_node_s *node);

/* What a node is; NULL is neither. */
int yaml_is_list(const struct yaml_node_s *node);
int yaml_is_map(const struct yaml_node_s *node);

/** yaml_line - where @node begins, from 1; 0 of NULL. */
unsigned int yaml_line(const struct yaml_node_s *node);

/** yaml_fail - "FILE:LINE: KEY: text"; @key may be NULL. Return: -@err. */
int yaml_fail(const struct yaml_file *y, struct fail *f, int err, unsigned int line,
	      const char *key, const char *fmt, ...) __attribute__((format(printf, 6, 7)));

#endif
