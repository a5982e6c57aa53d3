// SPDX-License-Identifier: GPL-2.0
#include "lib/rules.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "lib/blocklist.h"
#include "lib/stage.h"
#include "lib/util.h"

/* The maps of a stage, -1 where it has none. */
struct reader {
	const struct chain *chain;
	int rules, hits, places;
	__u32 places_of; /* entries of `hits` */
	__u64 *by_cpu;
};

static void reader_close(struct reader *r)
{
	fd_close(r->rules);
	fd_close(r->hits);
	fd_close(r->places);
	free(r->by_cpu);
}

static int is_counter(int fd, __u32 *entries)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))
		return 0;
	*entries = info.max_entries;
	return info.type == BPF_MAP_TYPE_PERCPU_ARRAY && info.value_size == sizeof(__u64);
}

static int reader_open(struct reader *r, const struct chain *c, __u32 slot)
{
	*r = (struct reader){
		.chain = c, .rules = stage_map(c, slot, "rules"), .hits = -1, .places = -1
	};
	if (r->rules < 0)
		return r->rules;
	r->hits = stage_map(c, slot, "hits");
	if (!is_counter(r->hits, &r->places_of)) {
		fd_close(r->hits);
		r->hits = -1;
	}
	r->places = stage_map(c, slot, "places");
	r->by_cpu = calloc(c->ncpus, sizeof(*r->by_cpu));
	return r->by_cpu ? 0 : -ENOMEM;
}

static int count(const struct reader *r, __u32 id, __u64 *packets)
{
	__u32 at = id;

	*packets = 0;
	if (r->hits < 0)
		return 0;
	if (r->places >= 0 && bpf_map_lookup_elem(r->places, &id, &at))
		return 0;
	if (at >= r->places_of || bpf_map_lookup_elem(r->hits, &at, r->by_cpu))
		return 0;
	for (int i = 0; i < r->chain->ncpus; i++)
		*packets += r->by_cpu[i];
	return 1;
}

static int by_id(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* All ids of the map, ascending. Their number, or -errno. */
static long read_ids(int fd, __u32 **out)
{
	size_t n = 0, room = 0;
	__u32 *ids = NULL, *prev = NULL, id;

	while (!bpf_map_get_next_key(fd, prev, &id)) {
		if (n == room) {
			__u32 *more = realloc(ids, (room = room ? 2 * room : 64) * sizeof(*ids));

			if (!more) {
				free(ids);
				return -ENOMEM;
			}
			ids = more;
		}
		ids[n++] = id;
		prev = &id;
	}
	if (n)
		qsort(ids, n, sizeof(*ids), by_id);
	*out = ids;
	return n;
}

static int each_generic(const struct chain *c, struct rules_item *item, rules_fn *fn, void *arg)
{
	struct reader r;
	__u32 *ids = NULL;
	long n;
	int err = reader_open(&r, c, item->slot);

	if (err) {
		reader_close(&r);
		return err == -ENOENT ? 0 : err;
	}
	n = read_ids(r.rules, &ids);
	err = n < 0 ? n : 0;
	for (long i = 0; !err && i < n; i++) {
		if (bpf_map_lookup_elem(r.rules, &ids[i], &item->rule))
			continue; /* gone meanwhile */
		item->id = ids[i];
		item->counted = count(&r, ids[i], &item->packets);
		err = fn(item, arg);
	}
	free(ids);
	reader_close(&r);
	return err;
}

struct listing {
	struct blocklist *list;
	struct rules_item *item;
	rules_fn *fn;
	void *arg;
};

static int blocked(const struct blocklist_item *b, void *arg)
{
	struct listing *l = arg;
	struct rules_item *item = l->item;

	if (blocklist_rule(l->list, b->rule, &item->rule))
		return 0;
	item->id = b->rule;
	item->packets = b->hits;
	item->expires_ns = b->expires_ns;
	item->counted = 1;
	return l->fn(item, l->arg);
}

int rules_each(const struct chain *c, __u32 slot, rules_fn *fn, void *arg, struct fail *f)
{
	struct chain_stage st;
	struct rules_item item = { .slot = slot, .stage = &st };
	struct listing l = { .item = &item, .fn = fn, .arg = arg };
	int err = chain_stage(c, slot, &st);

	if (err)
		return err;
	err = blocklist_open(c, slot, &l.list, NULL);
	if (err)
		return each_generic(c, &item, fn, arg);
	err = blocklist_each(l.list, blocked, &l, f);
	blocklist_close(l.list);
	return err;
}

int rules_each_slot(const struct chain *c, rules_fn *fn, void *arg, struct fail *f)
{
	int err = 0;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; !err && slot < CHAIN_SLOTS; slot++) {
		err = rules_each(c, slot, fn, arg, f);
		if (err == -ENOENT)
			err = 0;
	}
	return err;
}
