/* SPDX-License-Identifier: GPL-2.0 */
/* lib/duration.h - a length of time, as a person writes it: 90s, 10m, 1h30m, 2d. */
#ifndef LIB_DURATION_H
#define LIB_DURATION_H

#include <linux/types.h>

#include "lib/fail.h"

#define DURATION_TEXT	  32 /* bytes, with the NUL, that any duration fits in */
#define DURATION_DAYS_MAX 36500

/**
 * duration_parse - read numbers with units s, m, h, d or w, the larger before the smaller.
 * @ns: set on success, nanoseconds, more than 0
 *
 * Return: 0; -EINVAL a number without a unit, an unknown unit, an order like 5m1h, or nothing;
 * -ERANGE zero, or more than DURATION_DAYS_MAX days.
 */
int duration_parse(const char *text, __u64 *ns, struct fail *f);

/** duration_text - write @ns in its two largest units, rounded down: 1h30m, 2d, 0s. Returns @buf.
 */
char *duration_text(__u64 ns, char buf[DURATION_TEXT]);

#endif
