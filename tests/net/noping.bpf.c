// SPDX-License-Identifier: GPL-2.0
/* noping - a policer with state: three echo requests get through, and then none. */
#include "xdpchain/stage.bpf.h"

enum noping_reason { NOPING_ENOUGH = 1 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

STAGE(noping)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&seen, &zero);

	if (!n || pkt->ipproto != 1 || pkt->icmp_type != 8)
		return NEXT;
	if (*n >= 3)
		return DROP(NOPING_ENOUGH);
	__sync_fetch_and_add(n, 1);
	return NEXT;
}
