// SPDX-License-Identifier: GPL-2.0
/*
 * into - put what comes in by one interface into another, number 4242, as if it had come there.
 * Not a rule of tc: what that has redirected, generic XDP lets alone.
 */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

SEC("tc")
int into(struct __sk_buff *skb)
{
	(void)skb;
	return bpf_redirect(4242, BPF_F_INGRESS);
}

char _license[] SEC("license") = "GPL";
