// SPDX-License-Identifier: GPL-2.0
/* blocklist - open, close, load. Changes are in blocklist_edit.c, passes in blocklist_scan.c. */
#include "lib/blocklist.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
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
	{ "cover4", offsetof(struct blocklist, covers[V4]) },
	{ "cover6", offsetof(struct blocklist, covers[V6]) },
	{ "rules", offsetof(struct blocklist, rules) },
	{ "hits", offsetof(struct blocklist, pages) },
	{ "state", offsetof(struct blocklist, state) },
};

static int *map_fd(struct blocklist *b, size_t i)
{
	return (int *)((char *)b + maps[i].fd);
}

static int set_sizes(struct bpf_object *obj, void *arg, struct fail *f)
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
					 .setup = set_sizes,
					 .arg = &max };

	if (!max || max > BLOCKLIST_MAX_LIMIT)
		return fail_set(f, EINVAL, "blocklist: a list has room for 1 to %d prefixes",
				BLOCKLIST_MAX_LIMIT);
	return stage_load(c, &spec, NULL, f);
}

static int open_maps(struct blocklist *b, const struct chain *c, __u32 slot, struct fail *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		int fd = stage_map(c, slot, maps[i].name);

		if (fd < 0)
			return fail_set(f, -fd, "%s: no blocklist in slot %u", c->ifname, slot);
		*map_fd(b, i) = fd;
	}
	return 0;
}

static int map_cover(struct blocklist *b, int family, struct fail *f)
{
	void *p = mmap(NULL, COVER_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, b->covers[family], 0);

	if (p == MAP_FAILED)
		return fail_set(f, errno, "%s: blocklist: %s", b->ifname, strerror(errno));
	b->cover[family] = p;
	return 0;
}

static int state_put(struct blocklist *b, __u32 busy)
{
	__u32 zero = 0;

	b->st.busy = busy;
	return bpf_map_update_elem(b->state, &zero, &b->st, BPF_ANY) ? -errno : 0;
}

/* Say that a writer is at work, and clear up after those before. */
static int begin(struct blocklist *b, struct fail *f)
{
	__u32 killed = b->st.busy;
	int err = map_cover(b, V4, f);

	if (!err)
		err = map_cover(b, V6, f);
	if (err)
		return err;
	err = state_put(b, 1);
	if (err)
		return fail_set(f, -err, "%s: blocklist: %s", b->ifname, strerror(-err));
	b->writes = 1;
	if (killed)
		err = blocklist_mend(b, f);
	if (!err && (killed || (b->st.next_expiry_ns && b->st.next_expiry_ns <= now_ns()) ||
		     b->st.stale > STALE_MIN + (b->st.count4 + b->st.count6) / 4))
		err = blocklist_tidy(b, f);
	return err;
}

int blocklist_open(const struct chain *c, __u32 slot, struct blocklist **out, struct fail *f)
{
	struct blocklist *b = calloc(1, sizeof(*b));
	__u32 zero = 0;
	int err;

	if (!b)
		return fail_set(f, ENOMEM, "%s: out of memory", c->ifname);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		*map_fd(b, i) = -1;
	memcpy(b->ifname, c->ifname, sizeof(b->ifname));
	b->ncpus = c->ncpus;
	err = open_maps(b, c, slot, f);
	if (err)
		goto close;
	if (bpf_map_lookup_elem(b->state, &zero, &b->st)) {
		err = fail_set(f, errno, "%s: blocklist: %s", c->ifname, strerror(errno));
		goto close;
	}
	if (c->lock >= 0)
		err = begin(b, f);
	if (err)
		goto close;
	*out = b;
	return 0;
close:
	blocklist_close(b);
	return err;
}

void blocklist_close(struct blocklist *b)
{
	if (!b)
		return;
	if (b->writes)
		state_put(b, 0);
	for (int i = 0; i < FAMILIES; i++)
		if (b->cover[i])
			munmap(b->cover[i], COVER_BYTES);
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
