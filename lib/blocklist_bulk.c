// SPDX-License-Identifier: GPL-2.0
/* blocklist_bulk - add many prefixes, with a system call for thousands of them. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "lib/blocklist_int.h"

#define BATCH 4096 /* prefixes a system call */

struct bulk {
	const struct prefix **prefixes;
	struct chain_rule *rules;
	struct blocklist_entry *entries;
	__u32 *ids;
	char *keys; /* key_size each */
	size_t key_size;
	__u32 count;
	int family;
};

static void bulk_free(struct bulk *k)
{
	free(k->prefixes);
	free(k->rules);
	free(k->entries);
	free(k->ids);
	free(k->keys);
}

static int bulk_make(struct bulk *k)
{
	k->prefixes = calloc(BATCH, sizeof(*k->prefixes));
	k->rules = calloc(BATCH, sizeof(*k->rules));
	k->entries = calloc(BATCH, sizeof(*k->entries));
	k->ids = calloc(BATCH, sizeof(*k->ids));
	k->keys = calloc(BATCH, sizeof(struct blocklist_key));
	return k->prefixes && k->rules && k->entries && k->ids && k->keys ? 0 : -ENOMEM;
}

static void bulk_push(struct bulk *k, struct blocklist *b, const struct prefix *p,
		      const struct blocklist_want *want)
{
	struct blocklist_key key = blocklist_key(p);

	if (b->st.next_slow < BLOCKLIST_FAST)
		b->st.next_slow = BLOCKLIST_FAST;
	k->prefixes[k->count] = p;
	k->ids[k->count] = b->st.next_slow++;
	blocklist_new_rule(&k->rules[k->count], p, want->note);
	k->entries[k->count] = (struct blocklist_entry){ .expires_ns = want->expires_ns,
							 .rule = k->ids[k->count],
							 .owner = blocklist_owner(want) };
	memcpy(k->keys + k->count * k->key_size, &key, k->key_size);
	k->count++;
}

/* The first @count of the batch into the table; how many are, or -errno in @err. */
static __u32 bulk_show(struct bulk *k, struct blocklist *b, __u32 count, int *err)
{
	__u32 until = count ? ptable_until(k->entries[0].expires_ns) : 0, i;
	int failed = 0;

	for (i = 0; i < count; i++) {
		cover_add(&b->cover, k->prefixes[i]);
		failed = ptables_put(&b->cover.tables[k->family], k->prefixes[i], k->ids[i], until);
		if (failed)
			break;
	}
	for (__u32 j = i; j < count; j++)
		bpf_map_delete_elem(b->prefixes[k->family], k->keys + j * k->key_size);
	*err = failed ? failed : *err;
	return i;
}

/* Rules first, as in blocklist_add(). @done: how many of the batch are in the list. */
static int bulk_flush(struct bulk *k, struct blocklist *b, __u32 *done)
{
	__u32 claimed = k->count, entered = k->count, shown;
	int err;

	*done = 0;
	if (!k->count)
		return 0;
	err = ptables_reserve(&b->cover.tables[k->family],
			      *blocklist_count(b, k->family) + k->count);
	if (err)
		return err;
	if (bpf_map_update_batch(b->rules, k->ids, k->rules, &claimed, NULL))
		err = -errno;
	if (err)
		entered = claimed;
	if (entered &&
	    bpf_map_update_batch(b->prefixes[k->family], k->keys, k->entries, &entered, NULL))
		err = -errno;
	shown = bulk_show(k, b, entered, &err);
	for (__u32 i = shown; i < claimed; i++)
		bpf_map_delete_elem(b->rules, &k->ids[i]);
	*blocklist_count(b, k->family) += shown;
	*done = shown;
	k->count = 0;
	return err;
}

/*
 * New ids of rules that count in their entry: all from next_slow on are free.
 * Ids that count a CPU are few, and each must be looked for.
 */
static int can_batch(const struct blocklist *b)
{
	return b->fast_full && b->st.next_slow < PTABLE_RULE_MAX - BATCH;
}

static int add_family(struct blocklist *b, struct bulk *k, const struct prefix *v, size_t count,
		      const struct blocklist_want *want, struct blocklist_added *sum,
		      struct fail *f)
{
	int empty = !*blocklist_count(b, k->family), err = 0;
	struct blocklist_entry e;
	struct blocklist_size size;
	__u32 rule, done;

	if (empty && count &&
	    !blocklist_size(b, &size)) /* one table at once, and none for a failure */
		err = ptables_reserve(&b->cover.tables[k->family],
				      count < size.max ? count : size.max);
	if (err)
		return blocklist_failed(b, v, err, f);
	for (size_t i = 0; i <= count; i++) {
		if (i == count || k->count == BATCH) {
			err = bulk_flush(k, b, &done);
			sum->added += done;
			if (err)
				return blocklist_failed(b, k->prefixes[done], err, f);
		}
		if (i == count)
			break;
		if (can_batch(b) && (empty || blocklist_exact(b, &v[i], &e) == -ENOENT)) {
			bulk_push(k, b, &v[i], want);
			continue;
		}
		err = blocklist_add(b, &v[i], want, &rule, f);
		if (err < 0)
			return err;
		sum->added += err;
		sum->updated += !err;
	}
	return 0;
}

int blocklist_add_many(struct blocklist *b, const struct prefix *v, size_t count,
		       const struct blocklist_want *want, struct blocklist_added *sum,
		       struct fail *f)
{
	struct bulk k = { .key_size = sizeof(struct blocklist_key4) };
	size_t n4 = 0;
	int err = bulk_make(&k);

	*sum = (struct blocklist_added){ 0 };
	while (n4 < count && ptable_family(&v[n4]) == V4)
		n4++;
	if (err) {
		fail_set(f, -err, "%s: out of memory", b->ifname);
	} else {
		if (blocklist_owner(want) == BLOCKLIST_RUN)
			blocklist_expires(b, want->expires_ns);
		b->st.configured = 0;
		err = add_family(b, &k, v, n4, want, sum, f);
	}
	if (!err) {
		k.family = V6;
		k.key_size = sizeof(struct blocklist_key6);
		err = add_family(b, &k, v + n4, count - n4, want, sum, f);
	}
	bulk_free(&k);
	return err;
}
