// SPDX-License-Identifier: GPL-2.0
/* bad - a stage for tests that the verifier refuses: it reads the packet without looking at its
 * end. */
#include "xdpchain/stage.bpf.h"

enum bad_reason { BAD_BYTE = 1 };

STAGE(bad)
{
	const __u8 *data = (const __u8 *)(long)ctx->data;

	return data[100] ? DROP(BAD_BYTE) : NEXT;
}
