/* SPDX-License-Identifier: GPL-2.0 */
/*
 * overrides.h - what `promote`, `disable` and `enable` have changed at run time. It holds until the
 * file says the same, or the policer is gone from it, and is kept in a file beside the control
 * socket: a daemon that takes over after a crash must not let go what was promoted.
 */
#ifndef DROPLET_OVERRIDES_H
#define DROPLET_OVERRIDES_H

#include "lib/conf.h"

struct override {
	char name[CHAIN_NAME_LEN];
	int mode;     /* enum policer_mode; -1: as the file says */
	int disabled; /* 0, 1; -1: as the file says */
};

struct overrides {
	struct override v[CHAIN_SLOT_POLICER_MAX];
	size_t count;
};

/** overrides_find - that of @name, or NULL. */
const struct override *overrides_find(const struct overrides *o, const char *name);

/**
 * overrides_set - have @name be other than it is now; -1 leaves what there is. What is then as the
 * file says is forgotten. Return: 0; -ENOSPC.
 */
int overrides_set(struct overrides *o, const char *name, int mode, int disabled);

/** overrides_apply - change @conf, and forget what it says itself or has no policer for. */
void overrides_apply(struct overrides *o, struct conf *conf);

/** overrides_load - from @path; none when there is no such file. 0; -EINVAL; -errno. */
int overrides_load(struct overrides *o, const char *path, struct fail *f);

/** overrides_save - to @path, whole or not at all; without any, the file goes. 0 or -errno. */
int overrides_save(const struct overrides *o, const char *path, struct fail *f);

#endif
