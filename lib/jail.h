/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/jail.h - run a command that is not to be trusted, and take what it says.
 *
 * It runs as nobody if we are root, without capabilities or the way to any, in a network, IPC and
 * process namespace of its own where the kernel lets us, in no folder of ours, with an environment
 * of PATH and LC_ALL alone, and may write not a byte to a file: its output comes through a pipe.
 * When it ends, or is ended, so are all processes that it made.
 */
#ifndef LIB_JAIL_H
#define LIB_JAIL_H

#include <stddef.h>
#include <stdint.h>

struct jail_spec {
	const char *path;    /* of the command, absolute */
	char *const *argv;   /* up to a NULL */
	const int *fds;	     /* are 3, 4, ... in there; standard input is /dev/null */
	size_t fd_count;     /* at most JAIL_FDS */
	uint64_t limit_ns;   /* wall clock; CPU time is held to it too, in whole seconds */
	size_t memory_bytes; /* of address space */
	size_t out_max;	     /* bytes of standard output; more, and it is ended */
};

#define JAIL_FDS     32
#define JAIL_ERR_MAX 65536 /* bytes of standard error that are kept, the first ones */

enum jail_end {
	JAIL_EXITED,   /* status is its exit status; 127 also when it cannot be executed */
	JAIL_SIGNALED, /* status is the signal; SIGKILL if it used up its CPU time */
	JAIL_LATE,     /* the wall clock limit */
	JAIL_TOO_MUCH, /* out_max */
};

struct jail_result {
	enum jail_end end;
	int status;
	void *out;
	size_t out_size;
	char *err; /* text, never NULL */
};

struct jail;

/**
 * jail_start - run it, without waiting.
 * @out: set on success; given back with jail_end()
 *
 * Return: 0; -errno when it could not be started.
 */
int jail_start(const struct jail_spec *spec, struct jail **out);

/** jail_fd - an epoll descriptor that is readable when jail_serve() has something to do. */
int jail_fd(const struct jail *j);

/** jail_serve - take what it has said, without waiting. 1: it is at its end; 0: not yet. */
int jail_serve(struct jail *j);

/**
 * jail_end - end it if it still runs, with all that it made, and free @j. NULL is allowed.
 * @r: set on success; freed with jail_free(); may be NULL
 *
 * Return: 0, however it ended; -errno.
 */
int jail_end(struct jail *j, struct jail_result *r);

/** jail_run - jail_start(), jail_serve() to its end, jail_end(). */
int jail_run(const struct jail_spec *spec, struct jail_result *r);

/** jail_free - fine on a zeroed one. */
void jail_free(struct jail_result *r);

#endif
