// SPDX-License-Identifier: GPL-2.0
/* count - a stage for tests of kind object: it hands on so many packets, and drops the rest. */
#include "xdpchain/stage.bpf.h"

enum count_reason { COUNT_MANY = 1 };

const volatile __u32 most = 1;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, __u64);
} packets SEC(".maps");

STAGE(count)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&packets, &zero);

	return n && __sync_fetch_and_add(n, 1) >= most ? DROP(COUNT_MANY) : NEXT;
}
