// SPDX-License-Identifier: GPL-2.0
/* blocklist_scan - passes over the whole list. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "lib/blocklist_int.h"
#include "lib/util.h"

#define BATCH 4096 /* entries a system call */

/* Things to remove when a pass is over. */
struct victims {
	struct victim {
		struct prefix prefix;
		__u32 rule;
	} * v;
	size_t count, room;
};

static int victim_add(struct victims *list, const struct prefix *p, __u32 rule)
{
	struct victim *v;

	if (list->count == list->room) {
		list->room = list->room ? 2 * list->room : 64;
		v = realloc(list->v, list->room * sizeof(*v));
		if (!v)
			return -ENOMEM;
		list->v = v;
	}
	list->v[list->count].rule = rule;
	if (p)
		list->v[list->count].prefix = *p;
	list->count++;
	return 0;
}

struct batch {
	void *keys;
	struct blocklist_entry *entries;
	__u32 key_size, count;
	int family;
	int (*fn)(const struct prefix *p, const struct blocklist_entry *e, void *arg);
	void *arg;
};

static int batch_hand_out(const struct batch *t)
{
	int err = 0;

	for (__u32 i = 0; !err && i < t->count; i++) {
		const char *key = (const char *)t->keys + (size_t)i * t->key_size;
		struct prefix p = { .family = t->family == V4 ? AF_INET : AF_INET6 };

		memcpy(&p.len, key, sizeof(p.len));
		memcpy(p.addr, key + sizeof(p.len), t->key_size - sizeof(p.len));
		err = t->fn(&p, &t->entries[i], t->arg);
	}
	return err;
}

static int scan_failed(const struct blocklist *b, int err, struct fail *f)
{
	return fail_set(f, err, "%s: blocklist: %s", b->ifname, strerror(err));
}

int blocklist_scan(struct blocklist *b, int family,
		   int (*fn)(const struct prefix *p, const struct blocklist_entry *e, void *arg),
		   void *arg, struct fail *f)
{
	struct batch t = { .family = family, .fn = fn, .arg = arg };
	struct blocklist_key at, next;
	int err = 0, last = 0;

	t.key_size = family == V4 ? sizeof(struct blocklist_key4) : sizeof(struct blocklist_key6);
	t.keys = calloc(BATCH, t.key_size);
	t.entries = calloc(BATCH, sizeof(*t.entries));
	if (!t.keys || !t.entries)
		err = scan_failed(b, ENOMEM, f);
	for (int first = 1; !err && !last; first = 0) {
		t.count = BATCH;
		if (bpf_map_lookup_batch(b->prefixes[family], first ? NULL : &at, &next, t.keys,
					 t.entries, &t.count, NULL)) {
			last = errno == ENOENT; /* these are the last ones */
			if (!last)
				err = scan_failed(b, errno, f);
		}
		at = next;
		if (!err)
			err = batch_hand_out(&t);
	}
	free(t.keys);
	free(t.entries);
	return err;
}

struct tidy {
	struct victims expired;
	__u64 now, next_expiry;
	struct cover cover;
	struct ptables_fresh table;
	__u32 count;
};

static int tidy_one(const struct prefix *p, const struct blocklist_entry *e, void *arg)
{
	struct tidy *t = arg;

	/* What is configured stays, so that it does not begin again when that is read again. */
	if (e->owner == BLOCKLIST_RUN && ptable_is_over(e->expires_ns, t->now))
		return victim_add(&t->expired, p, e->rule);
	if (e->owner == BLOCKLIST_RUN && e->expires_ns &&
	    (!t->next_expiry || e->expires_ns < t->next_expiry))
		t->next_expiry = e->expires_ns;
	t->count++;
	cover_add(&t->cover, p);
	return ptables_add(&t->table, p, e->rule, ptable_until(e->expires_ns));
}

static int tidy_family(struct blocklist *b, int family, struct tidy *t, struct fail *f)
{
	int err = cover_anew(&b->cover, family, &t->cover);

	t->count = t->expired.count = 0;
	if (!err)
		err = ptables_begin(&b->cover.tables[family], *blocklist_count(b, family),
				    &t->table);
	if (!err)
		err = blocklist_scan(b, family, tidy_one, t, f);
	if (!err)
		err = ptables_switch(&t->table);
	ptables_drop(&t->table);
	if (!err) /* it may be wrong: a writer was killed */
		*blocklist_count(b, family) = t->count + t->expired.count;
	for (size_t i = 0; !err && i < t->expired.count; i++)
		err = blocklist_drop(b, &t->expired.v[i].prefix, t->expired.v[i].rule);
	if (!err)
		cover_replace(&b->cover, family, &t->cover);
	cover_free(&t->cover);
	return err ? scan_failed(b, -err, f) : 0;
}

int blocklist_tidy(struct blocklist *b, struct fail *f)
{
	struct tidy t = { .now = now_ns() };
	int err = tidy_family(b, V4, &t, f);

	if (!err)
		err = tidy_family(b, V6, &t, f);
	if (!err) {
		b->st.next_expiry_ns = t.next_expiry;
		b->st.stale = 0;
	}
	free(t.expired.v);
	return err;
}

static int is_orphan(const struct blocklist *b, __u32 rule, const struct chain_rule *r)
{
	struct blocklist_entry e;
	struct prefix p;

	return prefix_parse(r->text, &p, NULL) || blocklist_exact(b, &p, &e) || e.rule != rule;
}

static int look_at_rule(struct blocklist *b, __u32 rule, const struct chain_rule *r,
			struct victims *orphans)
{
	if (rule >= b->st.next_slow) /* the writer was killed before it could say */
		b->st.next_slow = rule < PTABLE_RULE_MAX ? rule + 1 : rule;
	return is_orphan(b, rule, r) ? victim_add(orphans, NULL, rule) : 0;
}

static int find_orphans(struct blocklist *b, __u32 *ids, struct chain_rule *rules,
			struct victims *orphans)
{
	__u32 at = 0, next = 0, count;
	int err = 0, last = 0;

	for (int first = 1; !err && !last; first = 0) {
		count = BATCH;
		if (bpf_map_lookup_batch(b->rules, first ? NULL : &at, &next, ids, rules, &count,
					 NULL)) {
			last = errno == ENOENT;
			if (!last)
				err = -errno;
		}
		at = next;
		for (__u32 i = 0; !err && i < count; i++)
			err = look_at_rule(b, ids[i], &rules[i], orphans);
	}
	return err;
}

int blocklist_mend(struct blocklist *b, struct fail *f)
{
	struct chain_rule *rules = calloc(BATCH, sizeof(*rules));
	__u32 *ids = calloc(BATCH, sizeof(*ids));
	struct victims orphans = { 0 };
	int err = rules && ids ? find_orphans(b, ids, rules, &orphans) : -ENOMEM;

	for (size_t i = 0; i < orphans.count; i++)
		bpf_map_delete_elem(b->rules, &orphans.v[i].rule);
	free(orphans.v);
	free(rules);
	free(ids);
	return err ? scan_failed(b, -err, f) : 0;
}

/* All of a family that hold now, in order. */
struct each {
	struct blocklist_item *items;
	size_t count, room;
	struct blocklist *b;
	__u64 now;
};

static int each_one(const struct prefix *p, const struct blocklist_entry *e, void *arg)
{
	struct each *each = arg;
	struct blocklist_item *item;

	if (ptable_is_over(e->expires_ns, each->now))
		return 0;
	if (each->count == each->room) {
		each->room = each->room ? 2 * each->room : 64;
		item = realloc(each->items, each->room * sizeof(*item));
		if (!item)
			return -ENOMEM;
		each->items = item;
	}
	item = &each->items[each->count++];
	*item = (struct blocklist_item){
		.prefix = *p, .expires_ns = e->expires_ns, .rule = e->rule, .owner = e->owner
	};
	item->hits = blocklist_hits(each->b, p, e);
	return 0;
}

static int by_prefix(const void *a, const void *b)
{
	const struct blocklist_item *x = a, *y = b;

	return prefix_cmp(&x->prefix, &y->prefix);
}

int blocklist_each(struct blocklist *b, int (*fn)(const struct blocklist_item *item, void *arg),
		   void *arg, struct fail *f)
{
	struct each each = { .b = b, .now = now_ns() };
	int err = 0;

	for (int family = V4; !err && family < FAMILIES; family++) {
		each.count = 0;
		err = blocklist_scan(b, family, each_one, &each, f);
		if (err == -ENOMEM)
			err = scan_failed(b, ENOMEM, f);
		if (!err && each.count)
			qsort(each.items, each.count, sizeof(*each.items), by_prefix);
		for (size_t i = 0; !err && i < each.count; i++)
			err = fn(&each.items[i], arg);
	}
	free(each.items);
	return err;
}
