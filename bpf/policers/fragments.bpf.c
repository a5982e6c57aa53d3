// SPDX-License-Identifier: GPL-2.0
/* fragments - drop fragments that hide something: tiny, overlapping, too many; or all. */
#include "xdpchain/fragments.h"
#include "fragment.h"
#include "meter.h"

enum fragments_reason {
	FRAGMENTS_ANY = 1,  /* all are to be dropped */
	FRAGMENTS_TINY,	    /* RFC 1858, RFC 7112: a header is cut, or can be written over */
	FRAGMENTS_LENGTH,   /* nothing, or not a multiple of 8 and not the last */
	FRAGMENTS_TOO_LONG, /* ends beyond 65,535 bytes */
	FRAGMENTS_OVERLAP,  /* RFC 5722: and then nothing of the datagram */
	FRAGMENTS_DUPLICATE,
	FRAGMENTS_SOURCE_RATE,
	FRAGMENTS_DESTINATION_RATE,
};

const volatile struct fragments_conf fragments_conf;

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FRAGMENTS_SETS);
	__type(key, __u32); /* hash of the datagram */
	__type(value, struct fragments_set);
} heads SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FRAGMENTS_SETS *FRAGMENTS_WAYS);
	__type(key, __u32); /* set * FRAGMENTS_WAYS + way */
	__type(value, struct fragments_units);
} units SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FRAGMENTS_RATES);
	__uint(map_flags, BPF_F_MMAPABLE); /* then a set is in one cache line */
	__type(key, __u32);		   /* hash of the source */
	__type(value, struct meter_set);
} sources SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, FRAGMENTS_RATES);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* hash of the destination */
	__type(value, struct meter_set);
} destinations SEC(".maps");

static __always_inline __u32 bad_form(const struct pkt *pkt, const struct fragment *f)
{
	if ((__s32)f->len <= 0 || (f->more && f->len & 7))
		return FRAGMENTS_LENGTH;
	if (f->offset + f->len + f->head > 65535)
		return FRAGMENTS_TOO_LONG;
	/* What begins before `min` lies on the header that the first fragment brought. */
	if ((f->more && f->len < fragments_conf.min) ||
	    (f->offset && f->offset < fragments_conf.min))
		return FRAGMENTS_TINY;
	if (!f->offset && pkt->flags & PKT_TRUNCATED && !(pkt->flags & PKT_MULTIBUF))
		return FRAGMENTS_TINY;
	return 0;
}

static __always_inline int too_many(void *map, const volatile struct meter_conf *conf, __u64 hash)
{
	__u32 index = meter_index(hash, FRAGMENTS_RATES);
	struct meter_set *set = bpf_map_lookup_elem(map, &index);
	struct meter *m = set ? meter_find(conf, set, hash, meter_now(conf)) : 0;

	return m && !meter_take(conf, m);
}

static __always_inline __u32 bad_rate(const struct pkt *pkt, __u64 key)
{
	const volatile struct fragments_conf *c = &fragments_conf;
	__be32 from[4] = { pkt->saddr[0] & c->mask4 };

	if (fragments_conf.source.cost) {
		if (pkt->proto == pkt_be16(PKT_ETH_IP6))
			for (int i = 0; i < 4; i++)
				from[i] = pkt->saddr[i] & c->mask6[i];
		if (too_many(&sources, &c->source, meter_mix_addr(key, pkt, from)))
			return FRAGMENTS_SOURCE_RATE;
	}
	if (fragments_conf.destination.cost &&
	    too_many(&destinations, &c->destination, meter_mix_addr(key, pkt, pkt->daddr)))
		return FRAGMENTS_DESTINATION_RATE;
	return 0;
}

static __always_inline __u32 ticks(void)
{
	return bpf_jiffies64() * fragments_conf.tick_ns >> FRAGMENTS_SHIFT;
}

/* The way of the datagram, or the one that has been longest in use, then given to it. */
static __always_inline __u32 find(struct fragments_set *set, __u64 hash, __u32 now, __u32 *is_new)
{
	__u32 oldest = 0, most = 0, age;

	*is_new = 0;
	for (__u32 i = 0; i < FRAGMENTS_WAYS; i++) {
		age = set->ways[i].key ? now - set->ways[i].since : ~0u;
		if (set->ways[i].key == hash && age <= fragments_conf.window)
			return i;
		if (age > most) {
			most = age;
			oldest = i;
		}
	}
	*is_new = 1;
	return oldest;
}

struct mark {
	struct fragments_units *u;
	__u64 were, were_not; /* bits that were set, and that were not */
	__u32 from, to;
};

/* The bits of one word; for bpf_loop(). 1: there is no such word. */
static long mark_word(__u32 i, struct mark *m)
{
	__u32 w = m->from / 64 + i;
	__u64 mask = ~0ULL, old;

	if (!i)
		mask <<= m->from & 63;
	if (w == (m->to - 1) / 64)
		mask &= ~0ULL >> (63 - ((m->to - 1) & 63));
	barrier_var(w); /* the bound is checked of what is the index */
	if (w >= FRAGMENTS_WORDS)
		return 1;
	old = __sync_fetch_and_or(&m->u->words[w], mask);
	m->were |= old & mask;
	m->were_not |= ~old & mask;
	return 0;
}

/*
 * Set the bits of units @from to before @to. Bit 0: some were set; bit 1: some were not. No loop of
 * 128 rounds: the verifier of Linux 7.3 follows each by itself, for each way that leads here.
 */
static __always_inline __u32 mark(struct fragments_units *u, __u32 from, __u32 to)
{
	struct mark m = { .u = u, .from = from, .to = to };

	bpf_loop((to - 1) / 64 - from / 64 + 1, mark_word, &m, 0);
	return !!m.were | !!m.were_not << 1;
}

static __always_inline void begin(struct fragments_head *h, struct fragments_units *u, __u64 hash,
				  __u32 now)
{
	h->key = 0;
	__builtin_memset(h, 0, sizeof(*h));
	for (int i = 0; i < FRAGMENTS_WORDS; i++)
		u->words[i] = 0;
	h->since = now;
	h->key = hash;
}

/* Is there already another end, or something behind this one? */
static __always_inline int bad_end(struct fragments_head *h, const struct fragment *f, __u32 to)
{
	if (!f->more) {
		if (h->total && h->total != to)
			return 1;
		h->total = to;
	}
	return h->total && (to > h->total || h->have > h->total);
}

static __always_inline __u32 bad_overlap(const struct pkt *pkt, const struct fragment *f, __u64 key)
{
	__u64 hash = meter_mix_addr(meter_mix_addr(key, pkt, pkt->saddr), pkt, pkt->daddr);
	__u32 from = f->offset / 8, to = (f->offset + f->len + 7) / 8, now = ticks(), seen, is_new;
	__u32 index, way;
	struct fragments_set *set;
	struct fragments_head *h;
	struct fragments_units *u;

	/* RFC 8200 4.5: of IPv6 the protocol is no part of it, later fragments may say another. */
	hash = meter_mix(hash, pkt->proto == pkt_be16(PKT_ETH_IP4)
				       ? (__u64)pkt->ipproto << 32 | f->id
				       : f->id);
	index = meter_index(hash, FRAGMENTS_SETS);
	set = bpf_map_lookup_elem(&heads, &index);
	if (!set)
		return 0;
	way = find(set, hash, now, &is_new) & (FRAGMENTS_WAYS - 1);
	index = index * FRAGMENTS_WAYS + way;
	u = bpf_map_lookup_elem(&units, &index);
	if (!u)
		return 0;
	h = &set->ways[way];
	if (is_new)
		begin(h, u, hash, now);
	if (h->bad)
		return FRAGMENTS_OVERLAP;
	seen = mark(u, from, to);
	if (seen == 1)
		return FRAGMENTS_DUPLICATE;
	if (seen != 2 || bad_end(h, f, to)) {
		h->bad = 1;
		return FRAGMENTS_OVERLAP;
	}
	/* All of it: the id may come again. */
	if (__sync_fetch_and_add(&h->have, to - from) + to - from == h->total)
		h->key = 0;
	return 0;
}

STAGE(fragments)
{
	struct fragment f = { 0 };
	__u32 reason;
	__u64 key;

	if (!(pkt->flags & PKT_FRAG))
		return NEXT;
	if (fragment_read(ctx, pkt, &f))
		return DROP(FRAGMENTS_TINY);
	if (!f.offset && !f.more) /* RFC 6946: a whole datagram with a fragment header */
		return NEXT;
	if (fragments_conf.drop == FRAGMENTS_DROP_ALL)
		return DROP(FRAGMENTS_ANY);
	key = meter_secret();
	reason = bad_form(pkt, &f);
	if (!reason)
		reason = bad_rate(pkt, key);
	if (!reason && fragments_conf.overlap)
		reason = bad_overlap(pkt, &f, key);
	return reason ? DROP(reason) : NEXT;
}
