// SPDX-License-Identifier: GPL-2.0
/* sources - a stage that gives each packet a source, as the parsed packet is what policers look at.
 */
#include "sources.h"
#include "xdpchain/stage.bpf.h"

enum sources_reason { SOURCES_NONE = 1 };

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, struct sources_how);
} how SEC(".maps");

STAGE(sources)
{
	__u32 zero = 0, x = bpf_get_prandom_u32();
	const struct sources_how *h = bpf_map_lookup_elem(&how, &zero);

	if (!h)
		return NEXT;
	if (h->mode != SOURCES_RANDOM && h->count)
		x = sources_mix(x % h->count);
	if (h->mode == SOURCES_BESIDE)
		x ^= !h->v6;
	sources_address(x, h->v6, pkt->saddr);
	if (h->v6)
		pkt->saddr[3] = x;
	if (h->v6 && h->mode == SOURCES_BESIDE)
		pkt->saddr[1] ^= pkt_be32(1);
	return NEXT;
}
