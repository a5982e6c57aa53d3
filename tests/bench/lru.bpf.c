// SPDX-License-Identifier: GPL-2.0
/*
 * lru - what the kernel's own hash of connections would cost: remember the flow of each packet in
 * it, make the frame longer as the balancer does, no more.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "xdpchain/pkt.h"

#define BYTES 20 /* of an outer header */

struct flow {
	__be32 saddr;
	__u32 ports;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH); /* the loader says how many, and if a CPU has a list */
	__uint(max_entries, 1);
	__type(key, struct flow);
	__type(value, __u64);
} flows SEC(".maps");

SEC("xdp.frags")
int lru(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct pkt_ip4 *ip = data + sizeof(struct pkt_eth);
	__u32 *ports = (void *)(ip + 1);
	struct flow flow;
	__u64 real = 1;

	if ((void *)(ports + 1) > end)
		return XDP_ABORTED;
	flow.saddr = ip->saddr;
	flow.ports = *ports;
	if (bpf_map_update_elem(&flows, &flow, &real, BPF_ANY) || bpf_xdp_adjust_head(ctx, -BYTES))
		return XDP_ABORTED;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
