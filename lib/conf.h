/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/conf.h - droplet's configuration, droplet.yaml(5): read and checked, nothing touched.
 *
 * Functions return 0 or -errno and say why in @f: "FILE:LINE: key: reason".
 */
#ifndef LIB_CONF_H
#define LIB_CONF_H

#include <stddef.h>

#include "lib/chain.h"
#include "lib/fail.h"
#include "lib/iflist.h"
#include "lib/policer.h"

#define CONF_PATH   "/etc/xdpchain/droplet.yaml"
#define CONF_SOCKET "/run/xdpchain/droplet.sock"

struct conf_control {
	char *socket; /* path; CONF_SOCKET */
	char *group;  /* who may connect beside root; NULL: nobody */
};

struct conf_metrics {
	char *listen;	/* "127.0.0.1:9435", "[::1]:9435"; NULL: no server */
	char *textfile; /* path of a .prom file; NULL: none */
	__u64 every_ns; /* how often it is written */
};

struct conf {
	char *path; /* of the file */
	char *dir;  /* its folder: relative names are from there */
	struct iflist_entry *interfaces;
	size_t interface_count; /* at least 1 */
	struct policer_conf *policers;
	size_t policer_count; /* at most CHAIN_SLOT_POLICER_MAX */
	struct policer_set *sets;
	size_t set_count;
	struct conf_control control;
	struct conf_metrics metrics;
	/*
	 * 1: it is applied already, and again with another mode of a policer: what a command has
	 * changed since (`droplet limit`) stays. Never set by conf_load().
	 */
	int again;
};

/**
 * conf_load - read and check the file @path: syntax, keys, types, names that are there twice,
 * kinds that do not exist, more policers than slots. Not what only policer_make() can tell.
 * @out: set on success; freed with conf_free()
 *
 * Return: 0; -EINVAL; -ENOENT and others of the file.
 */
int conf_load(const char *path, struct conf **out, struct fail *f);

/** conf_free - NULL is allowed. */
void conf_free(struct conf *conf);

#endif
