// SPDX-License-Identifier: GPL-2.0
/*
 * conntrack - learn flows while it is calm; above a rate of packets that are of none to a
 * destination, let only those through that are known.
 */
#include "xdpchain/conntrack.h"
#include "meter.h"

enum conntrack_reason {
	CONNTRACK_UNKNOWN = 1,
	CONNTRACK_LEARNED, /* a note: that flow is known from now on */
	CONNTRACK_SYN,	   /* a note: a flow that was opened in a flood */
};

const volatile struct conntrack_conf conntrack_conf;

/* BPF_F_MMAPABLE: then values start on a page, so that a set is in one cache line. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CONNTRACK_FLOWS / CONNTRACK_WAYS); /* the loader may set another */
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* hash of the flow */
	__type(value, struct conntrack_set);
} flows SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, CONNTRACK_TARGETS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* hash of the destination */
	__type(value, struct meter_set);
} targets SEC(".maps");

static __always_inline int is6(const struct pkt *pkt)
{
	return pkt->proto == pkt_be16(PKT_ETH_IP6);
}

/*
 * What no router hands on is the neighbours', and stays out of it: 224.0.0.0/24 and ff02::/16 (RFC
 * 5771, RFC 4291 2.7), and neighbour discovery, whose hop limit is 255 (RFC 4861 6.1, 7.1).
 */
static __always_inline int is_of_link(const struct pkt *pkt)
{
	if (!is6(pkt))
		return (pkt->daddr[0] & pkt_be32(0xffffff00)) == pkt_be32(0xe0000000);
	return (pkt->daddr[0] & pkt_be32(0xffff0000)) == pkt_be32(0xff020000) ||
	       (pkt->ipproto == PKT_ICMP6 && pkt->ttl == 255 && pkt->icmp_type >= 133 &&
		pkt->icmp_type <= 137);
}

static __always_inline __u64 flow_key(const struct pkt *pkt, __u64 key)
{
	__u64 l4 = (__u64)pkt->ipproto << 32 | (__u32)pkt->sport << 16 | pkt->dport;

	key = meter_mix_addr(meter_mix_addr(key, pkt, pkt->saddr), pkt, pkt->daddr);
	return meter_mix(key, l4) & ~CONNTRACK_STATE;
}

static __always_inline struct conntrack_flow *find(struct conntrack_set *set, __u64 key)
{
	for (int i = 0; i < CONNTRACK_WAYS; i++)
		if ((set->ways[i].key & ~CONNTRACK_STATE) == key)
			return &set->ways[i];
	return 0;
}

/* How readily a flow gives way; 0: not at all. */
static __always_inline __u32 worth(const struct conntrack_flow *f, __u32 now)
{
	__u32 idle = now - f->last;

	if (!f->key)
		return ~0u;
	if ((f->key & CONNTRACK_STATE) == CONNTRACK_KNOWN && idle <= conntrack_conf.timeout)
		return 0;
	return idle + 1;
}

static __always_inline void insert(struct conntrack_set *set, __u64 key, __u32 now)
{
	struct conntrack_flow *f = &set->ways[0];
	__u32 most = worth(f, now), w;
	__u64 old;

	for (int i = 1; i < CONNTRACK_WAYS; i++) {
		w = worth(&set->ways[i], now);
		if (w > most) {
			most = w;
			f = &set->ways[i];
		}
	}
	old = f->key;
	if (!most || __sync_val_compare_and_swap(&f->key, old, key) != old)
		return; /* all are known, or another CPU was faster */
	f->since = now;
	f->last = now;
}

static __always_inline __u32 ticks(void)
{
	return bpf_jiffies64() * conntrack_conf.tick_ns >> CONNTRACK_SHIFT;
}

/* Written once a second, or CPUs that share a flow would move its line for every packet. */
static __always_inline void touch(struct conntrack_flow *f, __u32 now)
{
	if (now - f->last >= CONNTRACK_SECOND)
		f->last = now;
}

static __always_inline enum meter_says count_unknown(const struct pkt *pkt, __u64 key)
{
	const volatile struct conntrack_conf *c = &conntrack_conf;
	__be32 to[4] = { pkt->daddr[0] & c->mask4 };
	struct meter_set *set;
	struct meter *m;
	__u32 index;
	__u64 hash;

	if (is6(pkt))
		for (int i = 0; i < 4; i++)
			to[i] = pkt->daddr[i] & c->mask6[i];
	hash = meter_mix_addr(key, pkt, to);
	index = meter_index(hash, CONNTRACK_TARGETS);
	set = bpf_map_lookup_elem(&targets, &index);
	m = set ? meter_find(&c->meter, set, hash, meter_now(&c->meter)) : 0;
	return m ? meter_over(&c->meter, m) : METER_FINE;
}

static __always_inline int is_syn(const struct pkt *pkt)
{
	return pkt->ipproto == PKT_TCP &&
	       (pkt->tcp_flags & (PKT_SYN | PKT_ACK | PKT_RST | PKT_FIN)) == PKT_SYN;
}

/* It came again, later: then it is known. */
static __always_inline stage_act learn(struct conntrack_flow *f, __u64 key, __u32 now)
{
	f->last = now;
	if (now - f->since < conntrack_conf.learn)
		return NEXT;
	f->key = key | CONNTRACK_KNOWN;
	return NEXT_NOTE(CONNTRACK_LEARNED);
}

static __always_inline stage_act in_flood(const struct pkt *pkt, struct conntrack_set *set,
					  __u64 key, __u32 now, int is_new)
{
	if (!conntrack_conf.syn || !is_syn(pkt))
		return DROP(CONNTRACK_UNKNOWN);
	if (is_new)
		insert(set, key | CONNTRACK_OPENED, now);
	return NEXT_NOTE(CONNTRACK_SYN);
}

static __always_inline stage_act unknown(struct pkt *pkt, struct conntrack_set *set,
					 struct conntrack_flow *f, __u64 key)
{
	enum meter_says says = count_unknown(pkt, meter_secret());
	__u32 now = ticks();

	if (says == METER_GOES_OVER)
		stage_trigger(pkt);
	if (says != METER_FINE)
		return in_flood(pkt, set, key, now, !f);
	if (f)
		return learn(f, key, now);
	insert(set, key | CONNTRACK_CANDIDATE, now);
	return NEXT;
}

STAGE(conntrack)
{
	struct conntrack_flow *f;
	struct conntrack_set *set;
	__u32 index, now, state;
	__u64 key;

	if (!pkt->l3 || is_of_link(pkt))
		return NEXT;
	key = flow_key(pkt, meter_secret());
	index = meter_index(key, conntrack_conf.sets);
	set = bpf_map_lookup_elem(&flows, &index);
	if (!set)
		return NEXT;
	f = find(set, key);
	if (f) {
		now = ticks();
		state = f->key & CONNTRACK_STATE;
		if (state == CONNTRACK_KNOWN && now - f->last <= conntrack_conf.timeout) {
			touch(f, now);
			return NEXT;
		}
		if (state == CONNTRACK_OPENED && now - f->since <= conntrack_conf.open)
			return learn(f, key, now);
	}
	return unknown(pkt, set, f, key);
}
