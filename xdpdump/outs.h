/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/outs.h - the sinks that the options ask for: text, a file, both, or none to count. */
#ifndef XDPDUMP_OUTS_H
#define XDPDUMP_OUTS_H

#include "xdpdump/filer.h"
#include "xdpdump/rotate.h"
#include "xdpdump/sink.h"

enum { OUTS_FULL = 1 }; /* of outs_packet(): the last file of -W is full; no error */

struct outs {
	const struct sink_env *env;
	struct rotate rotate;
	__u32 n_ifs;		     /* of each of these, one at least */
	struct session_count *ended; /* of the files before this one */
	struct session_count *file;  /* of this one: captured and lost */
	bool full;
	struct sink *sinks[2];
	unsigned int n;
	const struct sink *failed; /* the one that an error came from */
};

/**
 * outs_open - open files, make sinks, write headers.
 * Return: 0; -EINTR asked to stop before a fifo had a reader; -errno that was printed.
 */
int outs_open(struct outs *o, const struct sink_env *env);

/* To each of them; 0, or what the first that failed said; OUTS_FULL. */
int outs_packet(struct outs *o, const struct sink_packet *p);
int outs_flush(struct outs *o);
/* -EPIPE: the reader of a pipe has gone, which a write would tell if there were a packet. */
int outs_check(struct outs *o);
/* @n: of the whole capture, for each of env->ifs; NULL: a file was read */
int outs_end(struct outs *o, const struct session_count *n);

/** outs_failed - after an error: packets that were taken, and are not in the file. */
__u64 outs_failed(const struct outs *o);

/** outs_most - bytes of memory that they take at most. */
size_t outs_most(const struct outs *o);

/** outs_error - print what went wrong with @err, unless the reader of a pipe just left. */
void outs_error(const struct outs *o, int err);

/** outs_close - after outs_end(), or without it. */
void outs_close(struct outs *o);

#endif
