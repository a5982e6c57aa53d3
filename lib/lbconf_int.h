/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lbconf_int.h - what the files of the balancer's configuration share. For lib/lbconf*.c only.
 */
#ifndef LIB_LBCONF_INT_H
#define LIB_LBCONF_INT_H

#include "lib/lbconf.h"
#include "lib/yaml.h"

/* A value on its way into a struct. */
struct lbconf_at {
	const struct yaml_file *y;
	struct yaml_pair pair;
	void *out; /* what the mapping fills */
	struct fail *f;
};

/* One key of a mapping; a table of them ends with a NULL name. */
struct lbconf_key {
	const char *name;
	int (*read)(const struct lbconf_at *at);
};

/** lbconf_read - what lbconf_load() does with the file @path once it is read. 0 or -errno. */
int lbconf_read(const struct yaml_file *y, const char *path, struct lbconf **out, struct fail *f);

/** lbconf_map - fill @out from the mapping @node, which @what calls so. -EINVAL unknown keys. */
int lbconf_map(const struct yaml_file *y, const struct yaml_node_s *node, const char *what,
	       const struct lbconf_key *keys, void *out, struct fail *f);

/** lbconf_bad - the value of that key is not right. -EINVAL. */
int lbconf_bad(const struct lbconf_at *at, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/** lbconf_text - the value, a word of less than @max bytes. NULL and a failure. */
const char *lbconf_text(const struct lbconf_at *at, size_t max);

/* The value as what it is to be. 0 or -EINVAL. */
int lbconf_number(const struct lbconf_at *at, __u32 min, __u32 max, __u32 *out);
int lbconf_time(const struct lbconf_at *at, __u64 *ns);
/** lbconf_choice - the index in @words, which ends with NULL. */
int lbconf_choice(const struct lbconf_at *at, const char *const *words, int *out);

/** lbconf_interfaces, lbconf_vips, lbconf_check_read - those parts of the file. 0 or -errno. */
int lbconf_interfaces(const struct yaml_file *y, struct lbconf *conf, struct fail *f);
int lbconf_vips(const struct yaml_file *y, struct lbconf *conf, struct fail *f);
int lbconf_check(const struct lbconf_at *at, struct health_spec *spec);

/** lbconf_check_fits - does the check of @v go with what else is said of it? */
int lbconf_check_fits(const struct yaml_file *y, const struct lbconf *conf, struct lbconf_vip *v,
		      struct fail *f);

#endif
