/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/source.h - who sent a packet, and whom it was for, seen through a tunnel of ours. */
#ifndef VIEWER_SOURCE_H
#define VIEWER_SOURCE_H

#include <stdbool.h>
#include <stddef.h>

#include "viewer/talkers.h"

struct source_of {
	struct talkers_key source; /* the address */
	struct talkers_key dest;
	__u16 dport; /* host order; 0: none */
	__u8 ipproto;
};

/**
 * source_find - from the @len bytes of a frame, aligned to 4.
 * @inner: of a packet in a packet, the inner one
 * Return: false: it is no IP.
 */
bool source_find(const void *data, size_t len, bool inner, struct source_of *out);

/**
 * source_came - a frame as it came to the chain, before the balancer put it into another packet:
 * with the outer header taken out.
 * @buf: room for @len bytes
 * Return: its bytes; 0: it carries none, take it as it is.
 */
size_t source_came(const void *data, size_t len, unsigned char *buf);

/** source_prefix - the network that is blocked or shown together: /24, /64. */
void source_prefix(const struct talkers_key *addr, struct talkers_key *prefix);

/** source_text - "192.0.2.1", "192.0.2.0/24". */
void source_text(const struct talkers_key *k, char text[PREFIX_TEXT]);

/** source_service - "192.0.2.10:80/tcp", as xdplb writes it; "" where there are no ports. */
void source_service(const struct source_of *s, char *text, size_t size);

#endif
