// SPDX-License-Identifier: GPL-2.0
/* chain_slots - who is in the slots. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/chain_int.h"
#include "lib/progmap.h"

int chain_bank(const struct chain *c)
{
	struct chain_info info;
	__u32 zero = 0;

	if (bpf_map_lookup_elem(c->infos, &zero, &info))
		return -errno;
	return info.slots & CHAIN_BANK;
}

static int read_stage(const struct chain *c, __u32 bank, __u32 slot, struct chain_stage *st)
{
	struct bpf_prog_info info = { 0 };
	__u32 prog_id = 0, at = chain_at(bank, slot);
	int err;

	if (bpf_map_lookup_elem(c->slots, &at, &prog_id) || !prog_id)
		return -ENOENT;
	if (!bpf_map_lookup_elem(c->stages, &at, st) && st->prog_id == prog_id)
		return 0;
	memset(st, 0, sizeof(*st)); /* put there by other means: what the kernel knows of it */
	st->prog_id = prog_id;
	err = prog_info(prog_id, &info);
	if (!err)
		snprintf(st->name, sizeof(st->name), "%s", info.name);
	return err == -EPERM ? 0 : err; /* takes CAP_SYS_ADMIN: then it has no name */
}

int chain_stage(const struct chain *c, __u32 slot, struct chain_stage *st)
{
	struct chain_stage got;
	int bank, now = chain_bank(c), err;

	if (slot >= CHAIN_SLOTS)
		return -ENOENT;
	do { /* the chain may be switched while we read */
		bank = now;
		if (bank < 0)
			return bank;
		err = read_stage(c, bank, slot, &got);
		now = chain_bank(c);
	} while (now != bank);
	if (!err)
		*st = got;
	return err;
}

int chain_has_stages(const struct chain *c)
{
	struct chain_stage st;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st))
			return 1;
	return 0;
}

int chain_find(const struct chain *c, const char *name)
{
	struct chain_stage st;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st) && !strcmp(st.name, name))
			return slot;
	return -ENOENT;
}

int chain_set(struct chain *c, __u32 slot, int prog_fd, const struct chain_stage *st,
	      struct fail *f)
{
	struct chain_layout l;
	int err;

	if (slot < CHAIN_SLOT_POLICER_MIN || slot >= CHAIN_SLOTS)
		return fail_set(f, ERANGE, "slot %u: a stage is in slot 1 to 15", slot);
	err = chain_layout(c, &l, f);
	if (err)
		return err;
	l.from[slot] =
		l.progs[slot] >= 0 && !strcmp(l.stages[slot].name, st->name) ? (int)slot : -1;
	err = chain_layout_put(&l, slot, prog_fd, st);
	err = err ? fail_set(f, -err, "slot %u: %s", slot, strerror(-err)) : chain_switch(c, &l, f);
	chain_layout_close(&l);
	return err;
}

int chain_clear(struct chain *c, __u32 slot, struct fail *f)
{
	struct chain_layout l;
	int err = chain_layout(c, &l, f);

	if (err)
		return err;
	if (l.progs[slot] >= 0) {
		chain_layout_put(&l, slot, -1, NULL);
		err = chain_switch(c, &l, f);
	}
	chain_layout_close(&l);
	return err;
}

int chain_instance(struct chain *c, __u32 *instance)
{
	__u32 next = c->info.last_instance + 1;
	int err;

	if (!next)
		next = 1;
	c->info.last_instance = next;
	err = chain_write_instance(c);
	if (!err)
		*instance = next;
	return err;
}

static int reuse(struct bpf_object *obj, const char *name, int fd)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, name);

	return map ? bpf_map__reuse_fd(map, fd) : 0;
}

int chain_reuse(const struct chain *c, struct bpf_object *obj, struct fail *f)
{
	int err = reuse(obj, "slots", c->slots);

	if (!err)
		err = reuse(obj, "tap", c->tap);
	if (!err)
		err = reuse(obj, "cpus", c->cpus);
	if (!err)
		err = reuse(obj, "sessions", c->sessions);
	if (!err)
		err = reuse(obj, "info", c->infos);
	return err ? fail_errno(f, -err, c->ifname) : 0;
}
