// SPDX-License-Identifier: GPL-2.0
/* fill - a stage for tests, with maps of every shape that a file can fill, and of some it cannot.
 */
#include "xdpchain/stage.bpf.h"

enum fill_reason { FILL_SOURCE = 1 };

struct fill_key4 {
	__u32 len;
	__be32 addr;
};

struct fill_key6 {
	__u32 len;
	__be32 addr[4];
};

struct fill_odd {
	__u32 len;
	__u8 bytes[7];
};

struct fill_flow {
	__be32 addr;
	__be16 port;
	__u16 pad;
};

struct fill_limit {
	__u64 rate;
	__s16 delta;
	_Bool strict;
	__u8 _unused[5];
};

union fill_union {
	__u32 a;
	__u16 b;
};

#define FILL_MAP(name, kind, flags, k, v)                                                          \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_##kind);                                                 \
		__uint(max_entries, 4);                                                            \
		__uint(map_flags, flags);                                                          \
		__type(key, k);                                                                    \
		__type(value, v);                                                                  \
	} name SEC(".maps")

typedef __u8 fill_bytes[4];
typedef char fill_label[8];
typedef __be32 fill_addr6[4];

FILL_MAP(prefixes4, LPM_TRIE, BPF_F_NO_PREALLOC, struct fill_key4, __u32);
FILL_MAP(prefixes6, LPM_TRIE, BPF_F_NO_PREALLOC, struct fill_key6, __u8);
FILL_MAP(odd, LPM_TRIE, BPF_F_NO_PREALLOC, struct fill_odd, __u8);
FILL_MAP(addrs, HASH, 0, __be32, __u32);
FILL_MAP(addrs6, HASH, 0, fill_addr6, __u32);
FILL_MAP(ports, HASH, 0, __be16, __u8);
FILL_MAP(numbers, ARRAY, 0, __u32, __u64);
FILL_MAP(bytes, HASH, 0, fill_bytes, __u32);
FILL_MAP(flows, HASH, 0, struct fill_flow, struct fill_limit);
FILL_MAP(labels, HASH, 0, fill_label, struct chain_rule);
FILL_MAP(lru, LRU_HASH, 0, __u32, __u32);
FILL_MAP(unions, HASH, 0, __u32, union fill_union);

STAGE(fill)
{
	struct fill_key4 key = { 32, pkt->saddr[0] };

	return bpf_map_lookup_elem(&prefixes4, &key) ? DROP(FILL_SOURCE) : NEXT;
}
