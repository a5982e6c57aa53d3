/* SPDX-License-Identifier: GPL-2.0 */
/* lib/policer_filter.h - the kind `filter`: rules that are pcap-filter expressions. */
#ifndef LIB_POLICER_FILTER_H
#define LIB_POLICER_FILTER_H

#include "lib/policer.h"
#include "xdpchain/filter.h"

extern const struct policer_kind policer_filter;

#define FILTER_RATE_MAX	 100000000 /* packets a second */
#define FILTER_BURST_SEC 3600	   /* a burst is at most what comes in this time */

/**
 * filter_action - read `drop`, `pass`, or `limit RATE[k|M][/s] [burst N]`.
 * @a:   cost, depth and what are set
 * @why: set on an error: what is wrong, and what is wanted
 *
 * Without a burst: a tenth of a second's packets, but at least 10. Return: 0; -EINVAL.
 */
int filter_action(const char *text, struct filter_action *a, char *why, size_t size);

#endif
