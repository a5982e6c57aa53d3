// SPDX-License-Identifier: GPL-2.0
/*
 * daemon_lock - one daemon a network namespace: two would take each other's policers for what an
 * earlier configuration has left. A record lock (fcntl(2)): the kernel tells who holds it, so the
 * file has no content that could be stale, or for which the disk is too full.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/daemon_int.h"
#include "lib/util.h"

static int busy(int fd, const char *name, struct fail *f)
{
	struct flock who = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	fcntl(fd, F_GETLK, &who);
	return fail_set(f, EBUSY,
			"another daemon runs in this network namespace (pid %d): stop it first, or "
			"have it read its configuration anew: %s reload",
			who.l_type == F_UNLCK ? 0 : who.l_pid, name);
}

int daemon_lock(const char *name, struct fail *f)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[256];
	struct stat ns;
	int fd, err;

	if (stat("/proc/self/ns/net", &ns))
		return fail_errno(f, errno, "/proc/self/ns/net");
	if (mkdir(DAEMON_RUN_DIR, 0755) && errno != EEXIST)
		return fail_errno(f, errno, DAEMON_RUN_DIR);
	snprintf(path, sizeof(path), DAEMON_RUN_DIR "/%s-%lu.lock", name, (unsigned long)ns.st_ino);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fail_errno(f, errno, path);
	if (!fcntl(fd, F_SETLK, &all))
		return fd;
	err = errno == EAGAIN || errno == EACCES ? busy(fd, name, f) : fail_errno(f, errno, path);
	close(fd);
	return err;
}
