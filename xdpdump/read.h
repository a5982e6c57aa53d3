/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/read.h - show, filter or convert a file that was captured before. */
#ifndef XDPDUMP_READ_H
#define XDPDUMP_READ_H

#include "xdpdump/opts.h"
#include "xdpdump/signals.h"

/** read_file - read @o->read as @o says. The exit status. */
int read_file(const struct opts *o, struct signals *sig);

#endif
