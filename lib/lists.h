/* SPDX-License-Identifier: GPL-2.0 */
/* lib/lists.h - what the policers of lists and rates share. */
#ifndef LIB_LISTS_H
#define LIB_LISTS_H

#include "lib/policer.h"
#include "lib/prefixes.h"

/** lists_set - the list called @name of `sets`, read from its file. @pair says where it is named.
 */
int lists_set(const struct policer_conf *conf, const struct policer_pair *pair, const char *name,
	      struct prefixes *out, struct fail *f);

/** lists_file - the same of a file. */
int lists_file(const struct policer_conf *conf, const struct policer_pair *pair, const char *path,
	       struct prefixes *out, struct fail *f);

/** lists_verdict - "drop", "pass", "next" as enum chain_verdict; -EINVAL. */
int lists_verdict(const char *text);

extern const struct policer_kind policer_allowlist, policer_blocklist, policer_ratelimit,
	policer_set;

#endif
