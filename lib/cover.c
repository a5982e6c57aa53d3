// SPDX-License-Identifier: GPL-2.0
#include "lib/cover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "lib/util.h"

#define COVER_BYTES   (BLOCKLIST_COVER_WORDS * sizeof(__u64))
#define LENGTHS_BYTES (FAMILIES * sizeof(struct blocklist_lengths))

static int map_one(void *out, size_t *entries, size_t size,
		   int (*fd)(const void *arg, const char *name), const void *arg, const char *name)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);
	int err = 0, map = fd(arg, name);
	void *p;

	if (map < 0)
		return map;
	if (bpf_obj_get_info_by_fd(map, &info, &len))
		err = -errno;
	p = err ? MAP_FAILED
		: mmap(NULL, info.max_entries * size, PROT_READ | PROT_WRITE, MAP_SHARED, map, 0);
	if (!err && p == MAP_FAILED)
		err = -errno;
	close(map);
	if (err)
		return err;
	*(void **)out = p;
	*entries = info.max_entries;
	return 0;
}

static int map_family(struct cover *c, int family, int (*fd)(const void *arg, const char *name),
		      const void *arg, int writes)
{
	struct ptables *t = &c->tables[family];
	size_t words = 0;
	int err = map_one(&c->bits[family], &words, 8, fd, arg, family == V4 ? "cover4" : "cover6");

	if (!err && words != BLOCKLIST_COVER_WORDS)
		err = -EINVAL;
	if (err)
		return err;
	t->family = family;
	t->lengths = &c->lengths[family];
	t->outer = fd(arg, family == V4 ? "tables4" : "tables6");
	return t->outer < 0 ? t->outer : ptables_open(t, writes);
}

int cover_map(struct cover *c, int (*fd)(const void *arg, const char *name), const void *arg,
	      int writes)
{
	size_t two;
	int err;

	*c = (struct cover){ .tables = { { .outer = -1 }, { .outer = -1 } } };
	err = map_one(&c->lengths, &two, sizeof(struct blocklist_lengths), fd, arg, "lengths");
	for (int i = 0; !err && i < FAMILIES; i++)
		err = map_family(c, i, fd, arg, writes);
	if (err)
		cover_unmap(c);
	return err;
}

void cover_unmap(struct cover *c)
{
	for (int i = 0; i < FAMILIES; i++) {
		if (c->bits[i])
			munmap(c->bits[i], COVER_BYTES);
		ptables_close(&c->tables[i]);
		if (c->lengths)
			fd_close(c->tables[i].outer);
	}
	if (c->lengths)
		munmap(c->lengths, LENGTHS_BYTES);
	*c = (struct cover){ 0 };
}

/* A run of /24s, of a length that is a power of two and aligned to it. */
static void cover4(__u64 *cover, const struct prefix *p)
{
	struct blocklist_cover at = blocklist_cover4(p->addr[0]);
	__u32 count = p->len >= 24 ? 1 : 1u << (24 - p->len);

	if (count < 64)
		cover[at.word] |= ((1ULL << count) - 1) << at.bit;
	else
		memset(&cover[at.word], 0xff, count / 64 * sizeof(*cover));
}

static void cover6(__u64 *cover, const struct prefix *p)
{
	struct blocklist_cover at = blocklist_cover6(p->addr);
	__be32 addr[4] = { 0 };

	if (p->len >= 48) {
		cover[at.word] |= 1ULL << at.bit;
	} else if (p->len < 32 - BLOCKLIST_COVER_BITS) {
		memset(cover, 0xff, COVER_BYTES);
	} else {
		for (__u32 i = 0; i < (p->len >= 32 ? 1 : 1u << (32 - p->len)); i++) {
			addr[0] = pkt_be32(pkt_h32(p->addr[0]) + i);
			cover[blocklist_cover6(addr).word] = ~0ULL;
		}
	}
}

/* Shorter ones move up, the last one first; so each is there all the while. */
static void add_length(struct blocklist_lengths *l, __u32 len)
{
	struct blocklist_length fresh = { .length1 = len + 1 };
	size_t at = 0, end;

	while (l->v[at].length1 > len + 1)
		at++;
	if (l->v[at].length1 == len + 1)
		return;
	for (end = at; l->v[end].length1;)
		end++;
	prefix_mask(len, fresh.mask);
	for (; end > at; end--) {
		struct blocklist_length up = l->v[end - 1];

		memcpy(l->v[end].mask, up.mask, sizeof(up.mask));
		__atomic_store_n(&l->v[end].length1, up.length1, __ATOMIC_RELEASE);
	}
	memcpy(l->v[at].mask, fresh.mask, sizeof(fresh.mask));
	__atomic_store_n(&l->v[at].length1, fresh.length1, __ATOMIC_RELEASE);
	if (l->v[BLOCKLIST_MANY - 1].length1)
		l->many = 1;
}

void cover_add(const struct cover *c, const struct prefix *p)
{
	int family = ptable_family(p);

	if (family == V4)
		cover4(c->bits[V4], p);
	else
		cover6(c->bits[V6], p);
	add_length(&c->lengths[family], p->len);
}

void cover_clear(const struct cover *c, int family)
{
	memset(c->bits[family], 0, COVER_BYTES);
	for (int i = 0; i <= BLOCKLIST_LENGTHS; i++)
		c->lengths[family].v[i].length1 = 0;
	c->lengths[family].many = 0;
}

int cover_anew(const struct cover *c, int family, struct cover *fresh)
{
	*fresh = (struct cover){ .lengths = c->lengths };
	fresh->bits[family] = calloc(1, COVER_BYTES);
	return fresh->bits[family] ? 0 : -ENOMEM;
}

void cover_replace(const struct cover *c, int family, const struct cover *fresh)
{
	__u64 *to = c->bits[family];
	const __u64 *from = fresh->bits[family];

	for (size_t i = 0; i < BLOCKLIST_COVER_WORDS; i++)
		if (to[i] != from[i])
			to[i] = from[i];
}

void cover_free(struct cover *fresh)
{
	for (int i = 0; i < FAMILIES; i++)
		free(fresh->bits[i]);
	*fresh = (struct cover){ 0 };
}
