/* SPDX-License-Identifier: GPL-2.0 */
/* lib/ifprog.h - the XDP program of an interface, whoever put it there. */
#ifndef LIB_IFPROG_H
#define LIB_IFPROG_H

#include <linux/types.h>

enum ifprog_mode { IFPROG_NATIVE, IFPROG_GENERIC, IFPROG_OFFLOADED };

struct ifprog {
	__u32 id; /* of the kernel */
	enum ifprog_mode mode;
	char name[64];	/* of its function; cut to 15 bytes where there is no BTF; "" if not told */
	__u32 function; /* its type in the program's BTF; 0: it has no BTF */
};

/**
 * ifprog_find - what runs on interface @ifindex. With several (native and offloaded), the one
 * that packets meet last. The name is told to CAP_SYS_ADMIN alone.
 * Return: 0; -ENOENT: nothing does; -ENODEV: no such interface; -errno.
 */
int ifprog_find(__u32 ifindex, struct ifprog *p);

/** ifprog_mode_name - "native", "generic", "offloaded". Static. */
const char *ifprog_mode_name(enum ifprog_mode mode);

#endif
