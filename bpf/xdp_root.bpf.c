// SPDX-License-Identifier: GPL-2.0
/* xdp_root - the program on the interface: parse once, and hand to the first stage. */
#include <stddef.h>

#include "xdpchain/stage.bpf.h"

/* BPF_F_MMAPABLE: user space changes chain_info.slots in one store. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* 0 */
	__type(value, struct chain_info);
} info SEC(".maps");

/* In memory before and after, not in registers, or the verifier would walk each way by itself. */
static __always_inline void root_parse(void *data, void *end, __u64 len, struct pkt *p)
{
	__builtin_memset(p, 0, offsetof(struct pkt, ifindex));
	__builtin_memset(&p->sport, 0, offsetof(struct pkt, slots) - offsetof(struct pkt, sport));
	p->len = len;
	if (len > (__u64)(end - data))
		p->flags = PKT_MULTIBUF;
	barrier();
	pkt_parse(data, end, p);
	barrier();
}

SEC("xdp.frags")
int xdp_root(struct xdp_md *ctx)
{
	__u32 zero = 0;
	__u64 len;
	struct chain_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);
	struct chain_info *chain = bpf_map_lookup_elem(&info, &zero);
	void *data, *end;
	struct pkt *p;

	if (!cpu || !chain)
		return XDP_PASS;
	p = &cpu->pkt;
	pkt_put(&p->slots, (__u16)chain->slots);
	pkt_put(&p->ifindex, PKT_PAIR32(ctx->ingress_ifindex, ctx->rx_queue_index));
	len = bpf_xdp_get_buff_len(ctx);
	data = (void *)(long)ctx->data;
	end = (void *)(long)ctx->data_end;
	if (!pkt_common(data, end, len, p))
		root_parse(data, end, len, p);
	if (chain->tapped && stage_trace)
		bpf_tail_call_static(ctx, &tap, CHAIN_TAP_DUMP);
	return stage_hand_on(ctx, cpu, CHAIN_SLOT_DUMP);
}

char _license[] SEC("license") = "GPL";
