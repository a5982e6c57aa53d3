/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/once.h - the chain as text or JSON, once: for scripts, and where there is no terminal. */
#ifndef VIEWER_ONCE_H
#define VIEWER_ONCE_H

#include "viewer/live.h"
#include "viewer/opts.h"
#include "viewer/replay.h"

/** once_print - two readings of live counters, -d apart, or all of a file. An exit status. */
int once_print(const struct opts *o, struct live *live, struct replay *replay);

#endif
