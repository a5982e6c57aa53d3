/* SPDX-License-Identifier: GPL-2.0 */
/* lib/amplification.h - the UDP services that are known to be abused as reflectors. */
#ifndef LIB_AMPLIFICATION_H
#define LIB_AMPLIFICATION_H

#include <linux/types.h>

struct amplification_known {
	const char *name;
	__u16 port;
	__u16 above;	  /* bytes of UDP payload that an answer has at most, to who asked */
	__u8 off;	  /* 1: only when it is added: by size, ours and theirs look alike */
	__u8 lan;	  /* 1: of the local network, so private sources may */
	__u32 head, mask; /* first bytes of the payload, host order */
	const char *note; /* where the size is from */
};

/* Ends with a NULL name. */
extern const struct amplification_known amplification_known[];

/** amplification_find - the one called @name, or that of @port when @name is NULL; NULL. */
const struct amplification_known *amplification_find(const char *name, __u16 port);

#endif
