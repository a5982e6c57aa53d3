// SPDX-License-Identifier: GPL-2.0
/* decap - a backend without the ipip module: take the outer IPv4 or IPv6 header off. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "xdpchain/pkt.h"

#define ETH 14

/* Bytes of the outer header, and the EtherType of what is inside; 0: no tunnel. */
static __always_inline int outer(void *data, void *end, __be16 *inner)
{
	struct pkt_eth *eth = data;
	__u8 *ip = data + ETH, proto;
	int len;

	if (data + ETH + sizeof(struct pkt_ip6) > end)
		return 0;
	if (eth->proto == pkt_be16(PKT_ETH_IP4) && ip[0] == 0x45) {
		proto = ((struct pkt_ip4 *)ip)->protocol;
		len = sizeof(struct pkt_ip4);
	} else if (eth->proto == pkt_be16(PKT_ETH_IP6)) {
		proto = ((struct pkt_ip6 *)ip)->nexthdr;
		len = sizeof(struct pkt_ip6);
	} else {
		return 0;
	}
	if (proto != PKT_IPIP && proto != PKT_IPV6)
		return 0;
	*inner = proto == PKT_IPIP ? pkt_be16(PKT_ETH_IP4) : pkt_be16(PKT_ETH_IP6);
	return len;
}

SEC("xdp")
int decap(struct xdp_md *ctx)
{
	struct pkt_eth eth, *new;
	__be16 inner = 0;
	int len = outer((void *)(long)ctx->data, (void *)(long)ctx->data_end, &inner);

	if (!len)
		return XDP_PASS;
	__builtin_memcpy(&eth, (void *)(long)ctx->data, ETH);
	eth.proto = inner;
	if (bpf_xdp_adjust_head(ctx, len))
		return XDP_DROP;
	new = (void *)(long)ctx->data;
	if ((void *)(new + 1) > (void *)(long)ctx->data_end)
		return XDP_DROP;
	*new = eth;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
