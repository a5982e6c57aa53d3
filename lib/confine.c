// SPDX-License-Identifier: GPL-2.0
#include "lib/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>

#include <jansson.h>
#include <linux/if_packet.h>
#include <seccomp.h>

#include "lib/util.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED
#endif
#endif

/* libseccomp leaves out those that this machine has not. */
static const int allowed[] = {
	SCMP_SYS(brk),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(close),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(fstat),
	SCMP_SYS(ftruncate),
	SCMP_SYS(futex),
	SCMP_SYS(getpid),
	SCMP_SYS(getrandom),
	SCMP_SYS(getsockname), /* libpcap: is the interface there */
	SCMP_SYS(getsockopt),  /* libpcap: how many packets it lost */
	SCMP_SYS(gettid),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(lseek), /* exit() puts a half-read standard input back */
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(nanosleep),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(pread64),
	SCMP_SYS(read),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sendto),
	SCMP_SYS(uname),
	SCMP_SYS(wait4),
	SCMP_SYS(write),
	SCMP_SYS(writev),
#ifdef SANITIZED
	SCMP_SYS(clone),
	SCMP_SYS(getdents),
	SCMP_SYS(getdents64),
	SCMP_SYS(getppid),
	SCMP_SYS(newfstatat),
	SCMP_SYS(prctl),
	SCMP_SYS(ptrace),
	SCMP_SYS(readlink),
	SCMP_SYS(sched_yield),
	SCMP_SYS(sigaltstack),
#endif
};

/* Those that are allowed when (argument & mask) == value. */
static const struct {
	int call;
	unsigned int arg;
	scmp_datum_t mask, value;
} limited[] = {
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(newfstatat), 3, ~0ULL, AT_EMPTY_PATH }, /* as fstat() */
	{ SCMP_SYS(ioctl), 1, ~0ULL, TCGETS },		   /* printf(): is it a terminal? */
	{ SCMP_SYS(ioctl), 1, ~0ULL, SIOCGIFINDEX },	   /* of livecap_check() */
	{ SCMP_SYS(ioctl), 1, ~0ULL, SIOCGIFFLAGS },	   /* of libpcap, where it is down */
#ifdef SANITIZED
	{ SCMP_SYS(open), 1, O_ACCMODE | O_CREAT, O_RDONLY },
	{ SCMP_SYS(openat), 2, O_ACCMODE | O_CREAT, O_RDONLY },
#endif
};

/*
 * What libraries read from files. tzset(), which strftime() calls, looks at its own each time
 * unless TZ names it; jansson wants random numbers for its first object.
 */
static int read_files(void)
{
	if (setenv("TZ", ":/etc/localtime", 0))
		return -errno;
	tzset();
	json_object_seed(0);
	return 0;
}

static int add_rules(scmp_filter_ctx ctx)
{
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(allowed); i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, allowed[i], 0);
	for (size_t i = 0; !err && i < ARRAY_SIZE(limited); i++)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, limited[i].call, 1,
				       SCMP_CMP(limited[i].arg, SCMP_CMP_MASKED_EQ, limited[i].mask,
						limited[i].value));
	if (!err) /* abort() */
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				       SCMP_A0(SCMP_CMP_EQ, getpid(), 0));
	if (!err) /* pcap_close() */
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(setsockopt), 2,
				       SCMP_A1(SCMP_CMP_EQ, SOL_PACKET, 0),
				       SCMP_A2(SCMP_CMP_EQ, PACKET_RX_RING, 0));
	return err;
}

int confine(void)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int err = ctx ? read_files() : -ENOMEM;

	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!err)
		err = add_rules(ctx);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}
