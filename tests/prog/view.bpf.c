// SPDX-License-Identifier: GPL-2.0
/*
 * view - an XDP program that runs a filter of translate_view(): so the verifier sees one, and it
 * is tried on packets, on kernels too that do not let BPF programs be traced.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

#include "xdpchain/watch.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watch_view);
} views SEC(".maps");

static __noinline __u32 view_match(const struct watch_view *view);

SEC("xdp")
int view(struct xdp_md *ctx)
{
	__u32 zero = 0;
	struct watch_view *v = bpf_map_lookup_elem(&views, &zero);

	if (!v)
		return -1;
	v->data = (__u64)ctx->data;
	v->len = ctx->data_end - ctx->data;
	return view_match(v);
}

char _license[] SEC("license") = "GPL";

static __noinline __u32 view_match(const struct watch_view *view)
{
	__u32 match = view->len;

	asm volatile("" : "+r"(match));
	return match;
}
