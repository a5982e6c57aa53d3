// SPDX-License-Identifier: GPL-2.0
/* A heap, the least count on top, and a hash of where each key is in it. */
#include "viewer/talkers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define HASH  2048 /* a power of two, well above TALKERS_ROOM */
#define EMPTY 0

struct talkers {
	size_t n;
	double total;
	struct talker heap[TALKERS_ROOM];
	__u16 where[HASH]; /* place in the heap + 1, linear probing */
};

struct talkers *talkers_new(void)
{
	return calloc(1, sizeof(struct talkers));
}

void talkers_free(struct talkers *t)
{
	free(t);
}

void talkers_clear(struct talkers *t)
{
	memset(t, 0, sizeof(*t));
}

static size_t hash(const struct talkers_key *k)
{
	__u64 h = k->family + 131 * k->len;

	for (int i = 0; i < 4; i++)
		h = (h ^ k->addr[i]) * 0x9e3779b97f4a7c15ULL;
	return h >> 32 & (HASH - 1);
}

static int same(const struct talkers_key *a, const struct talkers_key *b)
{
	return !memcmp(a, b, sizeof(*a));
}

/* The place in `where` that names @key, or the free one where it would be. */
static size_t slot_of(const struct talkers *t, const struct talkers_key *key)
{
	size_t i = hash(key);

	while (t->where[i] != EMPTY && !same(&t->heap[t->where[i] - 1].key, key))
		i = (i + 1) & (HASH - 1);
	return i;
}

/* Is place @home of a key outside of the run between the hole and it? Then it may move there. */
static int may_move(size_t home, size_t hole, size_t at)
{
	return ((at - home) & (HASH - 1)) >= ((at - hole) & (HASH - 1));
}

static void unhash(struct talkers *t, const struct talkers_key *key)
{
	size_t hole = slot_of(t, key), i = hole;

	for (;;) {
		i = (i + 1) & (HASH - 1);
		if (t->where[i] == EMPTY)
			break;
		if (!may_move(hash(&t->heap[t->where[i] - 1].key), hole, i))
			continue;
		t->where[hole] = t->where[i];
		hole = i;
	}
	t->where[hole] = EMPTY;
}

static void swap(struct talkers *t, size_t a, size_t b)
{
	size_t sa = slot_of(t, &t->heap[a].key), sb = slot_of(t, &t->heap[b].key);
	struct talker keep = t->heap[a];

	t->heap[a] = t->heap[b];
	t->heap[b] = keep;
	t->where[sa] = b + 1;
	t->where[sb] = a + 1;
}

/* It has become more. */
static void down(struct talkers *t, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < t->n; c++)
			if (t->heap[c].count < t->heap[least].count)
				least = c;
		if (least == i)
			return;
		swap(t, i, least);
		i = least;
	}
}

static void up(struct talkers *t, size_t i)
{
	for (; i && t->heap[i].count < t->heap[(i - 1) / 2].count; i = (i - 1) / 2)
		swap(t, i, (i - 1) / 2);
}

static void put_new(struct talkers *t, const struct talkers_key *key)
{
	size_t i = t->n++;

	t->where[slot_of(t, key)] = i + 1;
	t->heap[i] = (struct talker){ .key = *key, .count = 1 };
	up(t, i);
}

/* The least gives way, and what it had is what the new one may have had. */
static void take_least(struct talkers *t, const struct talkers_key *key)
{
	double least = t->heap[0].count;

	unhash(t, &t->heap[0].key);
	t->heap[0] = (struct talker){ .key = { .family = 0 } };
	t->where[slot_of(t, key)] = 1;
	t->heap[0] = (struct talker){ .key = *key, .count = least + 1, .error = least };
	down(t, 0);
}

void talkers_add(struct talkers *t, const struct talkers_key *key)
{
	size_t at = t->where[slot_of(t, key)];

	t->total++;
	if (at != EMPTY) {
		t->heap[at - 1].count++;
		down(t, at - 1);
	} else if (t->n < TALKERS_ROOM) {
		put_new(t, key);
	} else {
		take_least(t, key);
	}
}

void talkers_fade(struct talkers *t, double seconds)
{
	double part = exp2(-seconds / TALKERS_HALF);

	t->total *= part;
	for (size_t i = 0; i < t->n; i++) {
		t->heap[i].count *= part;
		t->heap[i].error *= part;
	}
}

const struct talker *talkers_list(const struct talkers *t, size_t *n)
{
	*n = t->n;
	return t->heap;
}

const struct talker *talkers_find(const struct talkers *t, const struct talkers_key *key)
{
	size_t at = t->where[slot_of(t, key)];

	return at == EMPTY ? NULL : &t->heap[at - 1];
}

double talkers_total(const struct talkers *t)
{
	return t->total;
}

double talkers_least(const struct talkers *t)
{
	return t->n < TALKERS_ROOM ? 0 : t->heap[0].count;
}

double talkers_error(const struct talker *k, double total)
{
	double share = total > 0 ? k->count / total : 0;

	if (share > 1)
		share = 1;
	if (total <= 0)
		return 0;
	return 1.96 * sqrt(share * (1 - share) / total) + k->error / total;
}
