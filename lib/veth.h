/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/veth.h - whether what a chain sends is lost at the other end of a veth pair.
 *
 * A veth hands frames of XDP_TX on only while its peer runs a native XDP program. Without one
 * they are refused; or, where the peer does GRO, they wait in a queue that nobody empties until it
 * is full, and then are refused. Nothing else on the machine says so.
 */
#ifndef LIB_VETH_H
#define LIB_VETH_H

#include "lib/chain.h"

struct veth_loss {
	char peer[IF_NAMESIZE]; /* the other end; in another namespace, as likely as not */
	__u64 refused;		/* frames, in the life of the interface */
};

/**
 * veth_loss - look whether @c, whose counters are @t, loses what it sends in this way now.
 * @loss: set when it does
 *
 * Return: 1 it does; 0 no veth, generic mode, nothing sent, the peer runs XDP, or it is not ours
 * to know.
 */
int veth_loss(const struct chain *c, const struct chain_totals *t, struct veth_loss *loss);

#define VETH_TEXT 256

/** veth_text - a loss as one line without its end, with the way out. @text holds VETH_TEXT. */
void veth_text(const struct veth_loss *loss, char text[VETH_TEXT]);

#endif
