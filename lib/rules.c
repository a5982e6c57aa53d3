// SPDX-License-Identifier: GPL-2.0
#include "lib/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "lib/blocklist.h"
#include "lib/ratelimit.h"
#include "lib/stage.h"
#include "lib/util.h"

/* --- any stage -------------------------------------------------------------------------------- */

/* Maps of one; -1: it has none of that name. */
struct source {
	const struct chain *c;
	int rules, hits, places;
	int hash;      /* hits: a rule that was never hit may be missing */
	__u32 words;   /* of a value of hits; the first is the packets */
	__u64 *values; /* of one counter, a CPU each */
};

/* A map with keys of 4 bytes, and what it is; anything else is not meant for us. */
static int open_map(const struct chain *c, __u32 slot, const char *name, struct bpf_map_info *info)
{
	__u32 len = sizeof(*info);
	int fd = stage_map(c, slot, name);

	memset(info, 0, sizeof(*info));
	if (fd < 0 || (!bpf_obj_get_info_by_fd(fd, info, &len) && info->key_size == 4))
		return fd;
	close(fd);
	return -ENOENT;
}

static int open_rules(const struct chain *c, __u32 slot)
{
	struct bpf_map_info info;
	int fd = open_map(c, slot, "rules", &info);

	if (fd < 0 ||
	    (info.type == BPF_MAP_TYPE_HASH && info.value_size == sizeof(struct chain_rule)))
		return fd;
	close(fd);
	return -ENOENT;
}

/* Counters by CPU: a number of packets, or packets and bytes. */
static void open_hits(struct source *s, __u32 slot)
{
	struct bpf_map_info info;

	s->hits = open_map(s->c, slot, "hits", &info);
	s->words = info.value_size / sizeof(__u64);
	s->hash = info.type == BPF_MAP_TYPE_PERCPU_HASH;
	if (s->hits >= 0 &&
	    ((info.type != BPF_MAP_TYPE_PERCPU_ARRAY && !s->hash) ||
	     (info.value_size != sizeof(__u64) && info.value_size != sizeof(struct chain_count)))) {
		close(s->hits);
		s->hits = -1;
	}
	s->places = open_map(s->c, slot, "places", &info);
	if (s->places >= 0 && info.value_size != sizeof(__u32)) {
		close(s->places);
		s->places = -1;
	}
}

static int id_compare(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* The ids of all rules, sorted; how many, or -errno. */
static int read_ids(int rules, __u32 **out)
{
	__u32 *ids = NULL, *v, id, count = 0, room = 0;
	int err = bpf_map_get_next_key(rules, NULL, &id);

	for (; !err; err = bpf_map_get_next_key(rules, &id, &id)) {
		if (count == room) {
			room = room ? 2 * room : 256;
			v = realloc(ids, room * sizeof(*v));
			if (!v) {
				free(ids);
				return -ENOMEM;
			}
			ids = v;
		}
		ids[count++] = id;
	}
	if (count)
		qsort(ids, count, sizeof(*ids), id_compare);
	*out = ids;
	return count;
}

static int count_hits(const struct source *s, __u32 id, __u64 *packets)
{
	__u32 at = id;

	*packets = 0;
	if (s->hits < 0 || (s->places >= 0 && bpf_map_lookup_elem(s->places, &id, &at)))
		return 0;
	if (bpf_map_lookup_elem(s->hits, &at, s->values))
		return s->hash;
	for (int cpu = 0; cpu < s->c->ncpus; cpu++)
		*packets += s->values[cpu * s->words];
	return 1;
}

static int each_of(const struct source *s, struct rules_item *item, rules_fn *fn, void *arg)
{
	__u32 *ids = NULL;
	int count = read_ids(s->rules, &ids), err = count < 0 ? count : 0;

	for (int i = 0; !err && i < count; i++) {
		item->id = ids[i];
		if (bpf_map_lookup_elem(s->rules, &item->id, &item->rule))
			continue; /* it was removed, this moment */
		item->counted = count_hits(s, item->id, &item->packets);
		err = fn(item, arg);
	}
	free(ids);
	return err;
}

static int each_any(const struct chain *c, struct rules_item *item, rules_fn *fn, void *arg,
		    struct fail *f)
{
	struct source s = { .c = c };
	int err = 0;

	s.rules = open_rules(c, item->slot);
	if (s.rules < 0)
		return s.rules == -ENOENT ? 0 : fail_errno(f, -s.rules, item->stage->name);
	open_hits(&s, item->slot);
	s.values = calloc(c->ncpus, sizeof(struct chain_count));
	err = s.values ? each_of(&s, item, fn, arg) : -ENOMEM;
	if (err == -ENOMEM)
		fail_errno(f, ENOMEM, item->stage->name);
	free(s.values);
	fd_close(s.rules);
	fd_close(s.hits);
	fd_close(s.places);
	return err;
}

/* --- those that count otherwise --------------------------------------------------------------- */

struct listed {
	const struct blocklist *list;
	struct rules_item *item;
	rules_fn *fn;
	void *arg;
};

static int each_prefix(const struct blocklist_item *it, void *arg)
{
	struct listed *l = arg;
	struct rules_item *item = l->item;

	item->id = it->rule;
	item->packets = it->hits;
	item->expires_ns = it->expires_ns;
	item->counted = 1;
	if (blocklist_rule(l->list, it->rule, &item->rule))
		item->rule = (struct chain_rule){ 0 };
	return l->fn(item, l->arg);
}

static int each_blocked(const struct chain *c, struct rules_item *item, rules_fn *fn, void *arg,
			struct fail *f)
{
	struct listed l = { .item = item, .fn = fn, .arg = arg };
	struct blocklist *list;
	int err = blocklist_open(c, item->slot, &list, f);

	if (err)
		return err;
	l.list = list;
	err = blocklist_each(list, each_prefix, &l, f);
	blocklist_close(list);
	return err;
}

/* What the one reason of a ratelimit was given for is what its one rule dropped. */
static int limited(const struct chain *c, __u32 slot, __u64 *packets)
{
	struct chain_totals *t = malloc(sizeof(*t));
	struct ratelimit limit;
	int is = t && !ratelimit_get(c, slot, &limit) && !chain_totals(c, t);

	if (is)
		*packets = t->reasons[slot][1].packets;
	free(t);
	return is;
}

struct limited {
	rules_fn *fn;
	void *arg;
	__u64 packets;
};

static int each_limited(const struct rules_item *item, void *arg)
{
	const struct limited *l = arg;
	struct rules_item counted = *item;

	counted.counted = 1;
	counted.packets = l->packets;
	return l->fn(&counted, l->arg);
}

/* --- all -------------------------------------------------------------------------------------- */

/* A list where each prefix is a rule. */
static int is_list(const struct chain *c, __u32 slot)
{
	int prefixes = stage_map(c, slot, "prefixes4"), state = stage_map(c, slot, "state");

	fd_close(prefixes);
	fd_close(state);
	return prefixes >= 0 && state >= 0;
}

int rules_each(const struct chain *c, __u32 slot, rules_fn *fn, void *arg, struct fail *f)
{
	struct limited l = { .fn = fn, .arg = arg };
	struct chain_stage stage;
	struct rules_item item = { .slot = slot, .stage = &stage };
	int err = chain_stage(c, slot, &stage);

	if (err)
		return err == -ENOENT ? fail_set(f, ENOENT, "%s: slot %u is empty", c->ifname, slot)
				      : fail_errno(f, -err, c->ifname);
	if (is_list(c, slot))
		return each_blocked(c, &item, fn, arg, f);
	if (limited(c, slot, &l.packets))
		return each_any(c, &item, each_limited, &l, f);
	return each_any(c, &item, fn, arg, f);
}

int rules_each_slot(const struct chain *c, rules_fn *fn, void *arg, struct fail *f)
{
	int err = 0;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; !err && slot < CHAIN_SLOTS; slot++) {
		struct chain_stage stage;

		if (!chain_stage(c, slot, &stage))
			err = rules_each(c, slot, fn, arg, f);
	}
	return err;
}
