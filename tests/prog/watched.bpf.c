// SPDX-License-Identifier: GPL-2.0
/* watched - somebody else's XDP program: the first byte is its verdict, 'x' in the second makes
 * it put 8 bytes before the packet. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int watched_by_somebody_else(struct xdp_md *ctx)
{
	unsigned char *data = (void *)(long)ctx->data;
	int verdict;

	if (data + 14 > (unsigned char *)(long)ctx->data_end)
		return XDP_ABORTED;
	verdict = data[0];
	if (data[1] == 'x' && bpf_xdp_adjust_head(ctx, -8))
		return XDP_ABORTED;
	return verdict;
}

char _license[] SEC("license") = "GPL";
