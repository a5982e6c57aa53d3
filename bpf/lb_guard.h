/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lb_guard.h - the flood guard: above a rate of new connections on this CPU, the table is neither
 * asked nor told, and the ring carries all.
 */
#ifndef LB_GUARD_H
#define LB_GUARD_H

#include "lb_maps.h"

static __always_inline int lb_is_syn(const struct pkt *pkt)
{
	return (pkt->tcp_flags & (PKT_SYN | PKT_ACK | PKT_RST)) == PKT_SYN;
}

static __always_inline struct lb_guard *lb_guard_get(void)
{
	__u32 zero = 0;

	return bpf_map_lookup_elem(&guards, &zero);
}

/* Tell the packets of all CPUs that one more, or one less, has its guard on. */
static __always_inline void lb_guard_tell(int more)
{
	__u32 zero = 0;
	struct lb_heads *head = bpf_map_lookup_elem(&heads, &zero);

	if (head)
		__sync_fetch_and_add(&head->guards, more);
}

/* A second that is over decides whether the guard goes on. */
static __always_inline void lb_guard_second(struct lb_guard *g, __u64 now)
{
	__u64 gone = now - g->start;

	if (gone < lb_hz)
		return;
	if (g->on && (g->fresh <= lb_guard_rate || gone >= 2 * lb_hz)) {
		g->on = 0;
		lb_guard_tell(-1);
	}
	g->start = now;
	g->fresh = 0;
}

/*
 * Is it on? Nothing tells new flows from others meanwhile but a SYN, so these alone keep it on; a
 * flood of anything else starts it again a few milliseconds after each second.
 */
static __always_inline int lb_guard_on(const struct pkt *pkt, const struct lb_way *way)
{
	struct lb_guard *g;

	if (!lb_guard_rate)
		return 0;
	g = lb_guard_get();
	if (!g || !g->on)
		return 0;
	lb_guard_second(g, way->jiffies);
	if (!g->on)
		return 0;
	g->fresh += lb_is_syn(pkt);
	g->packets++;
	return 1;
}

/* Count a new connection. 1: it is one too many. */
static __always_inline int lb_guard_fresh(const struct lb_way *way)
{
	struct lb_guard *g;

	if (!lb_guard_rate)
		return 0;
	g = lb_guard_get();
	if (!g)
		return 0;
	lb_guard_second(g, way->jiffies);
	if (++g->fresh <= lb_guard_rate || g->on)
		return 0;
	g->on = 1;
	g->times++;
	g->packets++;
	lb_guard_tell(1);
	return 1;
}

#endif
