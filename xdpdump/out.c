// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/out.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void set_fd(struct out *o, int fd)
{
	struct stat st;

	o->fd = fd;
	o->file = !fstat(fd, &st) && S_ISREG(st.st_mode);
	o->offset = o->written = 0;
}

int out_open(struct out *o, int fd, size_t size)
{
	*o = (struct out){ .buf = malloc(size),
			   .size = size,
			   .ends = malloc(OUT_RECORDS * sizeof(*o->ends)) };
	set_fd(o, fd);
	return o->buf && o->ends ? 0 : -ENOMEM;
}

/* @done bytes of the buffer are out. Count whole records; cut a file back to the last of them. */
static void settle(struct out *o, size_t done)
{
	size_t whole = 0;

	if (done == o->len) { /* all of it, as nearly always: 2 ns a record less */
		whole = done;
		o->written += o->records - o->others;
	}
	for (__u32 i = 0; whole < done && i < o->records && (o->ends[i] & ~OUT_OTHER) <= done;
	     i++) {
		whole = o->ends[i] & ~OUT_OTHER;
		o->written += !(o->ends[i] & OUT_OTHER);
	}
	if (whole < done && o->file && ftruncate(o->fd, o->offset + whole))
		whole = done; /* then the last record is half there */
	o->offset += o->file ? whole : done;
	o->len = o->records = o->others = 0;
}

int out_flush(struct out *o)
{
	struct pollfd p = { .fd = o->fd, .events = POLLOUT };
	size_t done = 0;
	int err = 0;

	while (!err && done < o->len) {
		ssize_t n = write(o->fd, o->buf + done, o->len - done);

		if (n >= 0)
			done += n;
		else if (errno == EAGAIN)
			poll(&p, 1, -1);
		else if (errno != EINTR)
			err = -errno;
	}
	settle(o, done);
	return err;
}

static void close_fd(struct out *o)
{
	if (o->fd > STDERR_FILENO)
		close(o->fd);
}

void out_next(struct out *o, int fd)
{
	close_fd(o);
	set_fd(o, fd);
}

void out_close(struct out *o)
{
	close_fd(o);
	free(o->buf);
	free(o->ends);
	*o = (struct out){ .fd = -1 };
}
