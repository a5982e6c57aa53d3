/* SPDX-License-Identifier: GPL-2.0 */
/* lib/example_int.h - what is known of the packet on the way. For lib/example*.c only. */
#ifndef LIB_EXAMPLE_INT_H
#define LIB_EXAMPLE_INT_H

#include "lib/example.h"

#define EXAMPLE_REACH 512 /* bytes that a filter may ask for something of */

struct example {
	unsigned char value[EXAMPLE_REACH], known[EXAMPLE_REACH]; /* known: which bits are fixed */
	__u32 least, most;					  /* its length, bytes */
	__u32 reach; /* bytes that it must have for the loads of the filter */
};

/** example_get - the @size bytes at @off as they are now; what is not known is 0. */
__u32 example_get(const struct example *e, __u32 off, __u32 size);

/** example_known - the mask of what is fixed in the @size bytes at @off. */
__u32 example_known(const struct example *e, __u32 off, __u32 size);

/** example_fix - have the bits @mask of the @size bytes at @off be @value. 0: they are others. */
int example_fix(struct example *e, __u32 off, __u32 size, __u32 mask, __u32 value);

/**
 * example_finish - write the packet: what is known, and around it headers that are in order.
 * @plain: 1: without those. Return: 0; -EFBIG.
 */
int example_finish(const struct example *e, int plain, unsigned char packet[EXAMPLE_MAX],
		   __u32 *len);

#endif
