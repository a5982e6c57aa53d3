// SPDX-License-Identifier: GPL-2.0
/* rewrite - a stage for tests: puts 20 bytes before the packet, changes its first ones, and sends.
 */
#include "xdpchain/stage.bpf.h"

enum rewrite_reason { REWRITE_DONE = 1, REWRITE_FAILED = 2 };

#define PUSHED 20

STAGE(rewrite)
{
	__u8 *p;

	if (bpf_xdp_adjust_head(ctx, -PUSHED))
		return DROP(REWRITE_FAILED);
	p = stage_bytes(ctx, 0, PUSHED + 14);
	if (!p)
		return DROP(REWRITE_FAILED);
	__builtin_memset(p, 0xaa, PUSHED + 14);
	return TX_RULE(REWRITE_DONE, 77);
}
