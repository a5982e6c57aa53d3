// SPDX-License-Identifier: GPL-2.0
/* jail_child - from the new process to the command: what it may not do is taken away here. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "lib/jail_int.h"
#include "lib/util.h"

#define PROCESSES 256 /* of nobody, on this machine; against a bomb of forks */

static int limit(int what, rlim_t most)
{
	const struct rlimit r = { most, most };

	return setrlimit(what, &r) ? -errno : 0;
}

static int limit_all(const struct jail_spec *spec)
{
	int err = limit(RLIMIT_CPU, spec->limit_ns / NSEC + 1);

	if (!err)
		err = limit(RLIMIT_AS, spec->memory_bytes);
	if (!err)
		err = limit(RLIMIT_FSIZE, 0);
	if (!err)
		err = limit(RLIMIT_CORE, 0);
	if (!err)
		err = limit(RLIMIT_NPROC, PROCESSES);
	return err;
}

/* Directly: cap_set_proc() of libcap may allocate, and that lock may be held by a thread. */
static int drop_caps(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, none) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	return 0;
}

static int become(const struct jail_user *user)
{
	if (!geteuid() && (setgroups(0, NULL) || setresgid(user->gid, user->gid, user->gid) ||
			   setresuid(user->uid, user->uid, user->uid)))
		return -errno;
	return drop_caps();
}

/* Out of the way first: what is to be 3 may be 5 now, and what is to be 5, 3. */
static int move_fds(const struct jail_spec *spec, int out, int err_fd)
{
	int from[3 + JAIL_FDS], n = 3 + spec->fd_count;

	from[0] = open("/dev/null", O_RDONLY);
	from[1] = out;
	from[2] = err_fd;
	for (size_t i = 0; i < spec->fd_count; i++)
		from[3 + i] = spec->fds[i];
	for (int i = 0; i < n; i++) {
		from[i] = fcntl(from[i], F_DUPFD, n);
		if (from[i] < 0)
			return -errno;
	}
	for (int i = 0; i < n; i++)
		if (dup2(from[i], i) < 0)
			return -errno;
	return close_range(n, ~0U, 0) ? -errno : 0;
}

static void default_signals(void)
{
	sigset_t none;

	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

_Noreturn void jail_child(const struct jail_spec *spec, const struct jail_user *user, int out,
			  int err_fd)
{
	static const char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
	char *env[] = { (char *)path, (char *)"LC_ALL=C", NULL };
	int err;

	setsid();
	default_signals();
	err = move_fds(spec, out, err_fd);
	if (!err && chdir("/"))
		err = -errno;
	if (!err)
		err = limit_all(spec);
	if (!err)
		err = become(user);
	if (!err) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* after become(), which resets it */
		execve(spec->path, spec->argv, env);
		err = -errno;
	}
	dprintf(2, "%s: %s\n", spec->path, strerror(-err));
	_exit(127);
}
