/* SPDX-License-Identifier: GPL-2.0 */
/* lib/kernel.h - is the kernel that runs one that a chain works on. */
#ifndef LIB_KERNEL_H
#define LIB_KERNEL_H

#include "lib/fail.h"

/**
 * kernel_check - does a kernel of this release have all that a chain is made of.
 * @release: as uname(2) gives it, such as "6.1.0-56-amd64"; NULL: the one that runs
 *
 * A release that is no version at all is let through: its verifier will have the word.
 * Return: 0; -ENOSYS if it is too old, with the release and the oldest one in @f.
 */
int kernel_check(const char *release, struct fail *f);

#endif
