/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/cover.h - what a stage of prefixes asks before it asks for a prefix: bitmaps, and the lengths
 * that there are (xdpchain/policer.h). They are mapped: what is set is seen by the next packet.
 */
#ifndef LIB_COVER_H
#define LIB_COVER_H

#include "lib/prefix.h"
#include "xdpchain/policer.h"

struct bpf_object;

/* The families, as indices. */
enum { V4, V6, FAMILIES };

struct cover {
	__u64 *bits[FAMILIES];
	__u64 *filter[FAMILIES];
	struct blocklist_lengths *lengths; /* FAMILIES of them */
	__u32 filter_words;		   /* of a family */
};

/** cover_size - before the load: let @obj have filters for @max prefixes of a family. 0; -errno. */
int cover_size(struct bpf_object *obj, __u32 max);

/**
 * cover_map - map those of a stage.
 * @fd: a descriptor of the map called @name, which is closed here; or -errno
 *
 * Return: 0; -errno. @c is given back with cover_unmap().
 */
int cover_map(struct cover *c, int (*fd)(const void *arg, const char *name), const void *arg);

/** cover_unmap - fine on a zeroed one. */
void cover_unmap(struct cover *c);

/** cover_add - before @p gets into the hash. */
void cover_add(const struct cover *c, const struct prefix *p);

/** cover_clear - no prefix of @family is there any more. */
void cover_clear(const struct cover *c, int family);

/**
 * cover_anew - empty bitmaps of one family, to be filled by cover_add() and then put in the place
 * of those of @c by cover_replace(). Lengths stay as they are. Return: 0; -ENOMEM.
 */
int cover_anew(const struct cover *c, int family, struct cover *fresh);

/** cover_replace - a prefix that is in both is found at every moment. */
void cover_replace(const struct cover *c, int family, const struct cover *fresh);

/** cover_free - of cover_anew(). */
void cover_free(struct cover *fresh);

static inline int cover_family(const struct prefix *p)
{
	return prefix_bits(p) == 32 ? V4 : V6;
}

#endif
