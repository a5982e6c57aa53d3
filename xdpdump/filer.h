/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/filer.h - a child that makes the files which come after the capture has begun, and runs
 * the commands of -z; it never sees a packet.
 *
 * The process that parses packets cannot open a file. It tells this one of which time and number
 * the next is, and gets a descriptor: the name is made here, of the pattern on the command line,
 * so that no other path can be asked for. With -Z it is that user, else who started xdpdump.
 */
#ifndef XDPDUMP_FILER_H
#define XDPDUMP_FILER_H

#include <sys/types.h>

#include "xdpdump/rotate.h"
#include "xdpdump/signals.h"

#define FILER_READER_MS 10 /* how often to look whether a fifo has a reader */

struct filer {
	const struct opts *opts;
	const struct signals *sig;
	int sock; /* to the child; -1: there is none */
	pid_t pid;
};

/** filer_wanted - will there be a file to open after @o was read? */
bool filer_wanted(const struct opts *o);

/**
 * filer_create - open @name to be written, emptied. A fifo that has no reader yet is waited for as
 * long as @wait, which takes FILER_READER_MS, returns true. A descriptor; -EINTR; -errno.
 */
int filer_create(const char *name, bool (*wait)(void *arg), void *arg);

/** filer_start - make the child. 0, or -errno that was printed. */
int filer_start(struct filer *fl, const struct opts *o, const struct signals *sig);

/**
 * filer_open - filer_create() of the file that @r is at. -EINTR: a signal that ends the capture
 * came while a fifo had no reader.
 */
int filer_open(const struct filer *fl, const struct rotate *r);

/** filer_run - run -z, if it is given, on the file that @r is at, in the background. 0, -errno. */
int filer_run(const struct filer *fl, const struct rotate *r);

/** filer_end - let the child go. */
void filer_end(struct filer *fl);

#endif
