// SPDX-License-Identifier: GPL-2.0
#include "viewer/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/perf_event.h>
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
	/* memory, time, the end */
	SCMP_SYS(brk),
	SCMP_SYS(clock_getres),
	SCMP_SYS(clock_gettime),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(futex),
	SCMP_SYS(getrandom),
	SCMP_SYS(gettimeofday),
	SCMP_SYS(madvise),
	SCMP_SYS(mremap),
	SCMP_SYS(munmap),
	SCMP_SYS(nanosleep),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(rseq),
	SCMP_SYS(sched_yield),
	SCMP_SYS(set_robust_list),
	SCMP_SYS(set_tid_address),
	SCMP_SYS(uname),
	/* descriptors that are open, and files to read */
	SCMP_SYS(access),
	SCMP_SYS(close),
	SCMP_SYS(dup),
	SCMP_SYS(dup2),
	SCMP_SYS(dup3),
	SCMP_SYS(epoll_create1),
	SCMP_SYS(epoll_ctl),
	SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_wait),
	SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2),
	SCMP_SYS(fcntl),
	SCMP_SYS(flock),
	SCMP_SYS(fstat),
	SCMP_SYS(fstatfs),
	SCMP_SYS(getcwd),
	SCMP_SYS(getdents64),
	SCMP_SYS(lseek),
	SCMP_SYS(lstat),
	SCMP_SYS(newfstatat),
	SCMP_SYS(pipe2),
	SCMP_SYS(poll),
	SCMP_SYS(ppoll),
	SCMP_SYS(pread64),
	SCMP_SYS(read),
	SCMP_SYS(readlink),
	SCMP_SYS(readlinkat),
	SCMP_SYS(readv),
	SCMP_SYS(select),
	SCMP_SYS(pselect6),
	SCMP_SYS(stat),
	SCMP_SYS(statfs),
	SCMP_SYS(statx),
	SCMP_SYS(write),
	SCMP_SYS(writev),
	/* signals, and the process that compiles a filter */
	SCMP_SYS(getegid),
	SCMP_SYS(geteuid),
	SCMP_SYS(getgid),
	SCMP_SYS(getpid),
	SCMP_SYS(getppid),
	SCMP_SYS(gettid),
	SCMP_SYS(getuid),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(wait4),
	SCMP_SYS(waitid),
	/* of sockets that may be opened, see below: droplet's, the kernel's, of a name server */
	SCMP_SYS(bind),
	SCMP_SYS(connect),
	SCMP_SYS(getpeername),
	SCMP_SYS(getsockname),
	SCMP_SYS(getsockopt),
	SCMP_SYS(recvfrom),
	SCMP_SYS(recvmsg),
	SCMP_SYS(sendmmsg),
	SCMP_SYS(sendmsg),
	SCMP_SYS(sendto),
	SCMP_SYS(setsockopt),
	SCMP_SYS(shutdown),
#ifdef SANITIZED
	SCMP_SYS(clone),
	SCMP_SYS(getdents),
	SCMP_SYS(prctl),
	SCMP_SYS(prlimit64),
	SCMP_SYS(ptrace),
	SCMP_SYS(sched_getaffinity),
	SCMP_SYS(tgkill),
#endif
};

/* Chains, their sessions and pins, and the rings. */
static const int allowed_live[] = {
	SCMP_SYS(bpf),	 SCMP_SYS(perf_event_open), SCMP_SYS(mkdir),	SCMP_SYS(mkdirat),
	SCMP_SYS(rmdir), SCMP_SYS(unlink),	    SCMP_SYS(unlinkat),
};

/* What no program of ours does, and a program of somebody else's would. */
static const int deadly[] = {
	SCMP_SYS(execve),	    SCMP_SYS(execveat),
#ifndef SANITIZED
	SCMP_SYS(ptrace),
#endif
	SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev),
};

#define ANY ~0ULL
#define NEW                                                                                        \
	(CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS)
#define TO_MAKE (O_CREAT | O_EXCL)
#define OF_32	0xffffffffULL /* ioctl() takes no more of its command */

/* Those that are allowed when (argument & mask) == value. */
static const struct rule {
	int call;
	unsigned int arg;
	scmp_datum_t mask, value;
} rules[] = {
	{ SCMP_SYS(mmap), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(mprotect), 2, PROT_EXEC, 0 },
	{ SCMP_SYS(clone), 0, NEW | CLONE_THREAD | CLONE_VM, 0 }, /* fork() */
	{ SCMP_SYS(kill), 1, ANY, SIGKILL },			  /* a filter takes too long */
	{ SCMP_SYS(open), 1, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ SCMP_SYS(openat), 2, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY },
	{ SCMP_SYS(prctl), 0, ANY, PR_CAPBSET_READ },
	{ SCMP_SYS(prctl), 0, ANY, PR_SET_PDEATHSIG },
	{ SCMP_SYS(prlimit64), 2, ANY, 0 }, /* to look */
	{ SCMP_SYS(socket), 0, OF_32, AF_UNIX },
	{ SCMP_SYS(socket), 0, OF_32, AF_NETLINK },
	{ SCMP_SYS(socket), 1, 0xf, SOCK_DGRAM }, /* a name in a filter */
	{ SCMP_SYS(ioctl), 1, OF_32, FIONREAD },
	{ SCMP_SYS(ioctl), 1, OF_32, PERF_EVENT_IOC_DISABLE },
	{ SCMP_SYS(ioctl), 1, OF_32, PERF_EVENT_IOC_ENABLE },
	{ SCMP_SYS(ioctl), 1, OF_32, SIOCGIFFLAGS },
	{ SCMP_SYS(ioctl), 1, OF_32, SIOCGIFINDEX },
	{ SCMP_SYS(ioctl), 1, OF_32, TCGETS },
	{ SCMP_SYS(ioctl), 1, OF_32, TCSETS },
	{ SCMP_SYS(ioctl), 1, OF_32, TCSETSF },
	{ SCMP_SYS(ioctl), 1, OF_32, TCSETSW },
	{ SCMP_SYS(ioctl), 1, OF_32, TCFLSH },
	{ SCMP_SYS(ioctl), 1, OF_32, TIOCGWINSZ },
};

static const struct rule rules_writing[] = {
	{ SCMP_SYS(open), 1, O_ACCMODE | TO_MAKE, O_WRONLY | TO_MAKE },
	{ SCMP_SYS(openat), 2, O_ACCMODE | TO_MAKE, O_WRONLY | TO_MAKE },
	{ SCMP_SYS(unlink), 0, 0, 0 }, /* what could not be written whole */
};

static int add_calls(scmp_filter_ctx ctx, uint32_t action, const int *calls, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = seccomp_rule_add(ctx, action, calls[i], 0);
	return err;
}

static int add_rules(scmp_filter_ctx ctx, const struct rule *r, size_t n)
{
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = seccomp_rule_add(
			ctx, SCMP_ACT_ALLOW, r[i].call, 1,
			SCMP_CMP(r[i].arg, SCMP_CMP_MASKED_EQ, r[i].mask, r[i].value));
	return err;
}

/* To itself any signal: it stops itself when the keyboard says so, and abort() is one. */
static int add_own(scmp_filter_ctx ctx)
{
	int err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
				   SCMP_A0(SCMP_CMP_EQ, getpid(), 0));

	if (!err)
		err = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				       SCMP_A0(SCMP_CMP_EQ, getpid(), 0));
	if (!err) /* its flags are in memory: the C library then takes clone() */
		err = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	return err;
}

static int fill(scmp_filter_ctx ctx, const struct sandbox_spec *spec)
{
	int err = add_calls(ctx, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));

	if (!err)
		err = add_calls(ctx, SCMP_ACT_KILL_PROCESS, deadly, ARRAY_SIZE(deadly));
	if (!err)
		err = add_rules(ctx, rules, ARRAY_SIZE(rules));
	if (!err)
		err = add_own(ctx);
	if (!err && spec->live)
		err = add_calls(ctx, SCMP_ACT_ALLOW, allowed_live, ARRAY_SIZE(allowed_live));
	if (!err && spec->writes)
		err = add_rules(ctx, rules_writing, ARRAY_SIZE(rules_writing));
	return err;
}

static int filter(const struct sandbox_spec *spec)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = ctx ? 0 : -ENOMEM;

	if (!err)
		err = seccomp_attr_set(ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (!err)
		err = fill(ctx, spec);
	if (!err)
		err = seccomp_load(ctx);
	seccomp_release(ctx);
	return err;
}

/* --- capabilities ----------------------------------------------------------------------------- */

/* SYS_ADMIN: what a stage is called is asked for by the id of a program, and the kernels of some
 * distributions want it for perf rings. */
static const cap_value_t wanted[] = { CAP_BPF,	       CAP_PERFMON,  CAP_NET_ADMIN,
				      CAP_SYS_ADMIN,   CAP_IPC_LOCK, CAP_DAC_READ_SEARCH,
				      CAP_DAC_OVERRIDE };
#define FOR_ROOT 5 /* of them: the pins are root's own */

static bool has(cap_t caps, cap_value_t cap, cap_flag_t set)
{
	cap_flag_value_t value = CAP_CLEAR;

	cap_get_flag(caps, cap, set, &value);
	return value == CAP_SET;
}

/* Those of @wanted that we have. */
static int keep(cap_t own, cap_t kept, const struct sandbox_spec *spec)
{
	size_t n = !spec->live ? 0 : geteuid() ? ARRAY_SIZE(wanted) : FOR_ROOT;

	for (size_t i = 0; i < n; i++)
		if (has(own, wanted[i], CAP_PERMITTED) &&
		    (cap_set_flag(kept, CAP_PERMITTED, 1, &wanted[i], CAP_SET) ||
		     cap_set_flag(kept, CAP_EFFECTIVE, 1, &wanted[i], CAP_SET)))
			return -errno;
	return 0;
}

static int drop_bounds(cap_t own, cap_t kept)
{
	if (!has(own, CAP_SETPCAP, CAP_EFFECTIVE))
		return 0; /* then it is no_new_privs alone */
	for (cap_value_t cap = 0; cap_get_bound(cap) >= 0; cap++)
		if (!has(kept, cap, CAP_PERMITTED) && cap_drop_bound(cap))
			return -errno;
	return 0;
}

static int drop_caps(const struct sandbox_spec *spec)
{
	cap_t own = cap_get_proc(), kept = cap_init();
	int err = own && kept ? keep(own, kept, spec) : -ENOMEM;

	if (!err)
		err = drop_bounds(own, kept);
	if (!err && (cap_set_proc(kept) || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)))
		err = -errno;
	cap_free(own);
	cap_free(kept);
	return err;
}

int sandbox(const struct sandbox_spec *spec, struct fail *f)
{
	int err = drop_caps(spec);

	if (err)
		return fail_set(f, -err, "cannot give up privileges: %s", strerror(-err));
	err = filter(spec);
	return err ? fail_set(f, -err, "seccomp: %s", strerror(-err)) : 0;
}
