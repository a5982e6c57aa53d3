/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/daemon.h - what every daemon of ours is: one a network namespace, known to systemd, a loop
 * over descriptors, signals that arrive in it, and a log.
 *
 * It does not go into the background: systemd wants it so, and a shell has `&`.
 */
#ifndef LIB_DAEMON_H
#define LIB_DAEMON_H

#include <stdio.h>
#include <syslog.h>

#include <linux/types.h>

#include "lib/fail.h"

#define DAEMON_RUN_DIR "/run/xdpchain"

struct daemon;

struct daemon_spec {
	const char *name;	   /* "droplet": of the lock and in the log */
	int foreground;		   /* log to @err, and not to the journal */
	FILE *err;		   /* where the log goes when there is no journal, too */
	void (*reload)(void *arg); /* on SIGHUP; may be NULL */
	void *arg;
};

/**
 * daemon_open - take the lock of this network namespace and the signals SIGHUP, SIGTERM, SIGINT.
 * SIGPIPE is ignored from here on. Children of fork() have none of the signals blocked.
 * Return: 0; -EBUSY another one runs, @f names its pid; -errno.
 */
int daemon_open(const struct daemon_spec *spec, struct daemon **out, struct fail *f);

/** daemon_watch - call @fn whenever @fd is readable. 0 or -errno. */
int daemon_watch(struct daemon *d, int fd, void (*fn)(void *arg), void *arg);

/** daemon_unwatch - not any more; before @fd is closed. */
void daemon_unwatch(struct daemon *d, int fd);

/** daemon_timer - call @fn every @ns, from now on. 0 or -errno. */
int daemon_timer(struct daemon *d, __u64 ns, void (*fn)(void *arg), void *arg);

/**
 * daemon_path - @path from / on, to be freed: the name as it is, and not what a link stands for,
 * which may be another file with the next reload. NULL and errno.
 */
char *daemon_path(const char *path);

/* What systemd is told: that we serve, with a line for `systemctl status`; that we read anew, to
 * be followed by daemon_ready(). */
void daemon_ready(struct daemon *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void daemon_reloading(struct daemon *d);

/** daemon_log - one line to the journal or to spec->err. @level: LOG_ERR, LOG_INFO, ... */
void daemon_log(struct daemon *d, int level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/** daemon_log_lines - each line of @text. */
void daemon_log_lines(struct daemon *d, int level, const char *text);

/** daemon_log_fail - @f and, a line each, its log. */
void daemon_log_fail(struct daemon *d, const struct fail *f);

/** daemon_run - until SIGTERM or SIGINT, or daemon_stop(). 0; -errno. */
int daemon_run(struct daemon *d);

/** daemon_stop - have daemon_run() return. */
void daemon_stop(struct daemon *d);

/** daemon_close - NULL is allowed. */
void daemon_close(struct daemon *d);

#endif
