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
#include <sys/pidfd.h>
#include <sys/syscall.h>
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

struct job {
	pid_t pid;
	int pidfd, out, err;
	uint64_t deadline_ns;
	struct text texts[2]; /* standard output and error */
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
static void end(const struct job *job)
{
	kill(-job->pid, SIGKILL);
	kill(job->pid, SIGKILL);
}

static int start(const struct jail_spec *spec, struct job *job)
{
	struct jail_user user = nobody();
	int out[2], err_fds[2], err = 0;

	if (pipe2(out, O_CLOEXEC))
		return -errno;
	if (pipe2(err_fds, O_CLOEXEC)) {
		err = -errno;
		close(out[0]);
		close(out[1]);
		return err;
	}
	job->pid = new_process();
	if (!job->pid)
		jail_child(spec, &user, out[1], err_fds[1]);
	err = job->pid < 0 ? -errno : 0;
	close(out[1]);
	close(err_fds[1]);
	job->out = out[0];
	job->err = err_fds[0];
	job->pidfd = err ? -1 : pidfd_open(job->pid, 0);
	if (!err && job->pidfd < 0) {
		err = -errno;
		end(job);
		waitpid(job->pid, NULL, 0);
	}
	job->deadline_ns = now_ns() + spec->limit_ns;
	return err;
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

static void take_errors(struct job *job, struct pollfd *p)
{
	struct text *t = &job->texts[1];
	int more = take(p->fd, t);

	if (more == -E2BIG) { /* read on, so that it does not wait for us, and forget */
		t->size = t->max;
		t->data[t->size] = 0;
	} else if (more <= 0) {
		p->fd = -1;
	}
}

/* Until it has ended and both pipes are at their end. 0; -ETIMEDOUT; -E2BIG; -errno. */
static int listen_to(struct job *job)
{
	struct pollfd p[3] = { { job->out, POLLIN, 0 },
			       { job->err, POLLIN, 0 },
			       { job->pidfd, POLLIN, 0 } };

	while (p[0].fd >= 0 || p[1].fd >= 0 || p[2].fd >= 0) {
		uint64_t now = now_ns();
		int more = 1, n;

		if (now >= job->deadline_ns)
			return -ETIMEDOUT;
		n = poll(p, 3, (job->deadline_ns - now) / 1000000 + 1);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n <= 0)
			continue;
		if (p[0].fd >= 0 && p[0].revents)
			more = take(p[0].fd, &job->texts[0]);
		if (more < 0)
			return more;
		if (!more)
			p[0].fd = -1;
		if (p[1].fd >= 0 && p[1].revents)
			take_errors(job, &p[1]);
		if (p[2].revents)
			p[2].fd = -1;
	}
	return 0;
}

/* Whatever it left behind is ended too, before it is waited for: then its number is still its own.
 */
static int reap(struct job *job, int err, struct jail_result *r)
{
	int status = 0;

	end(job);
	while (waitpid(job->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (err && err != -ETIMEDOUT && err != -E2BIG)
		return err;
	r->end = err == -ETIMEDOUT   ? JAIL_LATE
		 : err == -E2BIG     ? JAIL_TOO_MUCH
		 : WIFEXITED(status) ? JAIL_EXITED
				     : JAIL_SIGNALED;
	r->status = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
	return 0;
}

int jail_run(const struct jail_spec *spec, struct jail_result *r)
{
	struct job job = { .pidfd = -1 };
	struct jail_result got = { 0 };
	int err;

	if (spec->fd_count > JAIL_FDS)
		return -EINVAL;
	job.texts[0] = (struct text){ calloc(1, 1), 0, spec->out_max };
	job.texts[1] = (struct text){ calloc(1, 1), 0, JAIL_ERR_MAX };
	err = job.texts[0].data && job.texts[1].data ? start(spec, &job) : -ENOMEM;
	if (!err)
		err = reap(&job, listen_to(&job), &got);
	fd_close(job.pidfd);
	if (job.out > 0)
		close(job.out);
	if (job.err > 0)
		close(job.err);
	got.out = job.texts[0].data;
	got.out_size = job.texts[0].size;
	got.err = job.texts[1].data;
	if (err)
		jail_free(&got);
	else
		*r = got;
	return err;
}

void jail_free(struct jail_result *r)
{
	free(r->out);
	free(r->err);
	memset(r, 0, sizeof(*r));
}
