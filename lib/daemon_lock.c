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

static int lock_path(const char *name, char *path, size_t size, struct fail *f)
{
	struct stat ns;

	if (stat("/proc/self/ns/net", &ns))
		return fail_errno(f, errno, "/proc/self/ns/net");
	snprintf(path, size, DAEMON_RUN_DIR "/%s-%lu.lock", name, (unsigned long)ns.st_ino);
	return 0;
}

/* Is the file that was locked the one that is there? Who ends removes his. */
static int is_there(int fd, const char *path)
{
	struct stat ours, there;

	return !fstat(fd, &ours) && !stat(path, &there) && ours.st_ino == there.st_ino &&
	       ours.st_dev == there.st_dev;
}

int daemon_lock(const char *name, struct fail *f)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char path[256];
	int fd, err = lock_path(name, path, sizeof(path), f);

	if (err)
		return err;
	if (mkdir(DAEMON_RUN_DIR, 0755) && errno != EEXIST)
		return fail_errno(f, errno, DAEMON_RUN_DIR);
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return fail_errno(f, errno, path);
		err = fcntl(fd, F_SETLK, &all) ? errno : 0;
		if (!err && is_there(fd, path))
			return fd;
		if (err)
			break;
		close(fd);
	}
	err = err == EAGAIN || err == EACCES ? busy(fd, name, f) : fail_errno(f, err, path);
	close(fd);
	return err;
}

void daemon_unlock(const char *name, int fd)
{
	char path[256];

	if (fd >= 0 && !lock_path(name, path, sizeof(path), NULL) && is_there(fd, path))
		unlink(path);
	fd_close(fd);
}
