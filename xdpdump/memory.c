// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int memory_open(void)
{
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

size_t memory_resident(int fd)
{
	char text[128];
	unsigned long size, resident;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n <= 0)
		return 0;
	text[n] = 0;
	if (sscanf(text, "%lu %lu", &size, &resident) != 2) /* pages, proc(5) */
		return 0;
	return resident * sysconf(_SC_PAGESIZE);
}
