/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/session.h - a capture session: arm slot 0, read events, count, disarm.
 *
 * A session that is not closed costs packets a look at its last beat, and no filter: its place
 * and its rings go when the kernel closes the descriptors of its process, and the next session to
 * come takes it out of slot 0.
 */
#ifndef LIB_SESSION_H
#define LIB_SESSION_H

#include <stddef.h>

#include "lib/fail.h"
#include "xdpchain/session.h"

struct chain;
struct classic_insn;
struct rings;
struct session;

struct session_spec {
	__u32 snaplen;	/* bytes, 1 to EVENT_SNAPLEN_MAX */
	__u32 flags;	/* enum session_flag */
	__u32 verdicts; /* see struct session_conf; 0: all */
	__u32 slots;
	__u64 reasons[SESSION_SLOTS]; /* by slot a mask of reasons, if flags has SESSION_REASONS */
	__u32 rules[SESSION_RULES], rule_count; /* 0: any */
	__u32 sample;				/* one in so many; 0: all */
	__u32 rate;				/* events a second at most; 0: no limit */
	size_t ring_bytes; /* of each CPU; 0: by the number of CPUs, see session.c */
	/* Rings that other sessions share, and the number of this one in them; NULL: its own */
	struct rings *rings;
	__u32 source;
	const struct classic_insn *insns; /* the packet filter, classic BPF; copied */
	__u32 count;			  /* instructions; 0: every packet */
	const char *text; /* the filter as typed, for `droplet status`; may be NULL */
};

/**
 * session_open - start to capture on the chain of @ifname.
 * @out: set on success; ended with session_close()
 *
 * Return: 0; what chain_open() returns; -EUSERS: SESSIONS others capture here (they are named
 * in @f); -EINVAL: the verifier refuses the filter (@f->log); -EPERM; -ENOMEM: rings of that size
 * are refused, and those of the default size down to 128 KiB.
 */
int session_open(const char *ifname, const struct session_spec *spec, struct session **out,
		 struct fail *f);

/**
 * session_stop - disarm: after this no further event is written. Waits until the packets that
 * are on their way are counted. Events that were written can still be read.
 */
void session_stop(struct session *s);

/** session_close - stop and free; NULL is allowed. */
void session_close(struct session *s);

/**
 * session_leave - in one of two processes after fork(): the session is the other's from here on.
 * Closes all that can change the chain. What is left is session_rings(), what struct chain says
 * without a system call, and session_close(), which ends nothing.
 */
void session_leave(struct session *s);

/** session_rings - where the events come from: those of the spec, or its own. */
struct rings *session_rings(struct session *s);

/**
 * session_cut - bytes of each ring, when session_spec.ring_bytes was 0 and the kernel allowed less
 * than the default (RLIMIT_MEMLOCK, without CAP_IPC_LOCK); 0: it did not.
 */
size_t session_cut(const struct session *s);

/** session_chain - the chain, opened with CHAIN_READ; for its names and counters. */
struct chain *session_chain(struct session *s);

/**
 * session_counts - counters since session_open(), all CPUs together. Once stopped, offered =
 * filtered + captured + lost exactly; before, up to the packets on their way. -errno.
 */
int session_counts(struct session *s, struct session_count *n);

/**
 * session_beat - the process lives. A session whose last beat, or whose first packet, is more
 * than 3 s ago is offered no packet until the next one.
 */
void session_beat(struct session *s);

/**
 * session_rest - of a session with SESSION_RESTS, to be called whenever its rings are read: while
 * it has all that its rate allows and nobody else captures, slot 0 is empty and a packet pays
 * nothing. Does not wait: is the chain being changed, the next call does it.
 */
void session_rest(struct session *s);

/**
 * session_check - beat, and is the session still armed; to be called twice a second. Arms it
 * again when it has to, and takes sessions out whose process died.
 * Return: 0; -ENODEV the interface is gone; -ENOENT the chain was taken down; -ECONNRESET
 * somebody else ended this session.
 */
int session_check(struct session *s, struct fail *f);

#endif
