/* SPDX-License-Identifier: GPL-2.0 */
/* lib/epoch.h - between the kernel's clock of events and the time since 1970. */
#ifndef LIB_EPOCH_H
#define LIB_EPOCH_H

#include <linux/types.h>

/** epoch_ns - CLOCK_REALTIME - CLOCK_MONOTONIC: the narrowest of @tries bracketed readings. */
__u64 epoch_ns(int tries);

#endif
