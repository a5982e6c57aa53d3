// SPDX-License-Identifier: GPL-2.0
#include "lib/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/jail_int.h"
#include "lib/util.h"

#define NOBODY 65534
#define CHUNK  65536

struct text {
	char *data;
	size_t size, max; /* bytes; a NUL stands behind them */
};

/* What is listened to: what an epoll event is of. */
enum { OUT, ERR, PROCESS, TIMER, SOURCES };

struct jail {
	pid_t pid;
	int epoll, fds[SOURCES]; /* -1: none, or not any more */
	int open;		 /* of OUT, ERR and PROCESS those that are not at their end */
	int err;		 /* why it is to be ended: -ETIMEDOUT, -E2BIG, -errno */
	struct text texts[2];	 /* of OUT and ERR */
};

static struct jail_user nobody(void)
{
	const struct passwd *pw = getpwnam("nobody");

	return pw ? (struct jail_user){ pw->pw_uid, pw->pw_gid }
		  : (struct jail_user){ NOBODY, NOBODY };
}

/* A fork; in namespaces of its own where we may make some. What is killed with its first process.
 */
static pid_t new_process(void)
{
	long flags = CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | SIGCHLD;
	pid_t pid = syscall(SYS_clone, flags, 0, 0, 0, 0);

	return pid < 0 ? fork() : pid;
}

/* With all that it made: those in its session, and, being the first of a namespace, all others. */
static void end(const struct jail *j)
{
	kill(-j->pid, SIGKILL);
	kill(j->pid, SIGKILL);
}

/* Its two pipes, and the ends that are its own in @theirs. */
static int make_pipes(struct jail *j, int theirs[2])
{
	for (int i = OUT; i <= ERR; i++) {
		int ends[2];

		if (pipe2(ends, O_CLOEXEC))
			return -errno;
		j->fds[i] = ends[0];
		theirs[i] = ends[1];
	}
	return 0;
}

static int make_timer(struct jail *j, uint64_t ns)
{
	const struct itimerspec once = { .it_value = { ns / NSEC, ns % NSEC } };

	j->fds[TIMER] = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	return j->fds[TIMER] < 0 || timerfd_settime(j->fds[TIMER], 0, &once, NULL) ? -errno : 0;
}

static int watch(struct jail *j)
{
	j->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (j->epoll < 0)
		return -errno;
	for (uint32_t i = 0; i < SOURCES; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.u32 = i };

		if (epoll_ctl(j->epoll, EPOLL_CTL_ADD, j->fds[i], &e))
			return -errno;
	}
	j->open = 3;
	return 0;
}

static int start(const struct jail_spec *spec, struct jail *j)
{
	struct jail_user user = nobody();
	int theirs[2] = { -1, -1 };
	int err = make_pipes(j, theirs);

	if (!err)
		err = make_timer(j, spec->limit_ns);
	if (!err) {
		j->pid = new_process();
		if (!j->pid)
			jail_child(spec, &user, theirs[OUT], theirs[ERR]);
		err = j->pid < 0 ? -errno : 0;
	}
	fd_close(theirs[OUT]);
	fd_close(theirs[ERR]);
	if (err)
		return err;
	j->fds[PROCESS] = pidfd_open(j->pid, 0);
	return j->fds[PROCESS] < 0 ? -errno : watch(j);
}

int jail_start(const struct jail_spec *spec, struct jail **out)
{
	struct jail *j = calloc(1, sizeof(*j));
	int err = -ENOMEM;

	if (!j)
		return err;
	j->epoll = j->fds[OUT] = j->fds[ERR] = j->fds[PROCESS] = j->fds[TIMER] = -1;
	j->texts[OUT] = (struct text){ calloc(1, 1), 0, spec->out_max };
	j->texts[ERR] = (struct text){ calloc(1, 1), 0, JAIL_ERR_MAX };
	if (spec->fd_count > JAIL_FDS)
		err = -EINVAL;
	else if (j->texts[OUT].data && j->texts[ERR].data)
		err = start(spec, j);
	if (err)
		jail_end(j, NULL);
	else
		*out = j;
	return err;
}

int jail_fd(const struct jail *j)
{
	return j->epoll;
}

/* 1: there may be more; 0: it is at its end; -E2BIG beyond t->max, -errno. */
static int take(int fd, struct text *t)
{
	char *more = realloc(t->data, t->size + CHUNK + 1);
	ssize_t n;

	if (!more)
		return -ENOMEM;
	t->data = more;
	n = read(fd, t->data + t->size, CHUNK);
	if (n < 0 && errno != EINTR)
		return -errno;
	if (n > 0)
		t->size += n;
	t->data[t->size] = 0;
	return t->size > t->max ? -E2BIG : n != 0;
}

/* Of errors the first are kept; it is read on, so that it does not wait for us. */
static int take_errors(int fd, struct text *t)
{
	int more = take(fd, t);

	if (more != -E2BIG)
		return more;
	t->size = t->max;
	t->data[t->size] = 0;
	return 1;
}

static void event(struct jail *j, uint32_t source)
{
	int more = 0;

	if (source == TIMER) {
		j->err = -ETIMEDOUT;
		return;
	}
	if (source == OUT)
		more = take(j->fds[OUT], &j->texts[OUT]);
	if (source == ERR)
		more = take_errors(j->fds[ERR], &j->texts[ERR]);
	if (source == OUT && more < 0)
		j->err = more;
	if (more > 0)
		return;
	epoll_ctl(j->epoll, EPOLL_CTL_DEL, j->fds[source], NULL);
	j->open--;
}

int jail_serve(struct jail *j)
{
	struct epoll_event events[SOURCES];
	int n = epoll_wait(j->epoll, events, SOURCES, 0);

	for (int i = 0; i < n && !j->err; i++)
		event(j, events[i].data.u32);
	return j->err || !j->open;
}

/* Whatever it left behind is ended too, before it is waited for: then its number is still its own.
 */
static int reap(struct jail *j, struct jail_result *r)
{
	int status = 0;

	end(j);
	while (waitpid(j->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (j->err && j->err != -ETIMEDOUT && j->err != -E2BIG)
		return j->err;
	r->end = j->err == -ETIMEDOUT ? JAIL_LATE
		 : j->err == -E2BIG   ? JAIL_TOO_MUCH
		 : WIFEXITED(status)  ? JAIL_EXITED
				      : JAIL_SIGNALED;
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	return 0;
}

int jail_end(struct jail *j, struct jail_result *r)
{
	struct jail_result got = { 0 };
	int err;

	if (!j)
		return 0;
	err = j->pid > 0 ? reap(j, &got) : -ECHILD;
	got.out = j->texts[OUT].data;
	got.out_size = j->texts[OUT].size;
	got.err = j->texts[ERR].data;
	if (err || !r)
		jail_free(&got);
	else
		*r = got;
	for (int i = 0; i < SOURCES; i++)
		fd_close(j->fds[i]);
	fd_close(j->epoll);
	free(j);
	return err;
}

int jail_run(const struct jail_spec *spec, struct jail_result *r)
{
	struct jail *j;
	int err = jail_start(spec, &j);

	if (err)
		return err;
	while (!jail_serve(j)) {
		struct pollfd p = { .fd = jail_fd(j), .events = POLLIN };

		poll(&p, 1, -1);
	}
	return jail_end(j, r);
}

void jail_free(struct jail_result *r)
{
	free(r->out);
	free(r->err);
	memset(r, 0, sizeof(*r));
}
