// SPDX-License-Identifier: GPL-2.0
/* restore_push - the reference for restore: make the frame longer as the balancer does, no more. */
#include <linux/bpf.h>
#include <linux/types.h>

#include <bpf/bpf_helpers.h>

const volatile __u32 push_bytes = 20; /* 20 or 40 */
/*
 * Times to take it back and do it again. A run with 1 less a run with 0 is two calls of
 * bpf_xdp_adjust_head(): half of that is to be taken from this row, to have the restore alone.
 */
const volatile __u32 push_again;

SEC("xdp.frags")
int restore_push(struct xdp_md *ctx)
{
	int bytes = push_bytes;

	if (bpf_xdp_adjust_head(ctx, -bytes))
		return XDP_ABORTED;
	if (push_again && (bpf_xdp_adjust_head(ctx, bytes) || bpf_xdp_adjust_head(ctx, -bytes)))
		return XDP_ABORTED;
	return XDP_TX;
}

char _license[] SEC("license") = "GPL";
