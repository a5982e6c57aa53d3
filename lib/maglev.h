/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/maglev.h - Maglev consistent hashing (Eisenbud et al., NSDI 2016, section 3.4) with weights.
 * Pure: no kernel, no state.
 */
#ifndef LIB_MAGLEV_H
#define LIB_MAGLEV_H

#include <stddef.h>
#include <stdint.h>

/* One that takes entries of the ring. */
struct maglev_node {
	uint64_t key;	 /* what it is, not its place in the list: maglev_key() */
	uint32_t weight; /* from 1 on; twice the weight gets twice the entries */
	uint16_t value;	 /* written into its entries */
};

/** maglev_key - the key of a node that is known by @len bytes, as by its address. */
uint64_t maglev_key(const void *bytes, size_t len);

/**
 * maglev_build - fill @ring.
 * @nodes: at most 65535, with different keys; sorted by key on return
 * @ring:  @size entries; all 0 if @count is 0
 * @size:  a prime above @count, at most 65537
 *
 * The same nodes give the same ring, in whatever order they come: every balancer has the same.
 * Return: 0; -EINVAL a weight of 0 or two nodes of one key; -ENOMEM.
 */
int maglev_build(struct maglev_node *nodes, size_t count, uint16_t *ring, uint32_t size);

#endif
