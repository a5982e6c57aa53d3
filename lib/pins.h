/* SPDX-License-Identifier: GPL-2.0 */
/* lib/pins.h - names under CHAIN_PIN_ROOT, the lock of all chains, removal. For lib/ only. */
#ifndef LIB_PINS_H
#define LIB_PINS_H

#include <stddef.h>

#include <linux/types.h>

#include "lib/fail.h"

#define PINS_PATH 192 /* bytes, enough for any path below */

/**
 * pins_path - CHAIN_PIN_ROOT/<ifname>[/<name>].
 * bpffs reserves the dot, so a dot in an interface's name stands as ':', which no interface
 * name can have. @name may be NULL.
 */
void pins_path(char path[PINS_PATH], const char *ifname, const char *name);

/** pins_ifname - the interface that the directory entry @name stands for. */
void pins_ifname(char *ifname, size_t size, const char *name);

/** pins_check - is bpffs there, and are we allowed to look. 0, -ENOTSUP, -EPERM. */
int pins_check(struct fail *f);

/** pins_lock - take the lock of all chains; waits up to 5 s. Descriptor; -EBUSY, -errno. */
int pins_lock(struct fail *f);

/** pins_try_lock - the same without waiting. */
int pins_try_lock(void);

/**
 * pins_link - what the pinned link of @ifname says: the root program, and the interface (0: gone).
 * Return: 0; -ENOENT no chain; -EPERM; -errno.
 */
int pins_link(const char *ifname, __u32 *prog_id, __u32 *ifindex);

/*
 * Make a directory, or a pin of @fd, that is for whom CHAIN_PIN_ROOT is for: with its group and
 * that group's permissions, if it was given to one. 0 or -errno.
 */
int pins_mkdir(const char *path);
int pins_pin(int fd, const char *path);

/** pins_remove - remove the directory of @ifname and all in it. 0 (also when it is not there). */
int pins_remove(const char *ifname);

/** pins_remove_dir - remove directory @path and the pins in it, not deeper ones. */
int pins_remove_dir(const char *path);

#endif
