// SPDX-License-Identifier: GPL-2.0
/* bare - XDP_PASS and nothing else: what every figure of the benchmark is compared with. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp.frags")
int bare(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
