// SPDX-License-Identifier: GPL-2.0
#include "lib/cover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/stage.h"
#include "lib/util.h"

#define COVER_BYTES   (BLOCKLIST_COVER_WORDS * sizeof(__u64))
#define LENGTHS_BYTES (FAMILIES * sizeof(struct blocklist_lengths))
#define WORD_BITS     64

int cover_size(struct bpf_object *obj, __u32 max)
{
	static const char *const names[] = { "filter4", "filter6" };
	__u32 words = 64, shift = 64 - 6;
	int err = 0;

	while ((__u64)words * WORD_BITS < (__u64)max * BLOCKLIST_FILTER_BITS) {
		words *= 2;
		shift--;
	}
	for (size_t i = 0; !err && i < ARRAY_SIZE(names); i++)
		err = bpf_map__set_max_entries(bpf_object__find_map_by_name(obj, names[i]), words);
	return err ? err : stage_rodata(obj, "prefixes_shift", &shift, sizeof(shift));
}

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

int cover_map(struct cover *c, int (*fd)(const void *arg, const char *name), const void *arg)
{
	struct cover made = { 0 };
	size_t words = 0, filter = 0, two;
	int err = 0;

	for (int i = 0; !err && i < FAMILIES; i++) {
		err = map_one(&made.bits[i], &words, 8, fd, arg, i == V4 ? "cover4" : "cover6");
		if (!err && words != BLOCKLIST_COVER_WORDS)
			err = -EINVAL;
		if (!err)
			err = map_one(&made.filter[i], &filter, 8, fd, arg,
				      i == V4 ? "filter4" : "filter6");
		made.filter_words = filter;
	}
	if (!err)
		err = map_one(&made.lengths, &two, sizeof(struct blocklist_lengths), fd, arg,
			      "lengths");
	if (err)
		cover_unmap(&made);
	else
		*c = made;
	return err;
}

void cover_unmap(struct cover *c)
{
	for (int i = 0; i < FAMILIES; i++) {
		if (c->bits[i])
			munmap(c->bits[i], COVER_BYTES);
		if (c->filter[i])
			munmap(c->filter[i], c->filter_words * sizeof(__u64));
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

static void filter(const struct cover *c, const struct prefix *p)
{
	const struct blocklist_key4 key4 = { p->len, p->addr[0] };
	const struct blocklist_key6 key6 = { p->len,
					     { p->addr[0], p->addr[1], p->addr[2], p->addr[3] } };
	int family = cover_family(p), shift = 64 - __builtin_ctz(c->filter_words);
	__u64 h = family == V4 ? blocklist_hash4(&key4) : blocklist_hash6(&key6);

	c->filter[family][h >> shift] |= 1ULL << (h >> (shift - 6) & 63);
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
}

void cover_add(const struct cover *c, const struct prefix *p)
{
	int family = cover_family(p);

	if (family == V4)
		cover4(c->bits[V4], p);
	else
		cover6(c->bits[V6], p);
	filter(c, p);
	if (c->lengths)
		add_length(&c->lengths[family], p->len);
}

void cover_clear(const struct cover *c, int family)
{
	memset(c->bits[family], 0, COVER_BYTES);
	memset(c->filter[family], 0, c->filter_words * sizeof(__u64));
	for (int i = 0; i <= BLOCKLIST_LENGTHS; i++)
		c->lengths[family].v[i].length1 = 0;
}

int cover_anew(const struct cover *c, int family, struct cover *fresh)
{
	*fresh = (struct cover){ .filter_words = c->filter_words };
	fresh->bits[family] = calloc(1, COVER_BYTES);
	fresh->filter[family] = calloc(c->filter_words, sizeof(__u64));
	if (fresh->bits[family] && fresh->filter[family])
		return 0;
	cover_free(fresh);
	return -ENOMEM;
}

static void replace(__u64 *to, const __u64 *from, size_t words)
{
	for (size_t i = 0; i < words; i++)
		if (to[i] != from[i])
			to[i] = from[i];
}

void cover_replace(const struct cover *c, int family, const struct cover *fresh)
{
	replace(c->bits[family], fresh->bits[family], BLOCKLIST_COVER_WORDS);
	replace(c->filter[family], fresh->filter[family], c->filter_words);
}

void cover_free(struct cover *fresh)
{
	for (int i = 0; i < FAMILIES; i++) {
		free(fresh->bits[i]);
		free(fresh->filter[i]);
	}
	*fresh = (struct cover){ 0 };
}
