// SPDX-License-Identifier: GPL-2.0
/*
 * xdp_watch - look at packets before and after an XDP program that is none of ours.
 *
 * watch_entry runs the filter on the packet as it comes, watch_exit knows the verdict and writes
 * the event. Both see every packet of the program, on whatever interface: others are left alone.
 * The loader replaces watch_match() by the translated filter, as in xdp_dump. It must stay the
 * last static function of this file.
 */
#include <linux/bpf.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "session.h"
#include "xdpchain/chain.h"
#include "xdpchain/watch.h"

#define WATCH_FRAGS	17 /* MAX_SKB_FRAGS, unless the kernel was built with more */
#define WATCH_CACHELINE 64 /* SMP_CACHE_BYTES of x86 */

/* Of the kernel, what is read: libbpf finds out where it stands in the kernel that runs. */
#define KERNEL __attribute__((preserve_access_index))

struct ns_common {
	unsigned int inum;
} KERNEL;

struct net {
	struct ns_common ns;
} KERNEL;

typedef struct {
	struct net *net;
} possible_net_t;

struct net_device {
	int ifindex;
	possible_net_t nd_net;
} KERNEL;

struct xdp_rxq_info {
	struct net_device *dev;
	__u32 queue_index;
} KERNEL;

struct xdp_buff {
	void *data;
	void *data_end;
	void *data_hard_start;
	struct xdp_rxq_info *rxq;
	__u32 frame_sz;
	__u32 flags;
} KERNEL;

enum xdp_buff_flags { XDP_FLAGS_HAS_FRAGS = 1 };

struct page { /* only its size counts */
	unsigned long flags;
} KERNEL;

/* struct bio_vec until 6.8, then struct skb_frag: the same fields in the same places. */
struct watch_frag {
	__u64 page;
	__u32 len, offset;
};

struct skb_shared_info {
	__u8 nr_frags;
	struct {
	} frags[0];
} KERNEL;

/* Where the direct map and the array of struct page begin: known on x86 with KASLR. */
extern const void page_offset_base __ksym __weak;
extern const void vmemmap_base __ksym __weak;

const volatile __u32 watch_ifindex;
const volatile __u32 watch_netns; /* inode number */

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32)); /* CPU */
	__uint(value_size, sizeof(__u32));
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct session_conf);
} sessions SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct watch_cpu);
} cpus SEC(".maps");

/* No per-CPU array: a value of those is limited to 32 KiB. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1); /* the loader: CPUs */
	__type(key, __u32);	/* CPU */
	__type(value, struct watch_kept);
} kept SEC(".maps");

static __noinline __u32 watch_match(const struct watch_view *view);

static __always_inline int watch_ours(const struct xdp_buff *xdp)
{
	const struct net_device *dev = xdp->rxq->dev;

	return dev->ifindex == (int)watch_ifindex && dev->nd_net.net->ns.inum == watch_netns;
}

/* Kernel address of what a buffer holds; 0: not known. Not for memory of a device (bit 0). */
static __always_inline __u64 watch_address(const struct watch_frag *frag)
{
	__u64 map = 0, pages = 0, size = bpf_core_type_size(struct page);

	if (!&page_offset_base || !&vmemmap_base || !size || frag->page & 1)
		return 0;
	bpf_probe_read_kernel(&map, sizeof(map), &page_offset_base);
	bpf_probe_read_kernel(&pages, sizeof(pages), &vmemmap_base);
	return (frag->page - pages) / size * 4096 + map + frag->offset;
}

/* Add the bytes of one further buffer. Bytes that are there now; 0: they cannot be had. */
static __always_inline __u32 watch_add(struct watch_kept *k, __u64 at, __u32 have)
{
	struct watch_frag frag;
	__u64 from;

	if (bpf_probe_read_kernel(&frag, sizeof(frag), (void *)at))
		return 0;
	from = watch_address(&frag);
	if (!from || have >= WATCH_BYTES || frag.len > WATCH_CHUNK)
		return 0;
	return bpf_probe_read_kernel(&k->data[have], frag.len, (void *)from) ? 0 : have + frag.len;
}

/* Put a packet of several buffers into one piece. 0: its bytes cannot be had. */
static __always_inline int watch_gather(const struct xdp_buff *xdp, struct watch_kept *k, __u32 len)
{
	__u64 info = bpf_core_type_size(struct skb_shared_info), at, data = 0, end = 0, start = 0;
	__u32 have;
	__u8 frags = 0;

	/* Newer verifiers let nobody reckon with a pointer that they follow; a copy is a number. */
	bpf_core_read(&data, sizeof(data), &xdp->data);
	bpf_core_read(&end, sizeof(end), &xdp->data_end);
	bpf_core_read(&start, sizeof(start), &xdp->data_hard_start);
	have = end - data;
	info = start + xdp->frame_sz -
	       (info + WATCH_CACHELINE - 1) / WATCH_CACHELINE * WATCH_CACHELINE;
	if (have > WATCH_CHUNK || bpf_probe_read_kernel(k->data, have, (void *)data) ||
	    bpf_probe_read_kernel(
		    &frags, sizeof(frags),
		    (void *)(info + bpf_core_field_offset(struct skb_shared_info, nr_frags))))
		return 0;
	at = info + bpf_core_field_offset(struct skb_shared_info, frags);
	for (__u32 i = 0; i < WATCH_FRAGS && i < frags && have < WATCH_BYTES; i++) {
		have = watch_add(k, at + i * sizeof(struct watch_frag), have);
		if (!have)
			return 0;
	}
	return have >= len || have >= WATCH_BYTES;
}

/* The packet as one piece, for the filter. 0: its bytes cannot be had. */
static __always_inline int watch_look(struct xdp_buff *xdp, struct watch_cpu *cpu,
				      struct watch_kept *k)
{
	cpu->view.data = (__u64)xdp->data;
	cpu->view.len = bpf_xdp_get_buff_len((void *)xdp);
	if (!(xdp->flags & XDP_FLAGS_HAS_FRAGS))
		return 1;
	cpu->view.data = (__u64)k->data;
	return watch_gather(xdp, k, cpu->view.len);
}

/* What is kept until the program has decided. */
static __always_inline void watch_keep(const struct xdp_buff *xdp, struct watch_cpu *cpu,
				       struct watch_kept *k, const struct session_conf *s)
{
	__u32 cap = cpu->view.len;

	k->event.time_ns = bpf_ktime_get_ns();
	cpu->pending = 1;
	if (!(s->flags & SESSION_ENTRY) || xdp->flags & XDP_FLAGS_HAS_FRAGS)
		return;
	if (cap > s->snaplen)
		cap = s->snaplen;
	if (cap <= EVENT_SNAPLEN_MAX)
		bpf_probe_read_kernel(k->data, cap, xdp->data);
}

static __always_inline void watch_lose(struct watch_cpu *cpu, const struct session_conf *s)
{
	cpu->count.lost += session_points(s);
	cpu->count.entry_lost += s->flags & SESSION_ENTRY ? 1 : 0;
}

SEC("fentry")
int BPF_PROG(watch_entry, struct xdp_buff *xdp)
{
	__u32 zero = 0, here = bpf_get_smp_processor_id();
	struct session_conf *s = bpf_map_lookup_elem(&sessions, &zero);
	struct watch_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);
	struct watch_kept *k = bpf_map_lookup_elem(&kept, &here);

	(void)ctx;
	if (!s || !cpu || !k || !s->id || !watch_ours(xdp))
		return 0;
	if (cpu->pending)
		watch_lose(cpu, s); /* the kernel left its exit out, as it may */
	cpu->pending = 0;
	cpu->count.offered += session_points(s);
	if (!watch_look(xdp, cpu, k))
		watch_lose(cpu, s);
	else if (!watch_match(&cpu->view))
		cpu->count.filtered += session_points(s);
	else
		watch_keep(xdp, cpu, k, s);
	return 0;
}

/* What one event of this packet begins with. */
static __always_inline void watch_fill(const struct xdp_buff *xdp, struct watch_kept *k,
				       int verdict, __u32 flags)
{
	if (verdict < 0 || verdict == CHAIN_NEXT || verdict > WATCH_ODD)
		verdict = WATCH_ODD;
	k->event.cpu = bpf_get_smp_processor_id();
	k->event.ifindex = watch_ifindex;
	k->event.rxq = xdp->rxq->queue_index;
	k->event.version = EVENT_VERSION;
	k->event.type = EVENT_PACKET;
	k->event.verdict = verdict;
	k->event.steps = 1;
	k->event.flags = flags & SESSION_STEP_TIMES ? EVENT_STEP_TIMES : 0;
	k->step.slot = CHAIN_SLOT_DUMP;
	k->step.verdict = verdict;
	k->step.ns = flags & SESSION_STEP_TIMES ? bpf_ktime_get_ns() - k->event.time_ns : 0;
}

/* How much of the packet goes with the next event. */
static __always_inline __u64 watch_head(struct watch_kept *k, const struct session_conf *s,
					__u32 point, __u32 len, __u64 before)
{
	__u64 cap = len;

	if (cap > s->snaplen)
		cap = s->snaplen;
	if (cap > EVENT_SNAPLEN_MAX)
		cap = EVENT_SNAPLEN_MAX;
	k->event.seq = before + 1;
	k->event.session = s->id;
	k->event.point = point;
	k->event.len = len;
	k->event.cap_len = cap;
	k->event.size = WATCH_HEAD + cap;
	return cap;
}

/* The packet as it came, which entry has kept. */
static __always_inline void watch_came(void *ctx, struct watch_cpu *cpu, struct watch_kept *k,
				       struct session_conf *s)
{
	struct session_count *n = &cpu->count;
	__u64 cap = watch_head(k, s, EVENT_ENTRY, cpu->view.len, n->entry_captured + n->entry_lost);
	long err = bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, k, WATCH_HEAD + cap);

	session_account(s, err, &n->captured, &n->lost);
	session_account(s, err, &n->entry_captured, &n->entry_lost);
}

/* The packet as it is now. */
static __always_inline void watch_leaves(struct xdp_buff *xdp, struct watch_cpu *cpu,
					 struct watch_kept *k, struct session_conf *s)
{
	struct session_count *n = &cpu->count;
	__u64 before = n->captured + n->lost - n->entry_captured - n->entry_lost;
	__u64 cap = watch_head(k, s, EVENT_EXIT, bpf_xdp_get_buff_len((void *)xdp), before);

	session_account(s,
			bpf_xdp_output(xdp, &events, BPF_F_CURRENT_CPU | cap << 32, k, WATCH_HEAD),
			&n->captured, &n->lost);
}

static __always_inline int watch_wanted(const struct session_conf *s, __u32 verdict)
{
	return !s->verdicts || (verdict < 32 && s->verdicts & 1u << verdict);
}

SEC("fexit")
int BPF_PROG(watch_exit, struct xdp_buff *xdp, int verdict)
{
	__u32 zero = 0, here = bpf_get_smp_processor_id();
	struct session_conf *s = bpf_map_lookup_elem(&sessions, &zero);
	struct watch_cpu *cpu = bpf_map_lookup_elem(&cpus, &zero);
	struct watch_kept *k = bpf_map_lookup_elem(&kept, &here);

	if (!s || !cpu || !k || !cpu->pending || !watch_ours(xdp))
		return 0;
	cpu->pending = 0;
	if (!s->id) { /* it ended while the packet was on its way */
		watch_lose(cpu, s);
		return 0;
	}
	watch_fill(xdp, k, verdict, s->flags);
	if (!watch_wanted(s, k->event.verdict) || session_thin(s, &cpu->count, k->event.time_ns)) {
		cpu->count.filtered += session_points(s);
		return 0;
	}
	if (s->flags & SESSION_ENTRY)
		watch_came(ctx, cpu, k, s);
	if (!(s->flags & SESSION_NO_EXIT))
		watch_leaves(xdp, cpu, k, s);
	return 0;
}

char _license[] SEC("license") = "GPL";

static __noinline __u32 watch_match(const struct watch_view *view)
{
	__u32 match = view->len;

	/* Or the compiler would conclude from this body what the real one can return. */
	asm volatile("" : "+r"(match));
	return match;
}
