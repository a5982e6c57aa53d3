// SPDX-License-Identifier: GPL-2.0
/*
 * probe - a stage for tests: says what it is told to, counts, and writes its slot into the
 * scratch value, where the upper three words of an IPv4 address are free: the last 16 slots that
 * ran, 4 bits each, the latest one lowest.
 */
#include "xdpchain/stage.bpf.h"

enum probe_reason { PROBE_ONE = 1, PROBE_TWO = 2, PROBE_LAST = 63 };

const volatile __u32 probe_verdict = CHAIN_NEXT;
const volatile __u32 probe_note;
const volatile __u32 probe_rule;
const volatile __u32 probe_asks;  /* 1: asks flight recorders to write */
const volatile __u32 probe_saddr; /* of these IPv4 packets alone, as it is in them; 0: of all */

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, __u64);
} hits SEC(".maps");

STAGE(probe)
{
	__u32 zero = 0;
	__u64 *n = bpf_map_lookup_elem(&hits, &zero);

	if (n)
		__sync_fetch_and_add(n, 1);
	if (probe_saddr && pkt->saddr[0] != probe_saddr)
		return NEXT;
	if (probe_asks)
		stage_trigger(pkt);
	pkt->saddr[2] = pkt->saddr[2] << 4 | pkt->saddr[3] >> 28;
	pkt->saddr[3] = pkt->saddr[3] << 4 | stage_slot;
	return STAGE_ACT(probe_verdict, probe_note, probe_rule);
}
