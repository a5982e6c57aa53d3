// SPDX-License-Identifier: GPL-2.0
/* xdp_root - the program on the interface: parse once, and hand to the first stage. */
#include "xdpchain/stage.bpf.h"

/* BPF_F_MMAPABLE: user space changes chain_info.slots in one store. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* 0 */
	__type(value, struct chain_info);
} info SEC(".maps");

SEC("xdp.frags")
int xdp_root(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 zero = 0;
	struct chain_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);
	struct chain_info *chain = bpf_map_lookup_elem(&info, &zero);

	if (!cpu || !chain)
		return XDP_PASS;
	__builtin_memset(&cpu->pkt, 0, sizeof(cpu->pkt));
	cpu->pkt.len = bpf_xdp_get_buff_len(ctx);
	cpu->pkt.ifindex = ctx->ingress_ifindex;
	cpu->pkt.rxq = ctx->rx_queue_index;
	cpu->pkt.slots = chain->slots;
	if (cpu->pkt.len > end - data)
		cpu->pkt.flags = PKT_MULTIBUF;
	pkt_parse(data, end, &cpu->pkt);
	if (stage_trace)
		bpf_tail_call_static(ctx, &tap, CHAIN_TAP_DUMP);
	return stage_hand_on(ctx, cpu);
}

char _license[] SEC("license") = "GPL";
