// SPDX-License-Identifier: GPL-2.0
/*
 * restore_flow - as restore, and each time as if from the next of restore_flows clients: the port
 * and the last 16 bits of the address are its number. In IPv4 the id takes back what the address
 * adds, so that the header's checksum holds.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "xdpchain/pkt.h"

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* 0 */
	__type(value, __u32);
} restore_next SEC(".maps");

const volatile __u32 restore_six;   /* 1: IPv6 */
const volatile __u32 restore_len;   /* bytes of the frame as it is sent, with its L2 header */
const volatile __u32 restore_more;  /* bytes that were put in front: 20, 28, 40 or 48 */
const volatile __u32 restore_first; /* number of the first client; all are below 2^24 */
const volatile __u32 restore_flows; /* a power of two */
__u32 restore_number;		    /* of the packet; one CPU runs this */

struct flow_eth {
	__u16 dst[3], src[3], proto;
};

struct flow4 {
	struct flow_eth eth;
	__u16 head[2], id, rest[3], saddr[2], daddr[2], sport;
} __attribute__((packed));

struct flow6 {
	struct flow_eth eth;
	__u16 head[4], saddr[8], daddr[8], sport;
} __attribute__((packed));

static __always_inline int restore(struct xdp_md *ctx, int size)
{
	void *end = (void *)(long)ctx->data_end;
	struct flow_eth *now = (void *)(long)ctx->data, *old = (void *)now + size, eth;

	if ((void *)(old + 1) > end)
		return -1;
	eth = *now;
	__builtin_memcpy(old->dst, eth.src, sizeof(eth.src));
	__builtin_memcpy(old->src, eth.dst, sizeof(eth.dst));
	/* what was put in front may say anything, where it is not the balancer's */
	old->proto = restore_six ? pkt_be16(PKT_ETH_IP6) : pkt_be16(PKT_ETH_IP4);
	return bpf_xdp_adjust_head(ctx, size);
}

static __always_inline void next_flow(struct xdp_md *ctx)
{
	__u32 n = restore_first + (restore_number++ & (restore_flows - 1));
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct flow4 *four = data;
	struct flow6 *six = data;

	if (data + sizeof(*four) > end)
		return;
	if (!restore_six) {
		four->saddr[1] = pkt_be16(n >> 16);
		four->id = pkt_be16(0x1000 - (n >> 16));
		four->sport = n;
	} else if (data + sizeof(*six) <= end) {
		six->saddr[7] = n >> 16;
		six->sport = n;
	}
}

SEC("xdp.frags")
int restore_flow(struct xdp_md *ctx)
{
	if (bpf_xdp_get_buff_len(ctx) != restore_len && restore(ctx, restore_more))
		return XDP_ABORTED;
	next_flow(ctx);
	bpf_tail_call_static(ctx, &restore_next, 0);
	return XDP_ABORTED;
}

char _license[] SEC("license") = "GPL";
