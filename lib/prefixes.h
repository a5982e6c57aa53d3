/* SPDX-License-Identifier: GPL-2.0 */
/* lib/prefixes.h - a list of prefixes, as files have them. */
#ifndef LIB_PREFIXES_H
#define LIB_PREFIXES_H

#include <stddef.h>

#include "lib/prefix.h"

struct prefixes {
	struct prefix *v;
	size_t count, room;
};

/** prefixes_add - append. 0; -ENOMEM. */
int prefixes_add(struct prefixes *list, const struct prefix *p);

/**
 * prefixes_read - append what the file @path lists, "-" for standard input: a prefix a line, `#`
 * begins a comment. Return: 0; -EINVAL with file and line in @f; -errno.
 */
int prefixes_read(struct prefixes *list, const char *path, struct fail *f);

/** prefixes_sort - bring into the order of prefix_cmp(), each once. */
void prefixes_sort(struct prefixes *list);

/** prefixes_free - forget them all. */
void prefixes_free(struct prefixes *list);

#endif
