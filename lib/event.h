/* SPDX-License-Identifier: GPL-2.0 */
/* lib/event.h - check the samples of a perf ring, and view them as events (xdpchain/event.h). */
#ifndef LIB_EVENT_H
#define LIB_EVENT_H

#include <stddef.h>

#include "xdpchain/event.h"

/*
 * A raw sample stands behind perf's 32-bit size, so it is aligned to 4 bytes and never to 8.
 * Copy the header (`ev_head h = *ev->head`) for a function that wants a struct event.
 */
typedef struct event ev_head __attribute__((aligned(4)));

struct ev {
	const ev_head *head;
	const struct event_step *steps; /* head->steps of them */
	const unsigned char *data;	/* head->cap_len bytes of the packet */
};

/**
 * ev_decode - check one perf sample and view it as an event.
 * @buf: raw sample as the kernel wrote it, aligned to 4 bytes; not modified
 * @len: size of @buf in bytes, from the perf ring, with perf's padding
 * @ev:  set on success; points into @buf and lives as long as it does
 *
 * Verdicts and reasons are not judged: a stage may return nonsense, and that must be seen.
 * Return: 0; -EBADMSG if the lengths in it do not add up or exceed @len, or a field has a value
 * that no kernel side writes; -EPROTONOSUPPORT if the version or the type is a newer one.
 */
int ev_decode(const void *buf, size_t len, struct ev *ev);

#endif
