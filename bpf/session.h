/* SPDX-License-Identifier: GPL-2.0 */
/* session.h - what those who write the events of a session have in common. */
#ifndef XDPCHAIN_BPF_SESSION_H
#define XDPCHAIN_BPF_SESSION_H

#include <linux/bpf.h>
#include <linux/errno.h>

#include <bpf/bpf_helpers.h>

#include "xdpchain/session.h"

/* Events that a session makes of a packet: one a point. */
static __always_inline __u32 session_points(const struct session_conf *s)
{
	return (s->flags & (SESSION_ENTRY | SESSION_NO_EXIT)) == SESSION_ENTRY ? 2 : 1;
}

/*
 * Is a wanted packet of time @now left out? One in s->sample stays, and no more than s->rate in a
 * second of all CPUs together.
 */
static __always_inline int session_thin(struct session_conf *s, struct session_count *n, __u64 now)
{
	n->matched++;
	if (s->sample > 1 && (n->matched - 1) % s->sample)
		return 1;
	if (!s->rate)
		return 0;
	if (now - s->window_ns >= 1000000000 && (__s64)(now - s->window_ns) > 0) {
		s->window_ns = now; /* CPUs that do so at once agree well enough */
		s->window = 0;
	}
	if (__sync_fetch_and_add(&s->window, 1) < s->rate)
		return 0;
	n->capped += session_points(s);
	if (s->flags & SESSION_RESTS)
		s->rested = (__u32)bpf_jiffies64() | 1;
	return 1;
}

/* -ENOENT: the reader is dead, and nobody pays for it any more. */
static __always_inline void session_account(struct session_conf *s, long err, __u64 *captured,
					    __u64 *lost)
{
	if (!err) {
		++*captured;
		return;
	}
	++*lost;
	if (err == -ENOENT)
		s->id = 0;
}

#endif
