/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/apply.h - bring chains to what a configuration says: on all interfaces, or on none.
 *
 * Everything is made, compiled, loaded and filled before anything is touched. Then the chains
 * are switched over, one after the other, each in one step (chain_switch()); is one refused,
 * those before it are switched back.
 */
#ifndef LIB_APPLY_H
#define LIB_APPLY_H

#include "lib/conf.h"

enum apply_did {
	APPLY_KEPT,	/* is as configured: not touched */
	APPLY_ADDED,	/* was not there */
	APPLY_REPLACED, /* by another program, or with other parameters */
	APPLY_MOVED,	/* the same, in another slot */
	APPLY_REMOVED,
};

struct apply_line {
	char ifname[IF_NAMESIZE];
	char name[CHAIN_NAME_LEN];
	enum apply_did did;
	__u32 slot;
	unsigned int lost; /* maps whose state could not go on: their shape has changed */
};

struct apply_result {
	struct apply_line *lines; /* freed by apply_result_free() */
	size_t count;
	__u64 took_ns;
	char *warnings; /* of compilers, lines for a person; NULL: none */
};

/**
 * apply_conf - make the chains of conf->interfaces hold what conf->policers says, in that order.
 * What is in slot 15 stays. An interface without a chain gets one.
 * @result: set on success; may be NULL
 *
 * Return: 0; -errno, and every chain is as it was. Takes the lock of all chains.
 */
int apply_conf(const struct conf *conf, struct apply_result *result, struct fail *f);

/**
 * apply_check - try all of it on a chain that no interface has: make, load, fill. Changes nothing.
 * Needs the rights to load programs.
 * @result: set on success, as by apply_conf() on a new chain; may be NULL
 *
 * Return: 0 or -errno.
 */
int apply_check(const struct conf *conf, struct apply_result *result, struct fail *f);

/** apply_remove - take what droplet put there off the chain on @ifname, and the chain if empty. */
int apply_remove(const char *ifname, struct fail *f);

/** apply_result_free - fine on a zeroed one. */
void apply_result_free(struct apply_result *result);

#endif
