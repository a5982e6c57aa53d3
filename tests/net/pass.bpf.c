// SPDX-License-Identifier: GPL-2.0
/* pass - XDP_PASS: a veth takes frames of its peer's XDP_TX only when it runs XDP itself. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("xdp")
int pass(struct xdp_md *ctx)
{
	(void)ctx;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
