/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/iflist.h - `interfaces: [eth0, {name: eth1, mode: native}]` of a configuration file: names,
 * or mappings with a name, a mode and what else a daemon wants to know of an interface.
 */
#ifndef LIB_IFLIST_H
#define LIB_IFLIST_H

#include "lib/chain.h"
#include "lib/mapping.h"

/* What an entry begins with. */
struct iflist_entry {
	char name[IF_NAMESIZE];
	enum chain_mode mode;
	unsigned int line;
};

/* Keys that every table of them has: the first two of it. */
#define IFLIST_KEYS                                                                                \
	{ "name", iflist_name },                                                                   \
	{                                                                                          \
		"mode", iflist_mode                                                                \
	}

int iflist_name(const struct mapping_at *at);
int iflist_mode(const struct mapping_at *at);

struct iflist_kind {
	const struct mapping_key *keys;
	size_t size;		    /* of an entry */
	void (*begin)(void *entry); /* what is not said of it; NULL: zeros */
};

/**
 * iflist_read - the list of file @y.
 * @out, @count: set on success: entries of @kind->size bytes, at least one, no name twice; for
 * free()
 *
 * Return: 0; -EINVAL; -ENOMEM.
 */
int iflist_read(const struct yaml_file *y, const struct iflist_kind *kind, void **out,
		size_t *count, struct fail *f);

#endif
