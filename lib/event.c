// SPDX-License-Identifier: GPL-2.0
#include "lib/event.h"

#include <errno.h>
#include <stdbool.h>

#include "xdpchain/chain.h"

static bool steps_ok(const struct event_step *s, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (s[i].slot >= CHAIN_SLOTS)
			return false;
	return true;
}

int ev_decode(const void *buf, size_t len, struct ev *ev)
{
	const ev_head *h = buf;
	const struct event_step *steps = (const void *)(h + 1);
	size_t head;

	if (len < sizeof(*h) || h->size < sizeof(*h) || h->size > len)
		return -EBADMSG;
	if (h->version > EVENT_VERSION || (h->version && h->type != EVENT_PACKET))
		return -EPROTONOSUPPORT;
	if (!h->version || h->steps > EVENT_STEPS || h->point > EVENT_ENTRY)
		return -EBADMSG;
	head = sizeof(*h) + h->steps * sizeof(*steps);
	if (h->cap_len > EVENT_SNAPLEN_MAX || h->cap_len > h->len || h->size != head + h->cap_len)
		return -EBADMSG;
	if (!steps_ok(steps, h->steps))
		return -EBADMSG;
	*ev = (struct ev){ .head = h, .steps = steps, .data = (const void *)(steps + h->steps) };
	return 0;
}
