// SPDX-License-Identifier: GPL-2.0
#include "lib/ptable.h"

#include <netinet/in.h>
#include <stdlib.h>
#include <sys/random.h>

#include "lib/util.h"

#define FILTER_LINES (1u << 12) /* 256 KiB: below, the lines are in the processor's cache too */

/* A prefix as a table has it. */
struct key {
	__u64 what, h, addr[2];
};

static __u32 slots_of(int family)
{
	return family == V4 ? PTABLE_SLOTS4 : PTABLE_SLOTS6;
}

__u32 ptable_size(__u32 count, int family)
{
	__u64 lines = PTABLE_LINES_MIN;

	/* Room for 2.5 of 4, or 1 of 2: then one in 25 is not in its first line. */
	while (lines < PTABLE_LINES_MAX && (family == V4 ? lines * 5 / 2 : lines) < count)
		lines *= 2;
	return lines;
}

__u32 ptable_room(__u32 size, int family)
{
	return size + size / (family == V4 ? 32 : 64);
}

void ptable_init(struct ptable *t, union ptable_line *lines, __u32 size, int family)
{
	*t = (struct ptable){ lines, { 0, size - 1, size >= FILTER_LINES }, family };
	if (getrandom(&t->shape.seed, sizeof(t->shape.seed), 0) != sizeof(t->shape.seed))
		t->shape.seed = now_ns() * 0x9e3779b97f4a7c15ULL;
	t->shape.seed |= 1;
}

__u32 ptable_until(__u64 expires_ns)
{
	__u64 until = (expires_ns >> PTABLE_UNTIL_SHIFT) + 1;

	return !expires_ns ? 0 : until < PTABLE_MARK ? until : PTABLE_MARK - 1;
}

int ptable_is_over(__u64 expires_ns, __u64 now_ns)
{
	return expires_ns && ptable_until(expires_ns) <= now_ns >> PTABLE_UNTIL_SHIFT;
}

static struct key key_of(const struct ptable *t, const struct prefix *p)
{
	__u32 length1 = p->len + 1;
	struct key k = { 0 };

	if (t->family == V4) {
		k.what = ptable_what4(p->addr[0], length1);
		k.h = ptable_hash4(p->addr[0], length1, t->shape.seed);
	} else {
		ptable_addr6(p->addr, k.addr);
		k.what = ptable_what6(length1);
		k.h = ptable_hash6(k.addr, length1, t->shape.seed);
	}
	return k;
}

static struct ptable_slot *slot_of(const struct ptable *t, __u32 line, __u32 i)
{
	return t->family == V4 ? &t->lines[line].v4[i] : &t->lines[line].v6[i].s;
}

static struct ptable_slot *find_in(const struct ptable *t, __u32 line, const struct key *k)
{
	for (__u32 i = 0; i < slots_of(t->family); i++) {
		struct ptable_slot *s = slot_of(t, line, i);

		if (s->what >> PTABLE_RULE_BITS == k->what &&
		    (t->family == V4 || (t->lines[line].v6[i].addr[0] == k->addr[0] &&
					 t->lines[line].v6[i].addr[1] == k->addr[1])))
			return s;
	}
	return NULL;
}

static struct ptable_slot *mark_of(const struct ptable *t, __u32 line, const struct key *k)
{
	return slot_of(t, line, ptable_mark(k->h, slots_of(t->family)));
}

struct ptable_slot *ptable_find(const struct ptable *t, const struct prefix *p)
{
	struct key k = key_of(t, p);

	for (__u32 n = 0; t->lines && n < PTABLE_TRIES; n++) {
		__u32 line = ptable_line(k.h, t->shape.mask, n);
		struct ptable_slot *s = find_in(t, line, &k);

		if (s || !(mark_of(t, line, &k)->until & PTABLE_MARK))
			return s;
	}
	return NULL;
}

/* The one that packets look at first, if it is free. */
static struct ptable_slot *free_in(const struct ptable *t, __u32 line, const struct key *k,
				   __u32 *i)
{
	__u32 slots = slots_of(t->family), first = ptable_mark(k->h, slots);

	for (__u32 n = 0; n < slots; n++) {
		*i = (first + n) % slots;
		if (!slot_of(t, line, *i)->what)
			return slot_of(t, line, *i);
	}
	return NULL;
}

/* The store that shows it to packets is the last one. */
static void fill(const struct ptable *t, __u32 line, __u32 i, const struct key *k,
		 const struct ptable_slot *with)
{
	struct ptable_slot *s = slot_of(t, line, i);

	if (t->family == V6)
		for (int j = 0; j < 2; j++)
			__atomic_store_n(&t->lines[line].v6[i].addr[j], k->addr[j],
					 __ATOMIC_RELEASE);
	__atomic_store_n(&s->hits, with->hits, __ATOMIC_RELAXED);
	ptable_set_until(s, with->until);
	__atomic_store_n(&s->what, with->what, __ATOMIC_RELEASE);
}

struct ptable_slot *ptable_put(const struct ptable *t, const struct prefix *p, __u32 rule,
			       __u32 until, __u32 hits)
{
	struct key k = key_of(t, p);
	const struct ptable_slot with = { k.what << PTABLE_RULE_BITS | rule, hits, until };
	__u32 filter = ptable_filter(k.h, t->shape.mask, slots_of(t->family)), n, i, at, line;

	for (n = 0; n < PTABLE_TRIES; n++)
		if (free_in(t, ptable_line(k.h, t->shape.mask, n), &k, &i))
			break;
	if (n == PTABLE_TRIES)
		return NULL;
	line = ptable_line(k.h, t->shape.mask, n);
	at = i;
	for (i = 0; i < 2; i++)
		t->lines[filter].words[ptable_word(k.h, i)] |= ptable_bits(k.h, i);
	while (n--)
		mark_of(t, ptable_line(k.h, t->shape.mask, n), &k)->until |= PTABLE_MARK;
	fill(t, line, at, &k, &with);
	return slot_of(t, line, at);
}

void ptable_erase(struct ptable_slot *slot)
{
	__atomic_store_n(&slot->what, 0, __ATOMIC_SEQ_CST);
}

void ptable_set_until(struct ptable_slot *slot, __u32 until)
{
	__atomic_store_n(&slot->until, (slot->until & PTABLE_MARK) | until, __ATOMIC_RELEASE);
}

size_t ptable_slots(const struct ptable *t)
{
	return t->lines ? (t->shape.mask + (size_t)1) * slots_of(t->family) : 0;
}

struct ptable_slot *ptable_at(const struct ptable *t, size_t i, struct prefix *p)
{
	__u32 slots = slots_of(t->family), line = i / slots;
	struct ptable_slot *s = slot_of(t, line, i % slots);
	const __u64 *addr = t->lines[line].v6[i % slots].addr;

	if (!s->what)
		return NULL;
	*p = (struct prefix){ .family = t->family == V4 ? AF_INET : AF_INET6 };
	if (t->family == V4) {
		p->len = (s->what >> PTABLE_RULE_BITS & 63) - 1;
		p->addr[0] = s->what >> (PTABLE_RULE_BITS + 6);
	} else {
		p->len = (s->what >> PTABLE_RULE_BITS) - 1;
		for (int k = 0; k < 4; k++)
			p->addr[k] = addr[k / 2] >> (k % 2 * 32);
	}
	return s;
}
