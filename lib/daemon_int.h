/* SPDX-License-Identifier: GPL-2.0 */
/* lib/daemon_int.h - what the files of the daemon share. For lib/daemon*.c only. */
#ifndef LIB_DAEMON_INT_H
#define LIB_DAEMON_INT_H

#include <signal.h>

#include "lib/daemon.h"

#define DAEMON_WATCHES 16

struct daemon_watch {
	int fd, timer;	       /* timer: read before fn is called, and closed at the end */
	void (*fn)(void *arg); /* NULL: this place is free */
	void *arg;
};

struct daemon {
	struct daemon_spec spec;
	int lock, epoll, signals;
	int journal, stop;
	int beat_ms; /* how often systemd wants to hear of us; -1: not */
	struct daemon_watch watches[DAEMON_WATCHES];
	size_t count;
};

/** daemon_has_journal - is there one to send to. */
int daemon_has_journal(void);

/** daemon_lock - the lock of @name in this network namespace: a descriptor, or -errno. */
int daemon_lock(const char *name, struct fail *f);

/** daemon_unlock - give it back, and leave no file; @fd may be -1. */
void daemon_unlock(const char *name, int fd);

#endif
