/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/expr.h - the filter expression of the command line. */
#ifndef XDPDUMP_EXPR_H
#define XDPDUMP_EXPR_H

#include "lib/filter.h"
#include "xdpdump/opts.h"

/** expr_compile - the program of @o's filter; of none if there is none. 0, or -errno, printed. */
int expr_compile(const struct opts *o, struct filter *filter);

#endif
