/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/save.h - the packets that are in memory, as pcapng. */
#ifndef VIEWER_SAVE_H
#define VIEWER_SAVE_H

#include "lib/fail.h"
#include "viewer/intake.h"

/**
 * save_packets - write those that the filter wants to @path, which must not be there yet.
 * Return: how many; -EEXIST; -errno. What was begun and failed is removed.
 */
long save_packets(const struct intake *in, const char *path, struct fail *f);

#endif
