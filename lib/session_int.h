/* SPDX-License-Identifier: GPL-2.0 */
/* lib/session_int.h - what the files of the session share. For lib/session*.c and watch.c only. */
#ifndef LIB_SESSION_INT_H
#define LIB_SESSION_INT_H

#include "lib/session.h"

struct session {
	struct chain *chain;
	struct rings *rings;
	int shared;		    /* rings are the caller's, and outlive the session */
	struct session_count base;  /* counters when it began */
	__u32 number;		    /* place in the table, 0 to SESSIONS - 1 */
	__u32 id;		    /* session_conf.id */
	int dir;		    /* session<number>, locked for as long as we live */
	int events;		    /* perf event array */
	struct session_conf *confs; /* the table `sessions`, mapped */
	size_t cut;		    /* bytes of each ring, if they are less than wanted */
	int armed;
	__u32 built;	 /* sessions in the slot 0 that we built, bit mask */
	__u32 built_id;	 /* program that we put there */
	__u64 parked_ns; /* since when it is not there, see session_rest(); 0: it is */
	int parked;	 /* meanwhile, its descriptor */
	__u32 rested;	 /* session_conf.rested that this was for */
};

/*
 * All need the lock of all chains.
 *
 * session_take:   find a free place, lock it, open its perf event array. -EUSERS.
 * session_arm:    (re)build slot 0 for all sessions that live, and the exit.
 * session_disarm: (re)build slot 0 without this one, or empty it.
 */
int session_take(struct session *s, struct fail *f);
int session_arm(struct session *s, struct fail *f);
void session_disarm(struct session *s);

/**
 * session_add_rings - add the rings of a session to spec->rings, as large as it asks for, or else
 * as fits the number of CPUs.
 * @cut: set to their size where the kernel allowed less than that; see session_cut()
 * Return: 0, or -errno with @f.
 */
int session_add_rings(const struct session_spec *spec, int events, __u32 id, size_t *cut,
		      struct fail *f);

/** session_unpark - forget that slot 0 is to come back. */
void session_unpark(struct session *s);

/** session_is_armed - slot 0 is filled, and every session in it has a live reader. No lock. */
int session_is_armed(struct session *s);

#endif
