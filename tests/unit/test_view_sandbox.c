// SPDX-License-Identifier: GPL-2.0
/* What the dashboard may and may not do, in a child a case. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>

#include "lib/filter.h"
#include "lib/util.h"
#include "viewer/sandbox.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static char dir[] = "/tmp/xdpchain-sandbox-XXXXXX";

static int errno_of(long result)
{
	return result < 0 ? errno : 0;
}

static int open_as(const char *name, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return errno_of(open(path, flags, 0600));
}

static int reads(void)
{
	return open_as("there", O_RDONLY);
}

static int changes(void)
{
	return open_as("there", O_WRONLY);
}

static int truncates(void)
{
	return open_as("there", O_RDONLY | O_TRUNC);
}

static int replaces(void)
{
	return open_as("new", O_WRONLY | O_CREAT);
}

static int makes(void)
{
	return open_as("new", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW);
}

static int unnamed(void)
{
	return errno_of(open(dir, O_TMPFILE | O_RDWR, 0600));
}

static int executes(void)
{
	return errno_of(execl("/bin/true", "true", NULL));
}

static int traces(void)
{
	return errno_of(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}

static int looks_in(void)
{
	char byte;
	struct iovec to = { &byte, 1 }, from = { &byte, 1 };

	return errno_of(process_vm_readv(getppid(), &to, 1, &from, 1, 0));
}

static int types(void)
{
	return errno_of(ioctl(STDIN_FILENO, TIOCSTI, "x"));
}

/* The upper half of a command is not looked at by the kernel. */
static int types_slyly(void)
{
	return errno_of(syscall(SYS_ioctl, STDIN_FILENO, TIOCSTI | 1ULL << 32, "x"));
}

static int bpf(void)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1
	};

	return errno_of(syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr)));
}

static int packets(void)
{
	return errno_of(socket(AF_PACKET, SOCK_RAW, 0));
}

static int stream(void)
{
	return errno_of(socket(AF_INET, SOCK_STREAM, 0));
}

static int unix_stream(void)
{
	return errno_of(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
}

static int code(void)
{
	void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? errno : 0;
}

static int kills(void)
{
	return errno_of(kill(getppid(), SIGUSR1));
}

static int stops_itself(void)
{
	return errno_of(kill(getpid(), 0));
}

static int namespaces(void)
{
	return errno_of(syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */));
}

static int mounts(void)
{
	return errno_of(mount("tmpfs", "/mnt", "tmpfs", 0, NULL));
}

/* libpcap in a process of its own, with the names of services. */
static int compiles(void)
{
	const struct filter_spec spec = { .text = "tcp port http or host 192.0.2.1" };
	struct fail f = { 0 };
	struct filter filter;
	int err = filter_compile(&spec, &filter, &f);

	filter_free(&filter);
	return -err;
}

enum { KILLED = -1, ALLOWED = 0 };

#define FILE_                                                                                      \
	{                                                                                          \
		.live = false, .writes = true                                                      \
	}
#define LOOK                                                                                       \
	{                                                                                          \
		.live = false, .writes = false                                                     \
	}
#define CHAINS                                                                                     \
	{                                                                                          \
		.live = true, .writes = true                                                       \
	}

static const struct {
	const char *name;
	int (*fn)(void);
	struct sandbox_spec spec;
	int want; /* errno, ALLOWED or KILLED */
} cases[] = {
	{ "reads a file", reads, LOOK, ALLOWED },
	{ "changes a file", changes, FILE_, EPERM },
	{ "truncates a file", truncates, FILE_, EPERM },
	{ "replaces a file", replaces, FILE_, EPERM },
	{ "a file without a name", unnamed, FILE_, EPERM },
	{ "makes a file", makes, FILE_, ALLOWED },
	{ "makes a file, with --read-only", makes, LOOK, EPERM },
	{ "executes", executes, CHAINS, KILLED },
	{ "traces", traces, CHAINS, SANITIZED ? EPERM : KILLED },
	{ "looks into a process", looks_in, CHAINS, KILLED },
	{ "types for the user", types, FILE_, EPERM },
	{ "types for the user, slyly", types_slyly, FILE_, EPERM },
	{ "bpf, with a file", bpf, FILE_, EPERM },
	{ "bpf, with chains", bpf, CHAINS, ALLOWED },
	{ "packets of others", packets, CHAINS, EPERM },
	{ "connects to somebody", stream, CHAINS, EPERM },
	{ "connects to droplet", unix_stream, CHAINS, ALLOWED },
	{ "maps code", code, CHAINS, EPERM },
	{ "a signal to another", kills, CHAINS, EPERM },
	{ "a signal to itself", stops_itself, CHAINS, ALLOWED },
	{ "makes a namespace", namespaces, CHAINS, EPERM },
	{ "mounts", mounts, CHAINS, EPERM },
	{ "compiles a filter", compiles, FILE_, ALLOWED },
};

/* KILLED, or what the case returns in a child. */
static int run_case(size_t i)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(sandbox(&cases[i].spec, NULL) ? 255 : cases[i].fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void test_sandbox(void **state)
{
	char path[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		print_message("  %s\n", cases[i].name);
		assert_int_equal(run_case(i), cases[i].want);
		snprintf(path, sizeof(path), "%s/new", dir);
		unlink(path);
	}
}

static int set_up(void **state)
{
	(void)state;
	return !mkdtemp(dir) || open_as("there", O_WRONLY | O_CREAT);
}

static int tear_down(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/there", dir);
	unlink(path);
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_sandbox) };

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
