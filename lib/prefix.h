/* SPDX-License-Identifier: GPL-2.0 */
/* lib/prefix.h - an IPv4 or IPv6 prefix, from text and to text. */
#ifndef LIB_PREFIX_H
#define LIB_PREFIX_H

#include <linux/types.h>

#include "lib/fail.h"

#define PREFIX_TEXT 56 /* bytes, with the NUL, that any prefix fits in */

struct prefix {
	__be32 addr[4]; /* IPv4 in [0], and zeros; bits beyond len are zero */
	__u32 len;	/* bits */
	int family;	/* AF_INET or AF_INET6 */
};

/**
 * prefix_parse - read ADDR or ADDR/LEN; without LEN it is the one address.
 * @p: set on success
 *
 * Return: 0; -EINVAL not an address, not a length, or bits beyond the length are set (then
 * @f says which network was meant).
 */
int prefix_parse(const char *text, struct prefix *p, struct fail *f);

/** prefix_text - write @p as ADDR/LEN, a single address too. Returns @buf. */
char *prefix_text(const struct prefix *p, char buf[PREFIX_TEXT]);

/** prefix_bits - bits of an address of the prefix's family: 32 or 128. */
__u32 prefix_bits(const struct prefix *p);

/** prefix_cmp - order of prefixes, for qsort(): IPv4 first, by address, the wider first. */
int prefix_cmp(const void *a, const void *b);

/** prefix_mask - the network mask of @len bits (0 to 128) in @mask, network order. */
void prefix_mask(__u32 len, __be32 mask[4]);

#endif
