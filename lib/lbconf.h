/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/lbconf.h - the load balancer's configuration, xdplb.yaml(5): read and checked, nothing
 * touched.
 *
 * Functions return 0 or -errno and say why in @f: "FILE:LINE: key: reason".
 */
#ifndef LIB_LBCONF_H
#define LIB_LBCONF_H

#include <stddef.h>

#include "lib/fail.h"
#include "lib/health.h"
#include "lib/iflist.h"
#include "lib/lb.h"

#define LBCONF_PATH   "/etc/xdpchain/xdplb.yaml"
#define LBCONF_SOCKET "/run/xdpchain/xdplb.sock"

struct lbconf_interface {
	struct iflist_entry is;	   /* name, mode, line; the first of it */
	struct lb_options options; /* those that the file does not name are the defaults */
};

struct lbconf_real {
	struct lb_addr addr;
	__u32 weight;
	__u64 *ids; /* NULL: the file does not say */
	size_t id_count;
	struct prefix *sources; /* the same */
	size_t source_count;
	enum lb_real_mode mode; /* that it begins with; the file does not say */
	unsigned int line;
};

struct lbconf_vip {
	struct lb_service service;
	struct lb_vip_options options;
	struct health_spec check; /* HEALTH_NONE: not checked */
	struct lbconf_real *reals;
	size_t real_count;
	unsigned int line;
};

struct lbconf {
	char *path; /* of the file */
	struct lbconf_interface *interfaces;
	size_t interface_count; /* at least 1 */
	struct lbconf_vip *vips;
	size_t vip_count;
	char *socket; /* path; LBCONF_SOCKET */
	char *group;  /* who may connect beside root; NULL: nobody */
};

/**
 * lbconf_load - read and check the file @path.
 * @out: set on success; freed with lbconf_free()
 *
 * Return: 0; -EINVAL; -ENOENT and others of the file.
 */
int lbconf_load(const char *path, struct lbconf **out, struct fail *f);

/** lbconf_free - NULL is allowed. */
void lbconf_free(struct lbconf *conf);

#endif
