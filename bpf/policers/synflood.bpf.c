// SPDX-License-Identifier: GPL-2.0
/*
 * synflood - SYNs above a rate to a destination: for addresses of this machine it answers them with
 * SYN cookies, elsewhere it drops the first of a source and lets it try again.
 */
#include "xdpchain/synflood.h"
#include "meter.h"
#include "synack.h"
#include "xdpchain/policer.h"

enum synflood_reason {
	SYNFLOOD_COOKIE_SENT = 1,
	SYNFLOOD_COOKIE_OK, /* a note: the answer to a cookie of ours, on to the listener */
	SYNFLOOD_COOKIE_BAD,
	SYNFLOOD_TO_LISTENER, /* a note: so that the listener takes cookies */
	SYNFLOOD_FIRST_SYN,
	SYNFLOOD_TRIED_AGAIN,  /* a note: that source is known from now on */
	SYNFLOOD_KNOWN_SOURCE, /* a note */
	SYNFLOOD_NO_ROOM,      /* the frame could not be made an answer */
};

#define LISTEN	 10 /* BPF_TCP_LISTEN */
#define NOT_OURS ((stage_act)-1)

const volatile struct synflood_conf synflood_conf;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYNFLOOD_TARGETS);
	__uint(map_flags, BPF_F_MMAPABLE); /* then a set is in one cache line; the same below */
	__type(key, __u32);		   /* hash of the destination */
	__type(value, struct meter_set);
} targets SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYNFLOOD_KNOWN);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);		 /* hash of the source */
	__type(value, struct meter_set); /* full: ticks, when it was seen */
} known SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SYNFLOOD_SEEN);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* hash of the SYN */
	__type(value, struct synflood_seen);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1024);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);		 /* hash of address and port */
	__type(value, struct meter_set); /* full: ticks, when it got a SYN */
} listeners SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);   /* 0 */
	__type(value, __u32); /* ticks: when a destination was last over its rate */
} alarm SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key4); /* destination */
	__type(value, __u32);
} local4 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 4096);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct blocklist_key6); /* destination */
	__type(value, __u32);
} local6 SEC(".maps");

static __always_inline __u32 ticks(void)
{
	return bpf_jiffies64() * synflood_conf.tick_ns >> SYNFLOOD_SHIFT;
}

static __always_inline int is6(const struct pkt *pkt)
{
	return pkt->proto == pkt_be16(PKT_ETH_IP6);
}

static __always_inline __u64 target_key(const struct pkt *pkt, __u64 key)
{
	const volatile struct synflood_conf *c = &synflood_conf;
	__be32 to[4] = { pkt->daddr[0] & c->mask4 };

	if (is6(pkt))
		for (int i = 0; i < 4; i++)
			to[i] = pkt->daddr[i] & c->mask6[i];
	return meter_mix_addr(key, pkt, to);
}

/* The entry of @key in the set, or the one that was seen last the longest ago, then given to it. */
static __always_inline struct meter *entry(struct meter_set *set, __u64 key, __u32 now, int *is_new)
{
	struct meter *oldest = &set->ways[0];

	*is_new = 0;
	for (int i = 0; i < METER_WAYS; i++)
		if (set->ways[i].key == key)
			return &set->ways[i];
	for (int i = 1; i < METER_WAYS; i++)
		if (now - (__u32)set->ways[i].full > now - (__u32)oldest->full)
			oldest = &set->ways[i];
	*is_new = 1;
	return oldest;
}

static __always_inline int is_known(__u64 key, __u32 now, int learn)
{
	__u32 index = meter_index(key, SYNFLOOD_KNOWN);
	struct meter_set *set = bpf_map_lookup_elem(&known, &index);
	struct meter *e;
	int is_new;

	if (!set)
		return 0;
	e = entry(set, key, now, &is_new);
	if (learn || (!is_new && now - (__u32)e->full <= synflood_conf.remember)) {
		if (e->key != key)
			e->key = key;
		if ((__u32)e->full != now)
			e->full = now;
		return 1;
	}
	return 0;
}

/* Was this very SYN here before, long enough ago to be a client's second try? */
static __always_inline int is_retry(__u64 hash, __u32 now)
{
	__u32 index = meter_index(hash, SYNFLOOD_SEEN), mark = hash & 0xfffff, age, next;
	struct synflood_seen *s = bpf_map_lookup_elem(&seen, &index);

	if (!s)
		return 1;
	for (__u32 i = 0; i < SYNFLOOD_WAYS; i++) {
		if (s->cells[i] >> 12 != mark)
			continue;
		age = (now - s->cells[i]) & SYNFLOOD_TIME_MASK;
		if (age <= synflood_conf.retry_max)
			return age >= synflood_conf.retry_min;
	}
	next = s->next;
	barrier_var(next); /* the bound is checked of what is the index */
	if (next >= SYNFLOOD_WAYS)
		next = 0;
	s->cells[next] = mark << 12 | (now & SYNFLOOD_TIME_MASK);
	s->next = next + 1;
	return 0;
}

static __always_inline stage_act validate(struct xdp_md *ctx, const struct pkt *pkt, __u64 key)
{
	__be32 from[4] = { pkt->saddr[0], pkt->saddr[1] }; /* of IPv6 the /64 is a source */
	struct pkt_tcp *tcp = stage_bytes(ctx, pkt->l4, sizeof(*tcp));
	__u64 source = meter_mix_addr(key, pkt, from), hash;
	__u32 now = ticks();

	if (!tcp)
		return NEXT;
	if (is_known(source, now, 0))
		return NEXT_NOTE(SYNFLOOD_KNOWN_SOURCE);
	hash = meter_mix_addr(meter_mix_addr(key, pkt, pkt->saddr), pkt, pkt->daddr);
	hash = meter_mix(hash, (__u64)tcp->seq << 32 | (__u32)pkt->sport << 16 | pkt->dport);
	if (!is_retry(hash, now))
		return DROP(SYNFLOOD_FIRST_SYN);
	is_known(source, now, 1);
	return NEXT_NOTE(SYNFLOOD_TRIED_AGAIN);
}

static __always_inline int is_local(const struct pkt *pkt)
{
	struct blocklist_key4 key4 = { 32, pkt->daddr[0] };
	struct blocklist_key6 key6 = {
		128, { pkt->daddr[0], pkt->daddr[1], pkt->daddr[2], pkt->daddr[3] }
	};

	if (!synflood_conf.has_local)
		return 0;
	return is6(pkt) ? !!bpf_map_lookup_elem(&local6, &key6)
			: !!bpf_map_lookup_elem(&local4, &key4);
}

/* The state of the socket that the packet goes to, a listener's last; 0: there is none. */
static __always_inline __u32 socket_state(struct xdp_md *ctx, const struct pkt *pkt)
{
	struct bpf_sock_tuple t = { 0 };
	struct bpf_sock *sk;
	__u32 state;

	if (is6(pkt)) {
		__builtin_memcpy(t.ipv6.saddr, pkt->saddr, 16);
		__builtin_memcpy(t.ipv6.daddr, pkt->daddr, 16);
		t.ipv6.sport = pkt->sport;
		t.ipv6.dport = pkt->dport;
		sk = bpf_skc_lookup_tcp(ctx, &t, sizeof(t.ipv6), BPF_F_CURRENT_NETNS, 0);
	} else {
		t.ipv4.saddr = pkt->saddr[0];
		t.ipv4.daddr = pkt->daddr[0];
		t.ipv4.sport = pkt->sport;
		t.ipv4.dport = pkt->dport;
		sk = bpf_skc_lookup_tcp(ctx, &t, sizeof(t.ipv4), BPF_F_CURRENT_NETNS, 0);
	}
	if (!sk)
		return 0;
	state = sk->state;
	bpf_sk_release(sk);
	return state;
}

/* The headers as the helpers want them: without IP options or extension headers, on the stack. */
struct headers {
	union {
		struct pkt_ip4 ip4;
		struct pkt_ip6 ip6;
	};
	__u8 tcp[60];
};

static __always_inline void load_ip(const struct pkt *pkt, struct headers *h)
{
	if (is6(pkt)) {
		__builtin_memcpy(h->ip6.saddr, pkt->saddr, 16);
		__builtin_memcpy(h->ip6.daddr, pkt->daddr, 16);
		return;
	}
	h->ip4.saddr = pkt->saddr[0];
	h->ip4.daddr = pkt->daddr[0];
}

/* The cookie for this SYN, or -errno. */
static __always_inline __s64 make_cookie(struct xdp_md *ctx, const struct pkt *pkt,
					 struct synack *a)
{
	__u32 len = pkt->payload - pkt->l4 - sizeof(struct pkt_tcp);
	struct headers h = { 0 };

	barrier_var(len);
	if (len > sizeof(h.tcp) - sizeof(struct pkt_tcp))
		return -1;
	len += sizeof(struct pkt_tcp);
	if (bpf_xdp_load_bytes(ctx, pkt->l4, h.tcp, len))
		return -1;
	load_ip(pkt, &h);
	a->ack = pkt_h32(((struct pkt_tcp *)h.tcp)->seq) + 1;
	if (is6(pkt))
		return bpf_tcp_raw_gen_syncookie_ipv6((void *)&h.ip6, (void *)h.tcp, len);
	return bpf_tcp_raw_gen_syncookie_ipv4((void *)&h.ip4, (void *)h.tcp, len);
}

static __always_inline int check_cookie(struct xdp_md *ctx, const struct pkt *pkt)
{
	struct headers h = { 0 };

	if (bpf_xdp_load_bytes(ctx, pkt->l4, h.tcp, sizeof(struct pkt_tcp)))
		return -1;
	load_ip(pkt, &h);
	if (is6(pkt))
		return bpf_tcp_raw_check_syncookie_ipv6((void *)&h.ip6, (void *)h.tcp);
	return bpf_tcp_raw_check_syncookie_ipv4((void *)&h.ip4, (void *)h.tcp);
}

/* A listener takes cookies only for 2 minutes after a SYN made it send one of its own. */
static __always_inline int wants_syn(const struct pkt *pkt, __u64 key)
{
	__u64 hash = meter_mix(meter_mix_addr(key, pkt, pkt->daddr), pkt->dport);
	__u32 index = meter_index(hash, 1024), now = ticks();
	struct meter_set *set = bpf_map_lookup_elem(&listeners, &index);
	struct meter *e;
	int is_new;
	__u64 old;

	if (!set)
		return 0;
	e = entry(set, hash, now, &is_new);
	old = e->full;
	if (!is_new && now - (__u32)old < SYNFLOOD_WAKE)
		return 0;
	if (__sync_val_compare_and_swap(&e->full, old, now) != old)
		return 0; /* another CPU let one through, this moment */
	e->key = hash;
	return 1;
}

static __always_inline stage_act answer(struct xdp_md *ctx, const struct pkt *pkt, __u64 key)
{
	struct synack a = { .mss = is6(pkt) ? synflood_conf.mss6 : synflood_conf.mss4 };
	__u32 state = socket_state(ctx, pkt);
	__s64 cookie;

	if (!state)
		return NOT_OURS;
	if (state != LISTEN) /* of a connection that is being opened, or was */
		return NEXT;
	if (wants_syn(pkt, key))
		return NEXT_NOTE(SYNFLOOD_TO_LISTENER);
	cookie = make_cookie(ctx, pkt, &a);
	if (cookie < 0)
		return NOT_OURS;
	if (stage_shadow)
		return TX(SYNFLOOD_COOKIE_SENT);
	a.seq = cookie;
	return synack_make(ctx, pkt, &a) ? DROP(SYNFLOOD_NO_ROOM) : TX(SYNFLOOD_COOKIE_SENT);
}

static __always_inline stage_act on_syn(struct xdp_md *ctx, struct pkt *pkt, __u64 key)
{
	__u64 hash = target_key(pkt, key);
	__u32 index = meter_index(hash, SYNFLOOD_TARGETS), zero = 0, now, *last;
	struct meter_set *set = bpf_map_lookup_elem(&targets, &index);
	enum meter_says says;
	struct meter *m;
	stage_act act;

	if (!set)
		return NEXT;
	m = meter_find(&synflood_conf.meter, set, hash, meter_now(&synflood_conf.meter));
	says = m ? meter_over(&synflood_conf.meter, m) : METER_FINE;
	if (says == METER_FINE)
		return NEXT;
	if (says == METER_GOES_OVER)
		stage_trigger(pkt);
	now = ticks();
	last = bpf_map_lookup_elem(&alarm, &zero);
	if (last && *last != now)
		*last = now;
	act = is_local(pkt) ? answer(ctx, pkt, key) : NOT_OURS;
	return act == NOT_OURS ? validate(ctx, pkt, key) : act;
}

static __always_inline int is_over(const struct pkt *pkt, __u64 key)
{
	const volatile struct meter_conf *conf = &synflood_conf.meter;
	__u64 hash = target_key(pkt, key), now = meter_now(conf);
	__u32 index = meter_index(hash, SYNFLOOD_TARGETS);
	struct meter_set *set = bpf_map_lookup_elem(&targets, &index);

	for (int i = 0; set && i < METER_WAYS; i++)
		if (set->ways[i].key == hash)
			return set->ways[i].full & METER_OVER &&
			       meter_debt(conf, set->ways[i].full, now);
	return 0;
}

/* What of a connection the listener knows nothing of must carry a cookie. */
static __always_inline stage_act on_ack(struct xdp_md *ctx, const struct pkt *pkt)
{
	__u32 zero = 0, *last = bpf_map_lookup_elem(&alarm, &zero);

	if (!last || !*last || ticks() - *last > 2 * SYNFLOOD_TICKS)
		return NEXT;
	if (!is_local(pkt) || !is_over(pkt, meter_secret()) || socket_state(ctx, pkt) != LISTEN)
		return NEXT;
	return check_cookie(ctx, pkt) ? DROP(SYNFLOOD_COOKIE_BAD) : NEXT_NOTE(SYNFLOOD_COOKIE_OK);
}

STAGE(synflood)
{
	__u8 flags = pkt->tcp_flags & (PKT_SYN | PKT_ACK | PKT_RST | PKT_FIN);

	if (pkt->ipproto != PKT_TCP || !synflood_conf.meter.cost ||
	    (pkt->flags & (PKT_L4 | PKT_FRAG | PKT_MALFORMED)) != PKT_L4)
		return NEXT;
	if (flags == PKT_SYN)
		return on_syn(ctx, pkt, meter_secret());
	if (synflood_conf.has_local && (flags & (PKT_SYN | PKT_ACK | PKT_RST)) == PKT_ACK)
		return on_ack(ctx, pkt);
	return NEXT;
}
