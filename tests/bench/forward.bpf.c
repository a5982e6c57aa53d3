// SPDX-License-Identifier: GPL-2.0
/*
 * forward - the client's end of a veth whose other end forwards to servers. In a live test run: put
 * the packet together anew, as of the next of forward_flows clients, and send it. On the device:
 * count what comes back, and drop it.
 */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "forward.h"
#include "xdpchain/pkt.h"

const volatile __u32 forward_ifindex;
const volatile __u32 forward_six;
const volatile __u32 forward_flows; /* a power of two, at most 32768 */
/* Source port FORWARD_PORT, and the low half of the sequence number 0xffff. */
const volatile __u64 forward_frame[FORWARD_WORDS];

struct forward_count forward_count; /* the whole of .bss; one CPU runs this */

#define ETH 14

static __always_inline int send(void *data, void *end)
{
	__u16 n = forward_count.sent & (forward_flows - 1);
	__u64 *word = data;
	__be16 *tcp = data + ETH + (forward_six ? 40 : 20);

	if (data + sizeof(forward_frame) > end)
		return XDP_ABORTED;
	for (int i = 0; i < FORWARD_WORDS; i++)
		word[i] = forward_frame[i];
	tcp[0] = pkt_be16(FORWARD_PORT + n);
	tcp[3] = pkt_be16(0xffff - n); /* so that the checksum holds */
	forward_count.sent++;
	return bpf_redirect(forward_ifindex, 0);
}

/* Is it in a tunnel to one of the servers, FORWARD_REALS4 or 6? */
static __always_inline int is_tunnelled(void *data, void *end)
{
	struct pkt_ip4 *four = data + ETH;
	struct pkt_ip6 *six = data + ETH;

	if (data + ETH + sizeof(*six) + sizeof(*four) > end)
		return 0;
	if (forward_six)
		return six->nexthdr == PKT_IPV6 &&
		       six->daddr[0] == __builtin_bswap32(FORWARD_REALS6);
	return four->protocol == PKT_IPIP &&
	       (four->daddr & __builtin_bswap32(0xffffff00)) == __builtin_bswap32(FORWARD_REALS4);
}

SEC("xdp")
int forward(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;

	if (ctx->ingress_ifindex != forward_ifindex)
		return send(data, end);
	forward_count.back++;
	forward_count.tunnelled += is_tunnelled(data, end);
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
