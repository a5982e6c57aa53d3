/* SPDX-License-Identifier: GPL-2.0 */
/* trial_pick.h - the policer that `droplet test` is told of. */
#ifndef DROPLET_TRIAL_PICK_H
#define DROPLET_TRIAL_PICK_H

#include "lib/conf.h"

/* One policer, by itself, wherever it came from. */
struct trial_pick {
	struct conf *conf; /* that it is of; NULL: of no configuration */
	struct policer_conf own;
	struct policer_rule rule;
	const struct policer_conf *policer;
};

/**
 * trial_pick - find the policer that @word means: a name in the configuration, a file of C (.c) or
 * an object (.o), or a pcap-filter expression, whose packets are dropped.
 * @path: of the configuration; NULL: CONF_PATH, if there is one
 * Return: 0; -ENOENT; -EINVAL; -errno.
 */
int trial_pick(const char *word, const char *path, struct trial_pick *pick, struct fail *f);

/**
 * trial_pick_fail - it could not be made, as @f says, which is of a line of the configuration: say
 * it as of the word, where that is in none. @path: as of trial_pick()
 */
void trial_pick_fail(const struct trial_pick *pick, const char *path, struct fail *f);

/** trial_pick_free - what it holds. */
void trial_pick_free(struct trial_pick *pick);

#endif
