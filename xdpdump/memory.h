/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/memory.h - what this process takes of memory, for --stats. */
#ifndef XDPDUMP_MEMORY_H
#define XDPDUMP_MEMORY_H

#include <stddef.h>

/**
 * memory_open - a descriptor for memory_resident(): to be opened while files can be. -errno.
 */
int memory_open(void);

/** memory_resident - bytes of this process that are in memory now; 0 where that is not known. */
size_t memory_resident(int fd);

#endif
