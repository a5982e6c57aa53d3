/* SPDX-License-Identifier: GPL-2.0 */
/* lb/args.h - the words of a command line, as what lib/lb takes. Each says in @f what is wrong. */
#ifndef LB_ARGS_H
#define LB_ARGS_H

#include "lib/fail.h"
#include "lib/lb.h"

#define ARGS_LIST 256 /* of one list */

/** args_number - from @min to @max; @what names it in the failure. -EINVAL. */
int args_number(const char *text, const char *what, __u32 min, __u32 max, __u32 *out,
		struct fail *f);

/**
 * args_flags - "gue,migrate" or "none": these and no others; "+gue,-migrate": change these.
 * @flags: as they are; set on success. -EINVAL.
 */
int args_flags(const char *text, __u32 *flags, struct fail *f);

/** args_id_bytes - "4", "version". -EINVAL. */
int args_id_bytes(const char *text, __u32 *out, struct fail *f);

/** args_ids - "1024,0x400" or "none". The number of them, at most ARGS_LIST, or -EINVAL. */
int args_ids(const char *text, __u64 *ids, struct fail *f);

/** args_prefixes - "192.0.2.0/24,198.51.100.7" or "none". As args_ids(). */
int args_prefixes(const char *text, struct prefix *prefixes, struct fail *f);

/** args_mode - "up", "down", "drain". -EINVAL. */
int args_mode(const char *text, enum lb_real_mode *mode, struct fail *f);

/** args_json - of a command with nothing but json_opts: is it given? Sets optind. */
int args_json(int argc, char **argv);

#endif
