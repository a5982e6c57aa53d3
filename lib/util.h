/* SPDX-License-Identifier: GPL-2.0 */
/* lib/util.h - small things that every file wants. */
#ifndef LIB_UTIL_H
#define LIB_UTIL_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define NSEC	      1000000000ULL

/* CLOCK_MONOTONIC: the clock of bpf_ktime_get_ns(). */
static inline uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NSEC + t.tv_nsec;
}

/* close() that may be given -1, and leaves errno alone on a good descriptor. */
static inline void fd_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

#endif
