// SPDX-License-Identifier: GPL-2.0
#include "lib/maglev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RING_MAX 65537

/* A node's walk over the ring: its own order of all entries, by a start and a step. */
struct walk {
	uint32_t at, step;
	uint32_t turns; /* that it had */
	uint32_t next;	/* node of the same round, or NONE */
};

#define NONE UINT32_MAX

struct turns {
	const struct maglev_node *nodes;
	uint32_t max; /* the heaviest weight */
	uint32_t size;
	/* By round, the nodes that have a turn in it, by walk.next; first NONE: nobody. */
	uint32_t first[RING_MAX], last[RING_MAX];
	unsigned char taken[RING_MAX]; /* 1: that entry of the ring is */
	struct walk walks[];	       /* by node */
};

/* The finaliser of splitmix64. */
static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

uint64_t maglev_key(const void *bytes, size_t len)
{
	const unsigned char *p = bytes;
	uint64_t h = 0xcbf29ce484222325ULL; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	return mix(h);
}

static int by_key(const void *a, const void *b)
{
	const struct maglev_node *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* The heaviest weight; 0 if the nodes are not valid. */
static uint32_t heaviest(const struct maglev_node *nodes, size_t count)
{
	uint32_t max = 0;

	for (size_t i = 0; i < count; i++) {
		if (!nodes[i].weight || (i && nodes[i].key == nodes[i - 1].key))
			return 0;
		if (nodes[i].weight > max)
			max = nodes[i].weight;
	}
	return max;
}

static uint32_t ahead(uint32_t at, uint32_t step, uint32_t size)
{
	at += step;
	return at >= size ? at - size : at;
}

/*
 * The heaviest has a turn in each round, the others in as many as their weight is of its, spread
 * evenly: so shares are as the weights at any time, and not whole runs of a heavy one at a time.
 */
static void schedule(struct turns *t, uint32_t i)
{
	struct walk *w = &t->walks[i];
	uint64_t round = ((uint64_t)w->turns * t->max + t->max / 2) / t->nodes[i].weight;

	w->turns++;
	if (round >= t->size)
		return; /* the ring is full by then */
	w->next = NONE;
	if (t->first[round] == NONE)
		t->first[round] = i;
	else
		t->walks[t->last[round]].next = i;
	t->last[round] = i;
}

/* In its turn a node takes the first entry of its walk that is free; until @left are taken. */
static void fill(struct turns *t, uint16_t *ring, uint32_t left)
{
	uint32_t next;

	for (uint32_t round = 0; left; round++)
		for (uint32_t i = t->first[round]; i != NONE && left; i = next, left--) {
			struct walk *w = &t->walks[i];

			next = w->next;
			while (t->taken[w->at])
				w->at = ahead(w->at, w->step, t->size);
			t->taken[w->at] = 1;
			ring[w->at] = t->nodes[i].value;
			schedule(t, i);
		}
}

/*
 * The last free entries, at most one a node, become copies of others that only their own place
 * decides. Were they taken in turns, walks to them would be long, and cross all others when a node
 * comes or goes: of 1000 nodes, a fifth of the entries that change without need are theirs.
 */
static void copy_rest(const struct turns *t, uint16_t *ring)
{
	for (uint32_t i = 0; i < t->size; i++) {
		uint32_t at = i, step = mix(i) % (t->size - 1) + 1;

		while (!t->taken[at])
			at = ahead(at, step, t->size);
		ring[i] = ring[at];
	}
}

static void start(struct turns *t, size_t count)
{
	memset(t->first, 0xff, sizeof(t->first));
	memset(t->taken, 0, sizeof(t->taken));
	for (size_t i = 0; i < count; i++) {
		uint64_t h = mix(t->nodes[i].key + 0x9e3779b97f4a7c15ULL);

		t->walks[i].at = (uint32_t)h % t->size;
		t->walks[i].turns = 0;
		t->walks[i].step = (h >> 32) % (t->size - 1) + 1;
		schedule(t, i);
	}
}

int maglev_build(struct maglev_node *nodes, size_t count, uint16_t *ring, uint32_t size)
{
	size_t rest = count < size / 200 ? count : size / 200;
	struct turns *t;
	uint32_t max;

	if (size < 2 || size > RING_MAX || count >= size || count > UINT16_MAX)
		return -EINVAL;
	if (!count) {
		memset(ring, 0, size * sizeof(*ring));
		return 0;
	}
	qsort(nodes, count, sizeof(*nodes), by_key);
	max = heaviest(nodes, count);
	if (!max)
		return -EINVAL;
	t = malloc(sizeof(*t) + count * sizeof(*t->walks));
	if (!t)
		return -ENOMEM;
	t->nodes = nodes;
	t->max = max;
	t->size = size;
	start(t, count);
	fill(t, ring, size - rest);
	copy_rest(t, ring);
	free(t);
	return 0;
}
