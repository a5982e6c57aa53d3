/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/keeper.h - what of a capture goes on to need privileges: to look after the session, to
 * look up names, to disarm at the end.
 *
 * keeper_split() leaves that to a child which never sees a packet, so that the process that
 * parses them can drop everything. Before it, the same calls are made directly.
 */
#ifndef XDPDUMP_KEEPER_H
#define XDPDUMP_KEEPER_H

#include <sys/types.h>

#include "lib/fail.h"
#include "lib/trail.h"
#include "xdpchain/session.h"

struct session;

struct keeper {
	struct session *session;
	struct trail_names names; /* as names_trail() has them */
	int sock;		  /* to the child; -1: there is none */
	pid_t pid;
};

/** keeper_split - from here on a child does it. 0 or -errno. */
int keeper_split(struct keeper *k);

/** keeper_names - what @k->names says, asked where it is known. Valid as long as @k. */
void keeper_names(struct keeper *k, struct trail_names *out);

/* session_check(), session_counts() and session_stop(); -EPIPE if the child is gone. */
int keeper_check(struct keeper *k, struct fail *f);
int keeper_counts(struct keeper *k, struct session_count *n);
int keeper_stop(struct keeper *k);

/** keeper_end - let the child go. */
void keeper_end(struct keeper *k);

#endif
