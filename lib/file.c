// SPDX-License-Identifier: GPL-2.0
#include "lib/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int read_all(int fd, size_t room, char **data, size_t *size)
{
	char *buf = malloc(room + 1);
	size_t done = 0;
	ssize_t n = 1;

	if (!buf)
		return -ENOMEM;
	while (done < room && (n = read(fd, buf + done, room - done)) > 0)
		done += n;
	if (n < 0) {
		n = -errno;
		free(buf);
		return n;
	}
	buf[done] = 0;
	*data = buf;
	*size = done;
	return 0;
}

int file_read(const char *path, size_t max, char **data, size_t *size, struct fail *f)
{
	/* O_NONBLOCK: a FIFO that nobody writes to */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), err;
	struct stat st;

	if (fd < 0)
		return fail_set(f, errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st))
		err = fail_set(f, errno, "%s: %s", path, strerror(errno));
	else if (!S_ISREG(st.st_mode))
		err = fail_set(f, EINVAL, "%s: not a file", path);
	else if ((size_t)st.st_size > max)
		err = fail_set(f, EFBIG, "%s: larger than %zu MiB", path, max >> 20);
	else
		err = read_all(fd, st.st_size, data, size);
	if (err && err == -ENOMEM)
		fail_errno(f, ENOMEM, path);
	close(fd);
	return err;
}
