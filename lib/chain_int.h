/* SPDX-License-Identifier: GPL-2.0 */
/* lib/chain_int.h - what the files of the chain share. For lib/chain*.c only. */
#ifndef LIB_CHAIN_INT_H
#define LIB_CHAIN_INT_H

#include "lib/chain.h"

#define CHAIN_MAPS 9

/* A pinned map of the chain, its key a __u32. entries 0: xdp_root declares it. */
struct chain_map {
	const char *name;
	__u32 type, value, entries; /* type: enum bpf_map_type; value in bytes */
	__u32 flags;		    /* BPF_F_... */
	size_t fd;		    /* offset in struct chain */
};
extern const struct chain_map chain_maps[CHAIN_MAPS];

/** chain_fd - the descriptor at offset @fd (of struct chain_map) in @c. */
int *chain_fd(struct chain *c, size_t fd);

/** chain_new - a chain with nothing open, or NULL. */
struct chain *chain_new(const char *ifname);

/** chain_lock - the lock of @holder, for one more chain; NULL: the lock, waited for. -errno. */
int chain_lock(const struct chain *holder, struct fail *f);

/** chain_open_pins - open what is pinned for c->ifname; errors as chain_open(). */
int chain_open_pins(struct chain *c, struct fail *f);

/** chain_bank - the bank that packets are told now, 0 or 1; read anew. -errno. */
int chain_bank(const struct chain *c);

/** chain_write_instance - c->info.last_instance to the kernel. 0 or -errno. */
int chain_write_instance(const struct chain *c);

/** chain_bases - what the counters of @l begin from, in bank @bank; called right before a switch.
 */
int chain_bases(const struct chain *c, __u32 bank, const struct chain_layout *l);

/** chain_netns - device and inode of our network namespace. */
int chain_netns(__u64 *dev, __u64 *ino);

#endif
