// SPDX-License-Identifier: GPL-2.0
#include "lib/daemon.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <systemd/sd-daemon.h>

#include "lib/daemon_int.h"
#include "lib/util.h"

char *daemon_path(const char *path)
{
	char cwd[4096], *out;

	if (*path == '/')
		return strdup(path);
	if (!getcwd(cwd, sizeof(cwd)) || asprintf(&out, "%s/%s", cwd, path) < 0)
		return NULL;
	return out;
}

static void ours(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGHUP);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

/* A compiler that we start can be ended as anybody else's. */
static void in_child(void)
{
	sigset_t set;

	ours(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static int add(struct daemon *d, const struct daemon_watch *w)
{
	struct epoll_event e = { .events = EPOLLIN };
	size_t i = 0;

	while (i < d->count && d->watches[i].fn)
		i++;
	if (i == DAEMON_WATCHES)
		return -ENOSPC;
	e.data.u64 = i;
	if (epoll_ctl(d->epoll, EPOLL_CTL_ADD, w->fd, &e))
		return -errno;
	d->watches[i] = *w;
	d->count += i == d->count;
	return 0;
}

void daemon_unwatch(struct daemon *d, int fd)
{
	for (size_t i = 0; i < d->count; i++) {
		if (d->watches[i].fd != fd || !d->watches[i].fn)
			continue;
		epoll_ctl(d->epoll, EPOLL_CTL_DEL, fd, NULL);
		d->watches[i] = (struct daemon_watch){ .fd = -1 };
	}
}

int daemon_watch(struct daemon *d, int fd, void (*fn)(void *arg), void *arg)
{
	return add(d, &(struct daemon_watch){ .fd = fd, .fn = fn, .arg = arg });
}

int daemon_timer(struct daemon *d, __u64 ns, void (*fn)(void *arg), void *arg)
{
	const struct timespec t = { .tv_sec = ns / NSEC, .tv_nsec = ns % NSEC };
	const struct itimerspec every = { .it_value = t, .it_interval = t };
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), err;

	if (fd < 0)
		return -errno;
	err = timerfd_settime(fd, 0, &every, NULL) ? -errno : 0;
	if (!err)
		err = add(d, &(struct daemon_watch){ .fd = fd, .timer = 1, .fn = fn, .arg = arg });
	if (err)
		close(fd);
	return err;
}

static void on_signal(void *arg)
{
	struct signalfd_siginfo info;
	struct daemon *d = arg;

	while (read(d->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGHUP && d->spec.reload)
			d->spec.reload(d->spec.arg);
		else if (info.ssi_signo != SIGHUP)
			d->stop = 1;
	}
}

static int set_up(struct daemon *d, struct fail *f)
{
	uint64_t beat_us = 0;
	sigset_t set;
	int err;

	d->lock = daemon_lock(d->spec.name, f);
	if (d->lock < 0)
		return d->lock;
	d->journal = !d->spec.foreground && daemon_has_journal();
	d->beat_ms = sd_watchdog_enabled(0, &beat_us) > 0 ? (int)(beat_us / 2000) : -1;
	ours(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	pthread_atfork(NULL, NULL, in_child);
	d->epoll = epoll_create1(EPOLL_CLOEXEC);
	d->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (d->epoll < 0 || d->signals < 0)
		return fail_errno(f, errno, d->spec.name);
	err = daemon_watch(d, d->signals, on_signal, d);
	return err ? fail_errno(f, -err, d->spec.name) : 0;
}

int daemon_open(const struct daemon_spec *spec, struct daemon **out, struct fail *f)
{
	struct daemon *d = calloc(1, sizeof(*d));
	int err;

	if (!d)
		return fail_errno(f, ENOMEM, spec->name);
	d->spec = *spec;
	d->lock = d->epoll = d->signals = -1;
	err = set_up(d, f);
	if (err) {
		daemon_close(d);
		return err;
	}
	*out = d;
	return 0;
}

void daemon_ready(struct daemon *d, const char *fmt, ...)
{
	char status[512];
	va_list ap;

	(void)d;
	va_start(ap, fmt);
	vsnprintf(status, sizeof(status), fmt, ap);
	va_end(ap);
	status[strcspn(status, "\n")] = 0;
	sd_notifyf(0, "READY=1\nSTATUS=%s\nMAINPID=%d", status, getpid());
}

void daemon_reloading(struct daemon *d)
{
	(void)d;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu", (unsigned long long)now_ns() / 1000);
}

static void call(const struct daemon_watch *w)
{
	uint64_t ticks;

	if (!w->fn) /* taken away by one that was called before it */
		return;
	if (!w->timer || read(w->fd, &ticks, sizeof(ticks)) == sizeof(ticks))
		w->fn(w->arg);
}

int daemon_run(struct daemon *d)
{
	struct epoll_event events[DAEMON_WATCHES];

	while (!d->stop) {
		int n = epoll_wait(d->epoll, events, DAEMON_WATCHES, d->beat_ms);

		if (n < 0 && errno != EINTR)
			return -errno;
		for (int i = 0; i < n; i++)
			call(&d->watches[events[i].data.u64]);
		if (d->beat_ms >= 0)
			sd_notify(0, "WATCHDOG=1");
	}
	sd_notify(0, "STOPPING=1");
	return 0;
}

void daemon_stop(struct daemon *d)
{
	d->stop = 1;
}

void daemon_close(struct daemon *d)
{
	if (!d)
		return;
	for (size_t i = 0; i < d->count; i++)
		if (d->watches[i].timer)
			close(d->watches[i].fd);
	fd_close(d->signals);
	fd_close(d->epoll);
	daemon_unlock(d->spec.name, d->lock);
	free(d);
}
