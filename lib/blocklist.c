// SPDX-License-Identifier: GPL-2.0
/* blocklist - open, close, load. Changes are in blocklist_edit.c, passes in blocklist_scan.c. */
#include "lib/blocklist.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/blocklist_int.h"
#include "lib/stage.h"
#include "lib/util.h"

#define STALE_MIN 1000 /* removed prefixes for which the bitmaps are not made anew */

static const struct {
	const char *name;
	size_t fd; /* offset in struct blocklist */
} maps[] = {
	{ "prefixes4", offsetof(struct blocklist, prefixes[V4]) },
	{ "prefixes6", offsetof(struct blocklist, prefixes[V6]) },
	{ "rules", offsetof(struct blocklist, rules) },
	{ "hits", offsetof(struct blocklist, pages) },
	{ "state", offsetof(struct blocklist, state) },
};

static int *map_fd(struct blocklist *b, size_t i)
{
	return (int *)((char *)b + maps[i].fd);
}

int blocklist_sizes(struct bpf_object *obj, void *arg, struct fail *f)
{
	static const char *const names[] = { "prefixes4", "prefixes6", "rules" };
	__u32 max = *(const __u32 *)arg;
	int err = 0;

	for (size_t i = 0; !err && i < ARRAY_SIZE(names); i++)
		err = bpf_map__set_max_entries(bpf_object__find_map_by_name(obj, names[i]),
					       i == 2 ? 2 * max : max);
	return err ? fail_set(f, -err, "blocklist: %s", strerror(-err)) : 0;
}

int blocklist_load(struct chain *c, __u32 slot, __u32 max, struct fail *f)
{
	const struct stage_spec spec = { .object = BLOCKLIST_NAME,
					 .kind = BLOCKLIST_NAME,
					 .slot = slot,
					 .setup = blocklist_sizes,
					 .arg = &max };

	if (!max || max > BLOCKLIST_MAX_LIMIT)
		return fail_set(f, EINVAL, "blocklist: a list has room for 1 to %d prefixes",
				BLOCKLIST_MAX_LIMIT);
	return stage_load(c, &spec, NULL, f);
}

/* Where the maps of a list are found: by a slot of a chain, or in an object that was loaded. */
struct source {
	const struct chain *chain;
	const struct bpf_object *obj;
	__u32 slot;
};

static int source_fd(const void *arg, const char *name)
{
	const struct source *s = arg;
	int fd;

	if (!s->obj)
		return stage_map(s->chain, s->slot, name);
	fd = fcntl(bpf_object__find_map_fd_by_name(s->obj, name), F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? -ENOENT : fd;
}

static int open_maps(struct blocklist *b, const struct source *s, struct fail *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		int fd = source_fd(s, maps[i].name);

		if (fd < 0 && s->obj)
			return fail_set(f, -fd, "blocklist: no map %s", maps[i].name);
		if (fd < 0)
			return fail_set(f, -fd, "%s: no blocklist in slot %u", b->ifname, s->slot);
		*map_fd(b, i) = fd;
	}
	return 0;
}

static int state_put(struct blocklist *b, __u32 busy)
{
	__u32 zero = 0;

	b->st.busy = busy;
	return bpf_map_update_elem(b->state, &zero, &b->st, BPF_ANY) ? -errno : 0;
}

/* Hits that two tables have counted of one prefix, and that are more than a slot holds. */
static void carry(void *arg, const struct prefix *p, int by)
{
	struct blocklist *b = arg;
	struct blocklist_key key = blocklist_key(p);
	struct blocklist_entry e;

	if (blocklist_exact(b, p, &e))
		return;
	e.hits += (__u64)by << 32;
	bpf_map_update_elem(b->prefixes[ptable_family(p)], &key, &e, BPF_EXIST);
}

static int map_cover(struct blocklist *b, const struct source *s, int writes, struct fail *f)
{
	int err = cover_map(&b->cover, source_fd, s, writes);

	if (err == -ENOENT)
		return fail_set(
			f, ENOENT,
			"%s: the blocklist in slot %u is of another version of xdpchain: reload "
			"it, or detach and attach",
			b->ifname, s->slot);
	if (err)
		return fail_set(f, -err, "%s: blocklist: %s", b->ifname, strerror(-err));
	for (int i = 0; i < FAMILIES; i++) {
		b->cover.tables[i].carry = carry;
		b->cover.tables[i].arg = b;
	}
	return 0;
}

/* As of a list that goes on from a version that had none. */
static int has_no_table(struct blocklist *b, int family)
{
	return *blocklist_count(b, family) && !b->cover.tables[family].now.lines;
}

/* Say that a writer is at work, and clear up after those before. */
static int begin(struct blocklist *b, struct fail *f)
{
	int killed = b->st.busy || has_no_table(b, V4) || has_no_table(b, V6);
	int err = state_put(b, 1);

	if (err)
		return fail_set(f, -err, "%s: blocklist: %s", b->ifname, strerror(-err));
	b->writes = 1;
	if (killed) {
		b->st.configured = 0;
		err = blocklist_mend(b, f);
	}
	if (!err && (killed || (b->st.next_expiry_ns && b->st.next_expiry_ns <= now_ns()) ||
		     b->st.stale > STALE_MIN + (b->st.count4 + b->st.count6) / 4))
		err = blocklist_tidy(b, f);
	return err;
}

static int list_open(const struct source *s, const char *ifname, int writes, struct blocklist **out,
		     struct fail *f)
{
	struct blocklist *b = calloc(1, sizeof(*b));
	__u32 zero = 0;
	int err;

	if (!b)
		return fail_set(f, ENOMEM, "%s: out of memory", ifname);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		*map_fd(b, i) = -1;
	snprintf(b->ifname, sizeof(b->ifname), "%s", ifname);
	b->ncpus = libbpf_num_possible_cpus();
	err = open_maps(b, s, f);
	if (err)
		goto close;
	if (bpf_map_lookup_elem(b->state, &zero, &b->st)) {
		err = fail_set(f, errno, "%s: blocklist: %s", ifname, strerror(errno));
		goto close;
	}
	err = map_cover(b, s, writes, f);
	if (!err && writes)
		err = begin(b, f);
	if (err)
		goto close;
	*out = b;
	return 0;
close:
	blocklist_close(b);
	return err;
}

int blocklist_open(const struct chain *c, __u32 slot, struct blocklist **out, struct fail *f)
{
	const struct source s = { .chain = c, .slot = slot };

	return list_open(&s, c->ifname, c->lock >= 0, out, f);
}

int blocklist_open_object(const struct bpf_object *obj, struct blocklist **out, struct fail *f)
{
	const struct source s = { .obj = obj };

	return list_open(&s, "new list", 1, out, f);
}

void blocklist_close(struct blocklist *b)
{
	if (!b)
		return;
	if (b->writes)
		state_put(b, 0);
	cover_unmap(&b->cover);
	for (size_t i = 0; i < HIT_PAGES; i++)
		free(b->hits[i]);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		fd_close(*map_fd(b, i));
	free(b);
}

int blocklist_size(const struct blocklist *b, struct blocklist_size *size)
{
	struct bpf_map_info info = { 0 };
	__u32 len = sizeof(info);

	if (bpf_obj_get_info_by_fd(b->prefixes[V4], &info, &len))
		return -errno;
	*size = (struct blocklist_size){ b->st.count4, b->st.count6, info.max_entries };
	return 0;
}

int blocklist_rule(const struct blocklist *b, __u32 rule, struct chain_rule *r)
{
	return bpf_map_lookup_elem(b->rules, &rule, r) ? -errno : 0;
}
