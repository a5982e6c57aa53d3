/* SPDX-License-Identifier: GPL-2.0 */
/* confrig.h - a policer as a configuration has it, its files in a folder of the test's own. */
#ifndef TESTS_CONFRIG_H
#define TESTS_CONFRIG_H

#include "lib/policer.h"

#define CONFRIG_PAIRS 8

struct confrig {
	char dir[64];
	char file[128];
	struct policer_conf conf; /* name "x", line 7; parameters line 10 on, maps line 20 on */
	struct policer_pair params[CONFRIG_PAIRS], maps[CONFRIG_PAIRS];
};

/** confrig_up - make the folder. Exits on failure. */
void confrig_up(struct confrig *r);

/** confrig_down - remove it and what is in it. */
void confrig_down(struct confrig *r);

/** confrig_write - write @text to the file @name of the folder. Its path, until the next call. */
const char *confrig_write(struct confrig *r, const char *name, const char *text);

/** confrig_use - from here on a policer of @kind with @file (absolute, or in the folder). */
void confrig_use(struct confrig *r, const char *kind, const char *file);

/** confrig_param - add `@key: @value`; with commas in it, a list. Both must live on. */
void confrig_param(struct confrig *r, const char *key, const char *value);

/** confrig_map - add to `maps`. */
void confrig_map(struct confrig *r, const char *map, const char *file);

#endif
