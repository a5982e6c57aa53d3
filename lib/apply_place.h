/* SPDX-License-Identifier: GPL-2.0 */
/* lib/apply_place.h - which slot each policer of a configuration gets. */
#ifndef LIB_APPLY_PLACE_H
#define LIB_APPLY_PLACE_H

#include <stddef.h>

#include <linux/types.h>

/**
 * apply_place - slots for @count policers in their order, so that as few as can be have to move.
 * @at:    where each one is that need not be loaded again if it stays; 0: it is nowhere
 * @count: at most CHAIN_SLOT_POLICER_MAX
 * @slot:  set: ascending, CHAIN_SLOT_POLICER_MIN to CHAIN_SLOT_POLICER_MAX
 */
void apply_place(const __u32 *at, size_t count, __u32 *slot);

#endif
