/* SPDX-License-Identifier: GPL-2.0 */
/* lib/btf_reasons.h - the reasons of a stage, out of the BTF of its program. For lib/ only. */
#ifndef LIB_BTF_REASONS_H
#define LIB_BTF_REASONS_H

#include "xdpchain/chain.h"

struct btf;

/**
 * btf_reasons - set @out to the names of enum <stage>_reason in @btf: `prefix` at [1] for
 * BLOCKLIST_PREFIX = 1 of enum blocklist_reason, "" where there is none. Long ones are cut.
 */
void btf_reasons(const struct btf *btf, char out[CHAIN_REASONS][CHAIN_REASON_LEN]);

#endif
