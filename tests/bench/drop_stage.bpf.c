// SPDX-License-Identifier: GPL-2.0
/* drop_stage - the least that a stage can do to drop a packet. */
#include "xdpchain/stage.bpf.h"

enum drop_stage_reason { DROP_STAGE_ALL = 1 };

STAGE(drop_stage)
{
	return DROP(DROP_STAGE_ALL);
}
