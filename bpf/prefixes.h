/* SPDX-License-Identifier: GPL-2.0 */
/*
 * prefixes.h - find the longest prefix of a list that holds the source of a packet.
 *
 * One look into a table of ours (xdpchain/ptable.h) for each length that prefixes have: one cache
 * miss for a hit in a list of a million, where the kernel's hash has four and a trie has twenty.
 */
#ifndef BPF_PREFIXES_H
#define BPF_PREFIXES_H

#include "xdpchain/policer.h"
#include "xdpchain/stage.bpf.h"

/* The loader makes one of the size that is needed. BPF_F_INNER_MAP (5.10): sizes may differ. */
struct prefixes_table {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PTABLE_LINES_MIN);
	__uint(map_flags, BPF_F_MMAPABLE | BPF_F_INNER_MAP);
	__uint(key_size, sizeof(__u32));	       /* ptable_line(), and the filter behind */
	__uint(value_size, sizeof(union ptable_line)); /* __type() is lost within __array() */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 2);
	__type(key, __u32); /* blocklist_lengths.current */
	__array(values, struct prefixes_table);
} tables4 SEC(".maps"), tables6 SEC(".maps");

/* BPF_F_MMAPABLE: user space sets single bits. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BLOCKLIST_COVER_WORDS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* struct blocklist_cover, word */
	__type(value, __u64);
} cover4 SEC(".maps"), cover6 SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32); /* 0: IPv4, 1: IPv6 */
	__type(value, struct blocklist_lengths);
} lengths SEC(".maps");

/* What holds the source: a slot that may be another's by now, and what it said. */
struct prefixes_hit {
	struct ptable_slot *slot;
	const struct blocklist_length *length;
	__u32 rule; /* 0: nothing does */
};

static __always_inline int prefixes_covered(void *cover, struct blocklist_cover at)
{
	__u64 *word = bpf_map_lookup_elem(cover, &at.word);

	return word && *word >> at.bit & 1;
}

/* The filter has all bits of the hash @h. */
static __always_inline int prefixes_filtered(void *table, const struct ptable_shape *shape, __u64 h,
					     __u32 slots)
{
	__u32 at = ptable_filter(h, shape->mask, slots);
	union ptable_line *line = bpf_map_lookup_elem(table, &at);

	return line && !((~line->words[ptable_word(h, 0)] & ptable_bits(h, 0)) |
			 (~line->words[ptable_word(h, 1)] & ptable_bits(h, 1)));
}

/*
 * 1 if @x is 0, else 0. Without a branch, which the processor would guess wrong as often as not,
 * and which has two ways for the verifier. The compiler would make it one, were it to see through
 * it.
 */
static __always_inline __u64 prefixes_zero(__u64 x)
{
	__u64 minus = -x;

	asm volatile("" : "+r"(minus));
	x = (x | minus) >> 63;
	asm volatile("" : "+r"(x));
	return x ^ 1;
}

static __always_inline int prefixes_hold(__u32 until)
{
	until &= ~PTABLE_MARK;
	return !until || until > bpf_ktime_get_coarse_ns() >> PTABLE_UNTIL_SHIFT;
}

/* What is looked for, and where. */
struct prefixes_search {
	const struct pkt *pkt;
	const struct blocklist_lengths *lengths;
	const struct ptable_shape *shape;
	void *table;
	const struct blocklist_length *length;
	struct prefixes_hit hit;
	__u64 h, addr[2];  /* of the prefix; IPv4: addr[0] is ptable_what4() */
	__u32 length1, at; /* the line that is looked at */
};

/* The slot of @line that holds the prefix, with what it said; or NULL. */
static __always_inline struct ptable_slot *
prefixes_in4(union ptable_line *line, const struct prefixes_search *s, __u64 *found)
{
	__u64 what[PTABLE_SLOTS4], zero[PTABLE_SLOTS4];
	__u32 at;

	for (int i = 0; i < PTABLE_SLOTS4; i++) {
		what[i] = *(volatile __u64 *)&line->v4[i].what;
		zero[i] = prefixes_zero(what[i] >> PTABLE_RULE_BITS ^ s->addr[0]);
	}
	*found = what[0] * zero[0] | what[1] * zero[1] | what[2] * zero[2] | what[3] * zero[3];
	at = zero[1] | zero[2] << 1 | zero[3] * 3;
	return *found ? &line->v4[at & 3] : 0;
}

static __always_inline struct ptable_slot *
prefixes_in6(union ptable_line *line, const struct prefixes_search *s, __u64 *found)
{
	__u64 what[PTABLE_SLOTS6], zero[PTABLE_SLOTS6];

	for (int i = 0; i < PTABLE_SLOTS6; i++) {
		struct ptable_slot6 *at = &line->v6[i];

		what[i] = *(volatile __u64 *)&at->s.what;
		zero[i] = prefixes_zero((what[i] >> PTABLE_RULE_BITS ^ ptable_what6(s->length1)) |
					(*(volatile __u64 *)&at->addr[0] ^ s->addr[0]) |
					(*(volatile __u64 *)&at->addr[1] ^ s->addr[1]));
	}
	*found = what[0] * zero[0] | what[1] * zero[1];
	return *found ? &line->v6[zero[1] & 1].s : 0;
}

static __always_inline struct ptable_slot *
prefixes_in(union ptable_line *line, const struct prefixes_search *s, int slots, __u64 *found)
{
	return slots == PTABLE_SLOTS4 ? prefixes_in4(line, s, found) : prefixes_in6(line, s, found);
}

/* The same, if it is where it was to go: most are, and this is cheap. */
static __always_inline struct ptable_slot *
prefixes_at(union ptable_line *line, const struct prefixes_search *s, int slots, __u64 *found)
{
	__u32 at = ptable_mark(s->h, slots);
	struct ptable_slot6 *long_one = &line->v6[at & 1];
	struct ptable_slot *slot = slots == PTABLE_SLOTS4 ? &line->v4[at] : &long_one->s;

	*found = *(volatile __u64 *)&slot->what;
	if (slots == PTABLE_SLOTS4)
		return *found >> PTABLE_RULE_BITS == s->addr[0] ? slot : 0;
	if (*found >> PTABLE_RULE_BITS != ptable_what6(s->length1) ||
	    *(volatile __u64 *)&long_one->addr[0] != s->addr[0] ||
	    *(volatile __u64 *)&long_one->addr[1] != s->addr[1])
		return 0;
	return slot;
}

/* There is a mark in @line: look on. */
static __always_inline int prefixes_marked(const union ptable_line *line, __u64 h, int slots)
{
	__u32 mark = ptable_mark(h, slots);

	return (slots == PTABLE_SLOTS4 ? line->v4[mark].until : line->v6[mark].s.until) &
	       PTABLE_MARK;
}

/* A place further on; bpf_loop() calls it, since the verifier sees it once then. 1: no further. */
static __always_inline long prefixes_further(__u32 t, struct prefixes_search *s, int slots)
{
	union ptable_line *line;
	__u64 found;

	s->at = ptable_line(s->h, s->shape->mask, t + 1);
	line = bpf_map_lookup_elem(s->table, &s->at);
	return !line || prefixes_in(line, s, slots, &found) || !prefixes_marked(line, s->h, slots);
}

static long prefixes_further4(__u32 t, void *search)
{
	return prefixes_further(t, search, PTABLE_SLOTS4);
}

static long prefixes_further6(__u32 t, void *search)
{
	return prefixes_further(t, search, PTABLE_SLOTS6);
}

/*
 * Look for the prefix in @s. 1: it is there, and s->hit says how. What a slot said is asked again
 * when all of it was read: its other words are written while `what` is 0, and a rule is not given
 * out again soon, so they were those of one entry.
 */
static __always_inline int prefixes_look(struct prefixes_search *s, int slots)
{
	struct ptable_slot *slot;
	union ptable_line *line;
	__u64 found;
	__u32 at;

	if (s->shape->filter && !prefixes_filtered(s->table, s->shape, s->h, slots))
		return 0;
	at = ptable_first(s->h, s->shape->mask);
	line = bpf_map_lookup_elem(s->table, &at);
	if (!line)
		return 0;
	slot = prefixes_at(line, s, slots, &found);
	if (!slot)
		slot = prefixes_in(line, s, slots, &found);
	if (!slot && prefixes_marked(line, s->h, slots)) {
		struct prefixes_search far = { .shape = s->shape,
					       .table = s->table,
					       .h = s->h,
					       .addr = { s->addr[0], s->addr[1] },
					       .length1 = s->length1 };

		if (slots == PTABLE_SLOTS4)
			bpf_loop(PTABLE_TRIES - 1, prefixes_further4, &far, 0);
		else
			bpf_loop(PTABLE_TRIES - 1, prefixes_further6, &far, 0);
		line = bpf_map_lookup_elem(s->table, &far.at);
		if (line)
			slot = prefixes_in(line, s, slots, &found);
	}
	if (!slot || !prefixes_hold(*(volatile __u32 *)&slot->until) ||
	    *(volatile __u64 *)&slot->what != found)
		return 0;
	s->hit = (struct prefixes_hit){ slot, s->length, found & PTABLE_RULE_MAX };
	return 1;
}

/* Look for the prefix of the @i-th length. 1: it is over, s->hit says how. */
static __always_inline int prefixes_length4(struct prefixes_search *s, __u32 i)
{
	const struct blocklist_length *l = &s->lengths->v[i];
	__be32 addr = s->pkt->saddr[0] & l->mask[0];

	s->length = l;
	s->length1 = *(volatile __u32 *)&l->length1;
	s->addr[0] = ptable_what4(addr, s->length1);
	s->h = ptable_hash4(addr, s->length1, s->shape->seed);
	return !s->length1 || prefixes_look(s, PTABLE_SLOTS4);
}

static __always_inline int prefixes_length6(struct prefixes_search *s, __u32 i)
{
	const struct blocklist_length *l = &s->lengths->v[i];
	__be32 part[4];

	for (int k = 0; k < 4; k++)
		part[k] = s->pkt->saddr[k] & l->mask[k];
	ptable_addr6(part, s->addr);
	s->length = l;
	s->length1 = *(volatile __u32 *)&l->length1;
	s->h = ptable_hash6(s->addr, s->length1, s->shape->seed);
	return !s->length1 || prefixes_look(s, PTABLE_SLOTS6);
}

static long prefixes_shorter4(__u32 i, void *search)
{
	return i >= 32 || prefixes_length4(search, i + 1);
}

static long prefixes_shorter6(__u32 i, void *search)
{
	return i >= BLOCKLIST_LENGTHS - 1 || prefixes_length6(search, i + 1);
}

/* The first length here, as most lists have one; others in a loop that the verifier sees once. */
static __always_inline struct prefixes_hit prefixes_find4(const struct pkt *pkt)
{
	struct prefixes_search s = { .pkt = pkt };
	__u32 family = 0, current;

	s.lengths = bpf_map_lookup_elem(&lengths, &family);
	if (!s.lengths ||
	    (s.lengths->many && !prefixes_covered(&cover4, blocklist_cover4(pkt->saddr[0]))))
		return s.hit;
	current = *(volatile __u32 *)&s.lengths->current & 1;
	s.shape = &s.lengths->shapes[current];
	s.table = bpf_map_lookup_elem(&tables4, &current);
	if (s.table && !prefixes_length4(&s, 0) && s.lengths->v[1].length1) {
		struct prefixes_search more = {
			.pkt = pkt, .lengths = s.lengths, .shape = s.shape, .table = s.table
		};

		bpf_loop(32, prefixes_shorter4, &more, 0);
		return more.hit;
	}
	return s.hit;
}

static __always_inline struct prefixes_hit prefixes_find6(const struct pkt *pkt)
{
	struct prefixes_search s = { .pkt = pkt };
	__u32 family = 1, current;

	s.lengths = bpf_map_lookup_elem(&lengths, &family);
	if (!s.lengths ||
	    (s.lengths->many && !prefixes_covered(&cover6, blocklist_cover6(pkt->saddr))))
		return s.hit;
	current = *(volatile __u32 *)&s.lengths->current & 1;
	s.shape = &s.lengths->shapes[current];
	s.table = bpf_map_lookup_elem(&tables6, &current);
	if (s.table && !prefixes_length6(&s, 0) && s.lengths->v[1].length1) {
		struct prefixes_search more = {
			.pkt = pkt, .lengths = s.lengths, .shape = s.shape, .table = s.table
		};

		bpf_loop(BLOCKLIST_LENGTHS - 1, prefixes_shorter6, &more, 0);
		return more.hit;
	}
	return s.hit;
}

/* The longest prefix that holds the source and has not expired. */
static __always_inline struct prefixes_hit prefixes_find(const struct pkt *pkt)
{
	if (!pkt->l3) /* there is no address */
		return (struct prefixes_hit){ 0 };
	return pkt->proto == pkt_be16(PKT_ETH_IP4) ? prefixes_find4(pkt) : prefixes_find6(pkt);
}

#endif
