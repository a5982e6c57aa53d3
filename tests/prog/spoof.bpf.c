// SPDX-License-Identifier: GPL-2.0
/*
 * spoof - a stage for tests: of 16 packets, 15 get a source of their own. As the parsed packet
 * is what policers look at, one test run is a flood from all over the world.
 */
#include "xdpchain/stage.bpf.h"

enum spoof_reason { SPOOF_NONE = 1 };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} packets SEC(".maps");

STAGE(spoof)
{
	__u32 zero = 0, *n = bpf_map_lookup_elem(&packets, &zero);

	if (n && ++*n % 16)
		pkt->saddr[0] = bpf_get_prandom_u32();
	return NEXT;
}
