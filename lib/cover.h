/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/cover.h - how a stage of prefixes finds one: the table of each family, the lengths that there
 * are, and a bitmap (xdpchain/policer.h). All is mapped: what is set is seen by the next packet.
 */
#ifndef LIB_COVER_H
#define LIB_COVER_H

#include "lib/prefix.h"
#include "lib/ptables.h"
#include "xdpchain/policer.h"

struct cover {
	__u64 *bits[FAMILIES];
	struct blocklist_lengths *lengths; /* FAMILIES of them */
	struct ptables tables[FAMILIES];
};

/**
 * cover_map - map those of a stage.
 * @fd: a descriptor of the map called @name, which is closed by us; or -errno
 * @writes: 1: to change them
 *
 * Return: 0; -errno. @c is given back with cover_unmap().
 */
int cover_map(struct cover *c, int (*fd)(const void *arg, const char *name), const void *arg,
	      int writes);

/** cover_unmap - fine on a zeroed one. */
void cover_unmap(struct cover *c);

/** cover_add - before @p gets into its table: its length and its bits. */
void cover_add(const struct cover *c, const struct prefix *p);

/** cover_clear - no prefix of @family is there any more. */
void cover_clear(const struct cover *c, int family);

/**
 * cover_anew - an empty bitmap of one family, to be filled by cover_add() and then put in the place
 * of that of @c by cover_replace(). Lengths go to those of @c. Return: 0; -ENOMEM.
 */
int cover_anew(const struct cover *c, int family, struct cover *fresh);

/** cover_replace - a prefix that is in both is found at every moment. */
void cover_replace(const struct cover *c, int family, const struct cover *fresh);

/** cover_free - of cover_anew(). */
void cover_free(struct cover *fresh);

#endif
