// SPDX-License-Identifier: GPL-2.0
#include "lib/ptables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "lib/rcu.h"
#include "lib/util.h"

#define LOOKS 100 /* at a table that was replaced just then */
#define SEEDS 2	  /* that are tried before a table gets larger */
#define AMPLE 16  /* times as large as need be: a table to be rid of */

static size_t bytes_of(const struct ptable *t)
{
	return (size_t)ptable_room(t->shape.mask + 1, t->family) * sizeof(union ptable_line);
}

static union ptable_line *map_lines(int fd, size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return p == MAP_FAILED ? NULL : p;
}

static void unmap(struct ptable *t)
{
	if (t->lines)
		munmap(t->lines, bytes_of(t));
	t->lines = NULL;
}

/* 1: mapped; 0: there is none; -ENOENT: another one holds by now; -errno. */
static int map_current(struct ptables *t, __u32 current)
{
	struct ptable now = { .shape = t->lengths->shapes[current], .family = t->family };
	struct bpf_map_info info = { 0 };
	__u32 id, len = sizeof(info);
	int fd, err = 0;

	if (!now.shape.mask)
		return 0;
	if (bpf_map_lookup_elem(t->outer, &current, &id))
		return -errno;
	fd = bpf_map_get_fd_by_id(id);
	if (fd < 0)
		return -errno;
	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		err = -errno;
	else if (info.max_entries != ptable_room(now.shape.mask + 1, t->family))
		err = -ENOENT;
	if (!err) {
		now.lines = map_lines(fd, bytes_of(&now));
		err = now.lines ? 1 : -errno;
	}
	close(fd);
	if (err > 0)
		t->now = now;
	return err;
}

int ptables_open(struct ptables *t, int writes)
{
	int err = -ENOENT;
	__u32 current = 0, other, id;

	t->now = (struct ptable){ .family = t->family };
	for (int i = 0; err == -ENOENT && i < LOOKS; i++) {
		current = __atomic_load_n(&t->lengths->current, __ATOMIC_ACQUIRE) & 1;
		err = map_current(t, current);
	}
	other = !current;
	if (err >= 0 && writes && !bpf_map_lookup_elem(t->outer, &other, &id))
		bpf_map_delete_elem(t->outer, &other);
	return err < 0 ? err : 0;
}

void ptables_close(struct ptables *t)
{
	unmap(&t->now);
}

static int make(struct ptable *t, __u32 size, int family, int *out)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_MMAPABLE | BPF_F_INNER_MAP);
	__u32 room = ptable_room(size, family);
	union ptable_line *lines;
	int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "table", sizeof(__u32), sizeof(*lines), room,
				&opts);

	if (fd < 0)
		return -errno;
	lines = map_lines(fd, room * sizeof(*lines));
	if (!lines) {
		int err = -errno;

		close(fd);
		return err;
	}
	ptable_init(t, lines, size, family);
	*out = fd;
	return 0;
}

int ptables_begin(struct ptables *t, __u32 count, struct ptables_fresh *fresh)
{
	int err;

	*fresh = (struct ptables_fresh){ .of = t, .fd = -1 };
	fresh->counted = calloc(ptable_slots(&t->now) + 1, sizeof(*fresh->counted));
	if (!fresh->counted)
		return -ENOMEM;
	err = make(&fresh->table, ptable_size(count, t->family), t->family, &fresh->fd);
	if (err)
		ptables_drop(fresh);
	return err;
}

void ptables_drop(struct ptables_fresh *fresh)
{
	unmap(&fresh->table);
	fd_close(fresh->fd);
	free(fresh->counted);
	*fresh = (struct ptables_fresh){ .fd = -1 };
}

/* All of @from into @to. -ENOSPC: one found no place. */
static int copy(const struct ptable *to, const struct ptable *from)
{
	struct ptable_slot *s;
	struct prefix p;

	for (size_t i = 0; i < ptable_slots(from); i++) {
		s = ptable_at(from, i, &p);
		if (s && !ptable_put(to, &p, ptable_rule(s), s->until & ~PTABLE_MARK, s->hits))
			return -ENOSPC;
	}
	return 0;
}

/* Give what is in the making @size lines, or more, and another seed. */
static int again(struct ptables_fresh *fresh, __u32 size)
{
	struct ptable more = { 0 };
	int fd = -1, err = -ENOSPC;

	for (int i = 0; err == -ENOSPC; i++) {
		if (i >= SEEDS)
			size *= 2;
		if (size > PTABLE_LINES_MAX)
			return -ENOSPC;
		err = make(&more, size, fresh->of->family, &fd);
		if (!err)
			err = copy(&more, &fresh->table);
		if (err) {
			unmap(&more);
			fd_close(fd);
			fd = -1;
		}
	}
	if (err)
		return err;
	unmap(&fresh->table);
	fd_close(fresh->fd);
	fresh->table = more;
	fresh->fd = fd;
	return 0;
}

/* The index of a slot, as ptable_at() counts. */
static size_t index_of(const struct ptable *t, const struct ptable_slot *s)
{
	return ((const char *)s - (const char *)t->lines) /
	       (t->family == V4 ? sizeof(struct ptable_slot) : sizeof(struct ptable_slot6));
}

int ptables_add(struct ptables_fresh *fresh, const struct prefix *p, __u32 rule, __u32 until)
{
	const struct ptable *now = &fresh->of->now;
	struct ptable_slot *old = ptable_find(now, p);
	__u32 hits = 0, size;
	int err = 0;

	if (old && ptable_rule(old) == rule) {
		hits = __atomic_load_n(&old->hits, __ATOMIC_RELAXED);
		fresh->counted[index_of(now, old)] = hits;
	}
	size = ptable_size(++fresh->count, now->family);
	if (size > fresh->table.shape.mask + 1)
		err = again(fresh, size);
	while (!err && !ptable_put(&fresh->table, p, rule, until, hits))
		err = again(fresh, fresh->table.shape.mask + 1);
	return err;
}

/* What packets have counted in the old one since it was copied. */
static void recount(struct ptables_fresh *fresh, const struct ptable *old)
{
	const struct ptables *t = fresh->of;
	struct ptable_slot *from, *to;
	struct prefix p;
	__u32 more, was;
	int by;

	for (size_t i = 0; i < ptable_slots(old); i++) {
		from = ptable_at(old, i, &p);
		if (!from || from->hits == fresh->counted[i])
			continue;
		to = ptable_find(&fresh->table, &p);
		if (!to || ptable_rule(to) != ptable_rule(from))
			continue;
		more = from->hits - fresh->counted[i];
		was = __atomic_fetch_add(&to->hits, more, __ATOMIC_RELAXED);
		by = (was + more < was) - (from->hits < fresh->counted[i]);
		if (by && t->carry)
			t->carry(t->arg, &p, by);
	}
}

int ptables_switch(struct ptables_fresh *fresh)
{
	struct ptables *t = fresh->of;
	__u32 was = t->lengths->current & 1, now = !was;
	struct ptable old = t->now;

	if (bpf_map_update_elem(t->outer, &now, &fresh->fd, BPF_ANY))
		return -errno;
	t->lengths->shapes[now] = fresh->table.shape;
	__atomic_store_n(&t->lengths->current, now, __ATOMIC_SEQ_CST);
	t->now = fresh->table;
	if (old.lines) {
		rcu_wait(); /* if the kernel cannot tell: hits of this moment are lost */
		recount(fresh, &old);
		bpf_map_delete_elem(t->outer, &was);
		unmap(&old);
	}
	fresh->table.lines = NULL; /* it is t's */
	return 0;
}

/* All of the present table into one for @count. */
static int move_all(struct ptables *t, __u32 count)
{
	struct ptables_fresh fresh;
	struct ptable_slot *s;
	struct prefix p;
	int err = ptables_begin(t, count, &fresh);

	for (size_t i = 0; !err && i < ptable_slots(&t->now); i++) {
		s = ptable_at(&t->now, i, &p);
		if (s)
			err = ptables_add(&fresh, &p, ptable_rule(s), s->until & ~PTABLE_MARK);
	}
	if (!err)
		err = ptables_switch(&fresh);
	ptables_drop(&fresh);
	return err;
}

int ptables_reserve(struct ptables *t, __u32 count)
{
	if (t->now.lines && t->now.shape.mask + 1 >= ptable_size(count, t->family))
		return 0;
	return move_all(t, count);
}

int ptables_trim(struct ptables *t, __u32 count)
{
	if (t->now.shape.mask / AMPLE < ptable_size(count, t->family))
		return 0;
	return move_all(t, count);
}

/* Another seed; twice the lines when that does not help. */
static int rehash(struct ptables *t, int tries)
{
	__u64 lines = (t->now.shape.mask + (__u64)1) << (tries >= SEEDS);

	if (lines > PTABLE_LINES_MAX)
		return -ENOSPC;
	return move_all(t, t->family == V4 ? lines * 5 / 2 : lines);
}

int ptables_put(struct ptables *t, const struct prefix *p, __u32 rule, __u32 until)
{
	int err = t->now.lines ? 0 : ptables_reserve(t, 1);

	for (int tries = 0; !err && !ptable_put(&t->now, p, rule, until, 0); tries++)
		err = rehash(t, tries);
	return err;
}
