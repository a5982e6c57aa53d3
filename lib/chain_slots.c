// SPDX-License-Identifier: GPL-2.0
/* chain_slots - what is in the slots, and the counters. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/chain_int.h"
#include "lib/pins.h"
#include "lib/progmap.h"
#include "lib/util.h"

int chain_stage(const struct chain *c, __u32 slot, struct chain_stage *st)
{
	struct bpf_prog_info info = { 0 };
	__u32 prog_id = 0;
	int err;

	if (slot >= CHAIN_SLOTS)
		return -ENOENT;
	if (bpf_map_lookup_elem(c->slots, &slot, &prog_id) || !prog_id)
		return -ENOENT;
	if (!bpf_map_lookup_elem(c->stages, &slot, st) && st->prog_id == prog_id)
		return 0;
	memset(st, 0, sizeof(*st)); /* put there by other means: what the kernel knows of it */
	st->prog_id = prog_id;
	err = prog_info(prog_id, &info);
	if (!err)
		snprintf(st->name, sizeof(st->name), "%s", info.name);
	return err == -EPERM ? 0 : err; /* takes CAP_SYS_ADMIN: then it has no name */
}

int chain_find(const struct chain *c, const char *name)
{
	struct chain_stage st;

	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st) && !strcmp(st.name, name))
			return slot;
	return -ENOENT;
}

static int write_info(struct chain *c)
{
	__u32 zero = 0;

	return bpf_map_update_elem(c->infos, &zero, &c->info, BPF_ANY) ? -errno : 0;
}

int chain_set(struct chain *c, __u32 slot, int prog_fd, const struct chain_stage *st,
	      struct fail *f)
{
	struct bpf_prog_info info = { 0 };
	struct chain_stage now = *st;
	__u32 len = sizeof(info);

	if (slot < CHAIN_SLOT_POLICER_MIN || slot >= CHAIN_SLOTS)
		return fail_set(f, ERANGE, "slot %u: a stage is in slot 1 to 15", slot);
	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		return fail_set(f, errno, "slot %u: %s", slot, strerror(errno));
	now.prog_id = info.id;
	now.since_ns = now_ns();
	if (bpf_map_update_elem(c->slots, &slot, &prog_fd, BPF_ANY))
		return fail_set(f, errno, "slot %u: the chain does not take this program: %s", slot,
				strerror(errno));
	c->info.slots |= 1u << slot;
	if (bpf_map_update_elem(c->stages, &slot, &now, BPF_ANY) || write_info(c))
		return fail_set(f, errno, "slot %u: %s", slot, strerror(errno));
	return 0;
}

int chain_clear(struct chain *c, __u32 slot, struct fail *f)
{
	static const struct chain_stage nobody;

	if (bpf_map_delete_elem(c->slots, &slot) && errno != ENOENT)
		return fail_set(f, errno, "slot %u: %s", slot, strerror(errno));
	bpf_map_update_elem(c->stages, &slot, &nobody, BPF_ANY);
	c->info.slots &= ~(1u << slot);
	write_info(c);
	return 0;
}

int chain_instance(struct chain *c, __u32 *instance)
{
	__u32 next = c->info.last_instance + 1;
	int err;

	if (!next)
		next = 1;
	c->info.last_instance = next;
	err = write_info(c);
	if (!err)
		*instance = next;
	return err;
}

static void count_add(struct chain_count *to, const struct chain_count *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i].packets += from[i].packets;
		to[i].bytes += from[i].bytes;
	}
}

static void totals_add(struct chain_totals *t, const struct chain_cpu *cpu)
{
	count_add(t->verdicts[0], cpu->verdicts[0], CHAIN_COUNTED * CHAIN_VERDICTS);
	count_add(t->reasons[0], cpu->reasons[0], CHAIN_COUNTED * CHAIN_REASONS);
	for (int i = 0; i < CHAIN_SLOTS; i++)
		t->asked[i] += cpu->asked[i];
	for (int i = 0; i < SESSIONS; i++) {
		t->sessions[i].offered += cpu->sessions[i].offered;
		t->sessions[i].filtered += cpu->sessions[i].filtered;
		t->sessions[i].captured += cpu->sessions[i].captured;
		t->sessions[i].lost += cpu->sessions[i].lost;
		t->sessions[i].capped += cpu->sessions[i].capped;
		t->sessions[i].matched += cpu->sessions[i].matched;
		t->sessions[i].entry_captured += cpu->sessions[i].entry_captured;
		t->sessions[i].entry_lost += cpu->sessions[i].entry_lost;
	}
}

int chain_totals(const struct chain *c, struct chain_totals *t)
{
	struct chain_cpu *cpus = calloc(c->ncpus, sizeof(*cpus));
	__u32 zero = 0;
	int err = 0;

	if (!cpus)
		return -ENOMEM;
	if (bpf_map_lookup_elem(c->cpus, &zero, cpus))
		err = -errno;
	memset(t, 0, sizeof(*t));
	for (int i = 0; !err && i < c->ncpus; i++)
		totals_add(t, &cpus[i]);
	free(cpus);
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
