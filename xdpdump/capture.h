/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/capture.h - capture from a chain until the end. */
#ifndef XDPDUMP_CAPTURE_H
#define XDPDUMP_CAPTURE_H

#include "xdpdump/opts.h"
#include "xdpdump/signals.h"

/** capture - run as @o says until @sig says so, -c is reached or it fails. The exit status. */
int capture(const struct opts *o, struct signals *sig);

#endif
