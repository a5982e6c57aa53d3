/* SPDX-License-Identifier: GPL-2.0 */
/*
 * xdpdump/keeper.h - what of a capture goes on to need privileges: to look after the session, to
 * look up names, to disarm at the end.
 *
 * keeper_split() leaves that to a child which never sees a packet, so that the process that
 * parses them can drop everything. It outlives that process: when it is killed, the child sees
 * it, and disarms. Before keeper_split(), the same calls are made directly.
 */
#ifndef XDPDUMP_KEEPER_H
#define XDPDUMP_KEEPER_H

#include <sys/types.h>

#include "lib/fail.h"
#include "lib/trail.h"
#include "xdpchain/session.h"
#include "xdpdump/sources.h"

/* Who asks for names: the `arg` of struct trail_names. */
struct keeper_asker {
	const struct keeper *keeper;
	__u32 source;
};

struct keeper {
	struct sources *sources;
	int sock; /* to the child; -1: there is none */
	pid_t pid;
	struct keeper_asker askers[OPTS_IFACES];
};

/** keeper_split - from here on a child does it. 0 or -errno. */
int keeper_split(struct keeper *k);

/** keeper_names - the names of source @i, asked where they are known. Valid as long as @k. */
void keeper_names(struct keeper *k, __u32 i, struct trail_names *out);

/* What source @i has under these names in struct source_ops; -ECHILD if the child is gone. */
int keeper_check(struct keeper *k, __u32 i, struct fail *f);
int keeper_counts(struct keeper *k, __u32 i, struct session_count *n);
int keeper_tally(struct keeper *k, __u32 i, struct tally_counts *n);
int keeper_stop(struct keeper *k, __u32 i);

/** keeper_end - let the child go. */
void keeper_end(struct keeper *k);

#endif
