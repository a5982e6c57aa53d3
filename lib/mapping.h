/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/mapping.h - mappings of a configuration file by tables of keys, and the values in them.
 *
 * For what a schema (lib/yaml.h) cannot do: words that become other things, and say in a sentence
 * of their own when they are wrong. Functions return 0 or -EINVAL and say why: "FILE:LINE: key:
 * why".
 */
#ifndef LIB_MAPPING_H
#define LIB_MAPPING_H

#include <linux/types.h>

#include "lib/yaml.h"

/* A value on its way into a struct. */
struct mapping_at {
	const struct yaml_file *y;
	struct yaml_pair pair;
	void *out; /* what the mapping fills */
	struct fail *f;
};

/* One key of a mapping; a table of them ends with a NULL name. */
struct mapping_key {
	const char *name;
	int (*read)(const struct mapping_at *at);
};

/** mapping_read - fill @out from the mapping @node, which @what calls so. Unknown keys are refused.
 */
int mapping_read(const struct yaml_file *y, const struct yaml_node_s *node, const char *what,
		 const struct mapping_key *keys, void *out, struct fail *f);

/** mapping_bad - the value of that key is not right. -EINVAL. */
int mapping_bad(const struct mapping_at *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** mapping_word - the value, a word of less than @max bytes. NULL and a failure. */
const char *mapping_word(const struct mapping_at *at, size_t max);

/** mapping_number - the value, a number from @min to @max. */
int mapping_number(const struct mapping_at *at, __u32 min, __u32 max, __u32 *out);

/** mapping_time - the value, a duration as of duration_parse(), or 500ms. */
int mapping_time(const struct mapping_at *at, __u64 *ns);

/** mapping_choice - the index of the value in @words, which ends with NULL. */
int mapping_choice(const struct mapping_at *at, const char *const *words, int *out);

#endif
