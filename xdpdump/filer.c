// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/filer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xdpdump/drop.h"

#define ENOUGH_MS 1000 /* for a file that is no fifo */

enum what { FILER_OPEN, FILER_RUN };

struct request {
	enum what what;
	unsigned int part; /* of struct rotate */
	time_t since;
};

/* A reply is an int, 0 or -errno, and with FILER_OPEN a descriptor beside it. */
union room {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

bool filer_wanted(const struct opts *o)
{
	return o->write && strcmp(o->write, "-") && (o->read || rotate_on(o));
}

/* No shell: the name of a file is one word, whatever is in it. */
static _Noreturn void command(const char *name, const char *file)
{
	signal(SIGPIPE, SIG_DFL);
	setpriority(PRIO_PROCESS, 0, 19);
	execlp(name, name, file, (char *)NULL);
	fprintf(stderr, "xdpdump: -z: %s: %s\n", name, strerror(errno));
	_exit(127);
}

static int run(const char *name, const char *file)
{
	pid_t pid;

	while (waitpid(-1, NULL, WNOHANG) > 0)
		; /* those before that are done */
	pid = fork();
	if (!pid)
		command(name, file);
	return pid < 0 ? -errno : 0;
}

static bool is_fifo(const char *name)
{
	struct stat st;

	return !stat(name, &st) && S_ISFIFO(st.st_mode);
}

int filer_create(const char *name, bool (*wait)(void *arg), void *arg)
{
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC;
	int fd;

	/* A signal that came before an open() which waits would be forgotten. */
	while ((fd = open(name, flags | O_NONBLOCK, 0666)) < 0) {
		int err = errno;

		if (err != EINTR && (err != ENXIO || !is_fifo(name)))
			return -err;
		if (!wait(arg))
			return -EINTR;
	}
	fcntl(fd, F_SETFL, O_WRONLY);
	return fd;
}

/* The filer itself waits for as long as somebody waits for it. */
static bool may_wait(void *arg)
{
	struct pollfd p = { .fd = *(int *)arg };

	return poll(&p, 1, FILER_READER_MS) <= 0;
}

static int answer(const struct opts *o, int sock, const struct request *q, int *fd)
{
	static struct rotate r; /* it has a path in it */
	int err = rotate_at(&r, o, q->since, q->part);

	if (err)
		return err;
	if (q->what == FILER_RUN)
		return o->command ? run(o->command, r.name) : 0;
	*fd = filer_create(r.name, may_wait, &sock);
	return *fd < 0 ? *fd : 0;
}

static int reply(int sock, int err, int fd)
{
	struct iovec data = { &err, sizeof(err) };
	union room room = { 0 };
	struct msghdr m = { .msg_iov = &data, .msg_iovlen = 1 };

	if (fd >= 0) {
		m.msg_control = room.bytes;
		m.msg_controllen = sizeof(room.bytes);
		room.head = (struct cmsghdr){ CMSG_LEN(sizeof(fd)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(&room.head), &fd, sizeof(fd));
	}
	return sendmsg(sock, &m, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The child: until the other end is closed, by whatever death. */
static _Noreturn void serve(const struct opts *o, int sock)
{
	struct request q;
	int err = 0, fd;
	ssize_t n;

	while (!err && (n = recv(sock, &q, sizeof(q), 0)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n != sizeof(q))
			break;
		fd = -1;
		err = answer(o, sock, &q, &fd);
		err = reply(sock, err, fd);
		if (fd >= 0)
			close(fd);
	}
	_exit(0);
}

int filer_start(struct filer *fl, const struct opts *o, const struct signals *sig)
{
	int pair[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -errno;
	fl->opts = o;
	fl->sig = sig;
	fl->pid = fork();
	if (!fl->pid) {
		close(pair[0]);
		err = o->user ? drop_to(o->user) : drop_rights();
		if (err)
			_exit(1);
		serve(o, pair[1]);
	}
	err = -errno;
	close(pair[1]);
	fl->sock = pair[0];
	if (fl->pid > 0)
		return 0;
	fprintf(stderr, "xdpdump: cannot fork: %s\n", strerror(-err));
	return err;
}

/* The answer, or -errno of the way there; what came with it into @fd. */
static int ask(const struct filer *fl, const struct request *q, int *fd)
{
	int err, got;
	struct iovec data = { &err, sizeof(err) };
	struct pollfd p = { .fd = fl->sock, .events = POLLIN };
	union room room = { 0 };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = room.bytes,
			    .msg_controllen = sizeof(room.bytes) };
	ssize_t n;

	if (send(fl->sock, q, sizeof(*q), MSG_NOSIGNAL) < 0)
		return -EIO;
	while ((got = poll(&p, 1, ENOUGH_MS)) <= 0)
		if (!got && fl->sig->stop)
			return -EINTR;
	n = recvmsg(fl->sock, &m, MSG_CMSG_CLOEXEC);
	if (n != sizeof(err))
		return -EIO;
	if (!err && m.msg_controllen >= CMSG_LEN(sizeof(*fd)))
		memcpy(fd, CMSG_DATA(&room.head), sizeof(*fd));
	return err;
}

int filer_open(const struct filer *fl, const struct rotate *r)
{
	int fd = -EIO;
	int err = ask(fl, &(struct request){ FILER_OPEN, r->part, r->since }, &fd);

	return err ? err : fd;
}

int filer_run(const struct filer *fl, const struct rotate *r)
{
	int none;

	if (!fl->opts->command)
		return 0;
	return ask(fl, &(struct request){ FILER_RUN, r->part, r->since }, &none);
}

void filer_end(struct filer *fl)
{
	if (fl->sock < 0)
		return;
	close(fl->sock);
	while (waitpid(fl->pid, NULL, 0) < 0 && errno == EINTR)
		;
	fl->sock = -1;
}
