/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lbconf_int.h - what the files of the balancer's configuration share. For lib/lbconf*.c only.
 */
#ifndef LIB_LBCONF_INT_H
#define LIB_LBCONF_INT_H

#include "lib/lbconf.h"
#include "lib/mapping.h"

/** lbconf_read - what lbconf_load() does with the file @path once it is read. 0 or -errno. */
int lbconf_read(const struct yaml_file *y, const char *path, struct lbconf **out, struct fail *f);

/** lbconf_interfaces, lbconf_vips, lbconf_check_read - those parts of the file. 0 or -errno. */
int lbconf_interfaces(const struct yaml_file *y, struct lbconf *conf, struct fail *f);
int lbconf_vips(const struct yaml_file *y, struct lbconf *conf, struct fail *f);
int lbconf_check(const struct mapping_at *at, struct health_spec *spec);

/** lbconf_claims_fit - is what the reals of @v claim, and its fragments, nobody else's before it?
 */
int lbconf_claims_fit(const struct yaml_file *y, const struct lbconf *conf,
		      const struct lbconf_vip *v, struct fail *f);

/** lbconf_check_fits - does the check of @v go with what else is said of it? */
int lbconf_check_fits(const struct yaml_file *y, const struct lbconf *conf, struct lbconf_vip *v,
		      struct fail *f);

#endif
