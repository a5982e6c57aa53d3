/* SPDX-License-Identifier: GPL-2.0 */
/* rig.h - a chain on a throw-away veth, and packets through it by BPF_PROG_TEST_RUN. */
#ifndef TESTS_RIG_H
#define TESTS_RIG_H

#include "lib/chain.h"

struct rig {
	char ifname[IF_NAMESIZE]; /* one end of a veth pair; the other is <ifname>p */
	struct chain *chain;	  /* opened with CHAIN_WRITE: it holds the lock */
	int root;		  /* program descriptor of xdp_root */
};

/**
 * rig_alone - go into a network namespace and a BPF filesystem of our own: nobody else's test
 * sees the pins or waits for the lock, and all is gone with the process. Exits on failure.
 */
void rig_alone(void);

/** rig_up - make the pair in the current namespace and attach a chain. Exits on failure. */
void rig_up(struct rig *r, const char *tag);

/** rig_down - take down chain and veth. Safe on a rig that never came up. */
void rig_down(struct rig *r);

/** rig_root - the root program of the chain @ifname: a descriptor, to be closed. */
int rig_root(const char *ifname);

/**
 * rig_run - one packet through the chain.
 * @out: room of @out_size bytes for the packet as it leaves; @out_len its length. May be NULL
 * Return: the verdict (enum xdp_action), or -errno.
 */
int rig_run(const struct rig *r, const void *pkt, __u32 len, void *out, __u32 out_size,
	    __u32 *out_len);

/**
 * rig_object - read tests/prog/<name>.bpf.o of the build folder that this program is in.
 * By the name it was called with: what /proc says of it is not to be had in a chroot.
 * Return: bytes, at most @size; 0 when it cannot be read.
 */
size_t rig_object(const char *name, void *elf, size_t size);

/** rig_sh - run a shell command. Its exit status. */
int rig_sh(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
