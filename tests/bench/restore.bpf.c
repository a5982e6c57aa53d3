// SPDX-License-Identifier: GPL-2.0
/*
 * restore - run before a chain that ends in the load balancer, so that BPF_PROG_TEST_RUN can
 * repeat: the kernel does not put the packet back between repeats, this does.
 *
 * Set restore_len to the length of the frame before the load, put the root into
 * restore_next[0], and run this program. A row of its own is the same with restore_push in
 * restore_next[0] instead: what that takes is what this costs, and one bpf_xdp_adjust_head().
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, __u32);
} restore_next SEC(".maps");

const volatile __u32 restore_len; /* bytes of the frame as it is sent, with its L2 header */

struct restore_eth {
	__u16 dst[3], src[3], proto;
};

/* Take @size bytes off between the Ethernet header and the rest, and swap the addresses back. */
static __always_inline int restore(struct xdp_md *ctx, int size)
{
	void *end = (void *)(long)ctx->data_end;
	struct restore_eth *now = (void *)(long)ctx->data, *old = (void *)now + size, eth;

	if ((void *)(old + 1) > end)
		return -1;
	eth = *now;
	__builtin_memcpy(old->dst, eth.src, sizeof(eth.src));
	__builtin_memcpy(old->src, eth.dst, sizeof(eth.dst));
	old->proto = eth.proto;
	return bpf_xdp_adjust_head(ctx, size);
}

SEC("xdp.frags")
int restore_packet(struct xdp_md *ctx)
{
	__u32 more = bpf_xdp_get_buff_len(ctx) - restore_len;

	if (more == 20 && restore(ctx, 20))
		return XDP_ABORTED;
	if (more == 40 && restore(ctx, 40))
		return XDP_ABORTED;
	bpf_tail_call_static(ctx, &restore_next, 0);
	return XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
