/* SPDX-License-Identifier: GPL-2.0 */
/* lib/conf_int.h - what the files of the configuration share. For lib/conf*.c only. */
#ifndef LIB_CONF_INT_H
#define LIB_CONF_INT_H

#include "lib/conf.h"
#include "lib/yaml.h"

struct cyaml_schema_value;

/* What libcyaml fills: all but what the functions below do. */
extern const struct cyaml_schema_value conf_schema;

/** conf_read - what conf_load() does with the file @path once it is read. 0 or -errno. */
int conf_read(const struct yaml_file *y, const char *path, struct conf **out, struct fail *f);

/** conf_policers - of `policers` what the schema has not: lines, params, maps, and the checks. */
int conf_policers(const struct yaml_file *y, struct conf *conf, struct fail *f);

/** conf_policers_free - what conf_policers() has made. */
void conf_policers_free(struct conf *conf);

/** conf_path - @name as it is if it is absolute, else from conf->dir; NULL: no memory. */
char *conf_path(const struct conf *conf, const char *name);

#endif
