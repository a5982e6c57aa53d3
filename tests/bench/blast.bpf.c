// SPDX-License-Identifier: GPL-2.0
/* blast - send frames of a live test run into a device. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

const volatile __u32 blast_ifindex;

SEC("xdp")
int blast(struct xdp_md *ctx)
{
	(void)ctx;
	return bpf_redirect(blast_ifindex, 0);
}

char _license[] SEC("license") = "GPL";
