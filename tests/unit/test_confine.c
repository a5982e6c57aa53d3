// SPDX-License-Identifier: GPL-2.0
/* The filter of the capture loop, in a child a case: what it allows, and what it is killed for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>

#include "lib/confine.h"
#include "lib/util.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

static int pair[2]; /* both ends, open before */
static int file;

/* --- what the loop does: 0 if it went well --- */

static int do_write(void)
{
	struct pollfd p = { .fd = pair[0], .events = POLLOUT };
	char buf[64];

	return poll(&p, 1, 1000) != 1 || write(pair[0], "x", 1) != 1 ||
	       read(pair[1], buf, sizeof(buf)) != 1 || send(pair[0], "y", 1, MSG_NOSIGNAL) != 1 ||
	       recv(pair[1], buf, sizeof(buf), 0) != 1;
}

static int do_file(void)
{
	struct stat st;

	return write(file, "abc", 3) != 3 || ftruncate(file, 1) || fstat(file, &st) ||
	       st.st_size != 1 || !S_ISREG(st.st_mode) || close(file);
}

static int do_memory(void)
{
	char *small = malloc(100), *large = malloc(64 << 20);

	if (!small || !large)
		return 1;
	memset(large, 1, 64 << 20);
	large = realloc(large, 128 << 20);
	free(large);
	free(small);
	return !large;
}

static int do_time(void)
{
	struct timespec t;
	time_t now = 86400;
	struct tm tm;
	char text[64];

	if (clock_gettime(CLOCK_MONOTONIC, &t) || !localtime_r(&now, &tm))
		return 1;
	for (int i = 0; i < 3; i++)
		if (!strftime(text, sizeof(text), "%Y %z", &tm))
			return 1;
	return usleep(1);
}

static int do_print(void)
{
	return printf("%d\n", 1) != 2 || fflush(stdout) || fprintf(stderr, "%s", "") ||
	       isatty(STDOUT_FILENO) || errno != ENOTTY;
}

static int do_wait(void)
{
	return waitpid(-1, NULL, 0) != -1 || errno != ECHILD;
}

static int do_wait_events(void)
{
	struct epoll_event ev;

	return epoll_wait(pair[0], &ev, 1, 0) != -1 || errno != EINVAL;
}

/* A descriptor that comes through a socket is what files are written to. */
static int do_take(void)
{
	char byte, room[CMSG_SPACE(sizeof(int))];
	struct iovec data = { &byte, 1 };
	struct msghdr m = { .msg_iov = &data,
			    .msg_iovlen = 1,
			    .msg_control = room,
			    .msg_controllen = sizeof(room) };

	return recvmsg(pair[1], &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) != -1 || errno != EAGAIN;
}

/* --- what it must not --- */

static int do_again(void)
{
	return confine();
}

static int do_socket(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static int do_connect(void)
{
	struct sockaddr to = { .sa_family = AF_UNIX };

	return connect(pair[0], &to, sizeof(to));
}

static int do_create(void)
{
	return open("/dev/shm/xdpchain-test", O_WRONLY | O_CREAT, 0600);
}

static int do_open_write(void)
{
	return open("/dev/null", O_WRONLY);
}

static int do_open_old(void)
{
	return syscall(SYS_openat2, AT_FDCWD, "/dev/null", NULL, 0);
}

static int do_unlink(void)
{
	return unlink("/nonexistent");
}

static int do_exec(void)
{
	char *const argv[] = { "true", NULL };

	return execv("/bin/true", argv);
}

static int do_kill(void)
{
	return kill(getppid(), 0);
}

static int do_tgkill(void)
{
	return syscall(SYS_tgkill, getppid(), getppid(), 0);
}

static int do_map_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED;
}

static int do_make_code(void)
{
	static char page[8192];

	return mprotect((void *)(((uintptr_t)page + 4095) & ~4095UL), 4096, PROT_READ | PROT_EXEC);
}

static int do_bpf(void)
{
	union bpf_attr attr = { 0 };

	return syscall(SYS_bpf, BPF_MAP_LOOKUP_ELEM, &attr, sizeof(attr));
}

static int do_perf(void)
{
	struct perf_event_attr attr = { 0 };

	return syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
}

static int do_setuid(void)
{
	return setuid(getuid());
}

static int do_ioctl(void)
{
	return syscall(SYS_ioctl, STDERR_FILENO, 0x5412 /* TIOCSTI */, "x");
}

static int do_stat(void)
{
	char room[512];

	return syscall(SYS_statx, AT_FDCWD, "/", 0, 0, room);
}

static int do_vm(void)
{
	struct iovec v = { 0 };

	return process_vm_readv(getppid(), &v, 1, &v, 1, 0);
}

#ifndef SANITIZED
/* The leak check of AddressSanitizer does these, see lib/confine.h. */
static int do_fork(void)
{
	return fork();
}

static int do_read_file(void)
{
	return open("/etc/passwd", O_RDONLY);
}

static int do_ptrace(void)
{
	return ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int do_prctl(void)
{
	return prctl(PR_SET_DUMPABLE, 1);
}
#endif

static const struct {
	const char *name;
	int (*call)(void);
	int sig; /* that it dies of; 0: it returns 0 */
} cases[] = {
	{ "write", do_write, 0 },
	{ "file", do_file, 0 },
	{ "memory", do_memory, 0 },
	{ "time", do_time, 0 },
	{ "print", do_print, 0 },
	{ "wait", do_wait, 0 },
	{ "wait for events", do_wait_events, 0 },
	{ "take a descriptor", do_take, 0 },
	{ "another filter", do_again, SIGSYS },
	{ "socket", do_socket, SIGSYS },
	{ "connect", do_connect, SIGSYS },
	{ "create a file", do_create, SIGSYS },
	{ "open a file to write", do_open_write, SIGSYS },
	{ "openat2", do_open_old, SIGSYS },
	{ "unlink", do_unlink, SIGSYS },
	{ "execute", do_exec, SIGSYS },
	{ "kill", do_kill, SIGSYS },
	{ "tgkill another", do_tgkill, SIGSYS },
	{ "map code", do_map_code, SIGSYS },
	{ "make code", do_make_code, SIGSYS },
	{ "bpf", do_bpf, SIGSYS },
	{ "perf event", do_perf, SIGSYS },
	{ "setuid", do_setuid, SIGSYS },
	{ "ioctl", do_ioctl, SIGSYS },
	{ "statx", do_stat, SIGSYS },
	{ "read another's memory", do_vm, SIGSYS },
	{ "abort", (int (*)(void))abort, SIGABRT },
#ifndef SANITIZED
	{ "fork", do_fork, SIGSYS },
	{ "open a file to read", do_read_file, SIGSYS },
	{ "ptrace", do_ptrace, SIGSYS },
	{ "prctl", do_prctl, SIGSYS },
#endif
};

/* How it ends: its exit status, or 1000 and the signal. */
static int run(int (*call)(void))
{
	pid_t pid;
	int status;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	file = memfd_create("test_confine", 0);
	assert_true(file >= 0);
	pid = fork();
	if (!pid) {
		dup2(pair[0], STDOUT_FILENO);
		if (confine())
			_exit(99);
		_exit(call() ? 98 : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(pair[0]);
	close(pair[1]);
	close(file);
	return WIFSIGNALED(status) ? 1000 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void test_confine(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int want = cases[i].sig ? 1000 + cases[i].sig : 0, got = run(cases[i].call);

		if (got != want)
			fail_msg("%s: ends with %d, not %d", cases[i].name, got, want);
	}
}

/* Without the filter each of them ends otherwise: it is the filter that kills. */
static void test_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		pid_t pid = cases[i].sig == SIGSYS ? fork() : 0;
		int status;

		if (cases[i].sig != SIGSYS)
			continue;
		if (!pid) {
			cases[i].call();
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
			fail_msg("%s: killed without a filter", cases[i].name);
	}
	unlink("/dev/shm/xdpchain-test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_confine),
		cmocka_unit_test(test_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
