// SPDX-License-Identifier: GPL-2.0
#include "lib/kernel.h"

#include <errno.h>
#include <stdio.h>

#include <sys/utsname.h>

/*
 * Multi-buffer XDP came with 5.18, the raw SYN-cookie helpers with 6.0; 6.1 is the oldest
 * long-term kernel that has both, and the oldest that the tests run on.
 */
#define OLDEST_MAJOR 6
#define OLDEST_MINOR 1

int kernel_check(const char *release, struct fail *f)
{
	unsigned int major, minor;
	struct utsname u;

	if (!release)
		release = uname(&u) ? "" : u.release;
	if (sscanf(release, "%4u.%4u", &major, &minor) != 2)
		return 0;
	if (major > OLDEST_MAJOR || (major == OLDEST_MAJOR && minor >= OLDEST_MINOR))
		return 0;
	return fail_set(f, ENOSYS, "Linux %s is too old: %d.%d or newer is needed", release,
			OLDEST_MAJOR, OLDEST_MINOR);
}
