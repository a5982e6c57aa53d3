/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/capture.h - capture from a chain until the end. */
#ifndef XDPDUMP_CAPTURE_H
#define XDPDUMP_CAPTURE_H

#include <signal.h>

#include "xdpdump/opts.h"

/** capture - run as @o says until @stop is set, -c is reached or it fails. The exit status. */
int capture(const struct opts *o, const volatile sig_atomic_t *stop);

#endif
