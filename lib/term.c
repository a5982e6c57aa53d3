// SPDX-License-Identifier: GPL-2.0
#include "lib/term.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#define TABLE_MIN 1024

static __u32 term_hash(const struct term *p)
{
	__u32 h = p->kind | p->size << 8 | p->op << 16;

	h = (h ^ p->k) * 0x9e3779b1u;
	h = (h ^ h >> 15 ^ p->a) * 0x9e3779b1u;
	h = (h ^ h >> 15 ^ p->b) * 0x9e3779b1u;
	return h ^ h >> 15;
}

static bool term_same(const struct term *x, const struct term *y)
{
	return x->kind == y->kind && x->size == y->size && x->op == y->op && x->k == y->k &&
	       x->a == y->a && x->b == y->b;
}

static __u32 *term_place(const struct terms *t, const struct term *p)
{
	__u32 i = term_hash(p);

	while (t->table[i & (t->table_size - 1)] &&
	       !term_same(&t->v[t->table[i & (t->table_size - 1)]], p))
		i++;
	return &t->table[i & (t->table_size - 1)];
}

/* Twice the room, and the table anew. */
static int terms_grow(struct terms *t)
{
	__u32 room = t->room ? 2 * t->room : TABLE_MIN / 2;
	struct term *v = realloc(t->v, room * sizeof(*v));
	__u32 *table;

	if (!v)
		return -ENOMEM;
	t->v = v;
	table = calloc(2 * room, sizeof(*table));
	if (!table)
		return -ENOMEM;
	free(t->table);
	t->table = table;
	t->table_size = 2 * room;
	t->room = room;
	if (!t->count)
		t->v[t->count++] = (struct term){ 0 };
	for (__u32 i = 1; i < t->count; i++)
		*term_place(t, &t->v[i]) = i;
	return 0;
}

static __u32 term_keep(struct terms *t, struct term p)
{
	__u32 *place;

	if (!t->err && t->count + 1 >= t->room)
		t->err = terms_grow(t);
	if (t->err)
		return TERM_NONE;
	place = term_place(t, &p);
	if (!*place) {
		*place = t->count;
		t->v[t->count++] = p;
	}
	return *place;
}

__u32 term_const(struct terms *t, __u32 k)
{
	return term_keep(t, (struct term){ .kind = TERM_CONST, .k = k });
}

__u32 term_len(struct terms *t)
{
	return term_keep(t, (struct term){ .kind = TERM_LEN });
}

static __u8 term_depth(const struct terms *t, __u32 a, __u32 b)
{
	__u32 x = t->err ? 0 : t->v[a].depth, y = t->err ? 0 : t->v[b].depth;
	__u32 depth = 1 + (x > y ? x : y);

	return depth < TERM_DEPTH_MAX ? depth : TERM_DEPTH_MAX;
}

__u32 term_load(struct terms *t, __u32 size, __u32 base, __u32 k)
{
	__u8 depth = base ? term_depth(t, base, TERM_NONE) : 0;

	return term_keep(
		t, (struct term){
			   .kind = TERM_LOAD, .size = size, .depth = depth, .k = k, .a = base });
}

bool term_is_const(const struct terms *t, __u32 term, __u32 *k)
{
	if (t->err || t->v[term].kind != TERM_CONST)
		return false;
	*k = t->v[term].k;
	return true;
}

static __u32 compute(__u8 op, __u32 x, __u32 y)
{
	switch (op) {
	case BPF_ADD:
		return x + y;
	case BPF_SUB:
		return x - y;
	case BPF_MUL:
		return x * y;
	case BPF_DIV:
		return y ? x / y : 0;
	case BPF_MOD:
		return y ? x % y : 0;
	case BPF_AND:
		return x & y;
	case BPF_OR:
		return x | y;
	case BPF_XOR:
		return x ^ y;
	case BPF_LSH:
		return y < 32 ? x << y : 0;
	case BPF_RSH:
		return y < 32 ? x >> y : 0;
	}
	return -x;
}

__u32 term_op(struct terms *t, __u8 op, __u32 a, __u32 b)
{
	__u32 x, y;
	bool known = term_is_const(t, b, &y);

	if (op == BPF_NEG) {
		b = TERM_NONE;
		known = true;
		y = 0;
	}
	if (known && term_is_const(t, a, &x))
		return term_const(t, compute(op, x, y));
	if (known && (op == BPF_LSH || op == BPF_RSH) && y >= 32)
		return term_const(t, 0);
	return term_keep(
		t,
		(struct term){
			.kind = TERM_OP, .op = op, .depth = term_depth(t, a, b), .a = a, .b = b });
}

void terms_free(struct terms *t)
{
	free(t->v);
	free(t->table);
	*t = (struct terms){ 0 };
}

static __u32 *reach_of(struct term_reach *r, __u32 base)
{
	if (!base)
		return &r->end;
	for (__u32 i = 0; i < r->count; i++)
		if (r->bases[i].base == base)
			return &r->bases[i].end;
	if (r->count == TERM_BASES)
		return NULL;
	r->bases[r->count].base = base;
	r->bases[r->count].end = 0;
	return &r->bases[r->count++].end;
}

bool term_reach_has(const struct term_reach *r, const struct terms *t, __u32 load)
{
	const struct term *p = &t->v[load];

	if (!p->a)
		return p->k + p->size <= r->end;
	for (__u32 i = 0; i < r->count; i++)
		if (r->bases[i].base == p->a)
			return p->k + p->size <= r->bases[i].end;
	return false;
}

void term_reach_add(struct term_reach *r, const struct terms *t, __u32 term)
{
	const struct term *p = &t->v[term];
	__u32 *end;

	if (p->kind == TERM_OP) {
		term_reach_add(r, t, p->a);
		if (p->b)
			term_reach_add(r, t, p->b);
	} else if (p->kind == TERM_LOAD) {
		if (p->a)
			term_reach_add(r, t, p->a);
		end = reach_of(r, p->a);
		if (end && *end < p->k + p->size)
			*end = p->k + p->size;
	}
}
