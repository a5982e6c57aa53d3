// SPDX-License-Identifier: GPL-2.0
/* chain_switch - change any number of slots in one step, in the bank where no packet is. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "lib/chain_int.h"
#include "lib/pins.h"
#include "lib/rcu.h"
#include "lib/stage_int.h"
#include "lib/util.h"

static const struct chain_stage nobody;

/* The program that @st is of. By its pin: by its id takes CAP_SYS_ADMIN. */
static int open_program(const struct chain *c, const struct chain_stage *st)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	char path[PINS_PATH];
	int fd = -1;

	if (st->instance) {
		stage_path(path, c, st->instance, STAGE_PROGRAM);
		fd = bpf_obj_get(path);
	}
	if (fd >= 0 && !bpf_obj_get_info_by_fd(fd, &info, &len) && info.id == st->prog_id)
		return fd;
	fd_close(fd);
	fd = bpf_prog_get_fd_by_id(st->prog_id);
	return fd < 0 ? -errno : fd;
}

int chain_layout(const struct chain *c, struct chain_layout *l, struct fail *f)
{
	struct chain_layout now = { 0 };

	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		now.from[slot] = slot;
		now.progs[slot] = -1;
		if (chain_stage(c, slot, &now.stages[slot]))
			continue;
		now.progs[slot] = open_program(c, &now.stages[slot]);
		if (now.progs[slot] < 0) {
			int err = now.progs[slot];

			chain_layout_close(&now);
			return fail_set(f, -err, "%s: slot %u: %s", c->ifname, slot,
					strerror(-err));
		}
	}
	*l = now;
	return 0;
}

int chain_layout_put(struct chain_layout *l, __u32 slot, int prog, const struct chain_stage *st)
{
	struct bpf_prog_info info = { 0 };
	__u32 len = sizeof(info);
	int fd = prog < 0 ? -1 : fcntl(prog, F_DUPFD_CLOEXEC, 3);

	if (prog >= 0 && (fd < 0 || bpf_obj_get_info_by_fd(fd, &info, &len))) {
		int err = -errno;

		fd_close(fd);
		return err;
	}
	fd_close(l->progs[slot]);
	l->progs[slot] = fd;
	l->stages[slot] = fd < 0 ? nobody : *st;
	l->stages[slot].prog_id = info.id;
	if (fd >= 0 && !st->since_ns)
		l->stages[slot].since_ns = now_ns();
	return 0;
}

void chain_layout_close(struct chain_layout *l)
{
	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		if (l->progs[slot] >= 0)
			close(l->progs[slot]);
		l->progs[slot] = -1;
	}
}

static void empty_bank(const struct chain *c, __u32 bank)
{
	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		__u32 at = chain_at(bank, slot);

		bpf_map_delete_elem(c->slots, &at);
		bpf_map_update_elem(c->stages, &at, &nobody, BPF_ANY);
	}
}

static int fill_bank(const struct chain *c, __u32 bank, const struct chain_layout *l,
		     struct fail *f)
{
	empty_bank(c, bank); /* of a command that was killed */
	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		__u32 at = chain_at(bank, slot);

		if (l->progs[slot] < 0)
			continue;
		if (bpf_map_update_elem(c->slots, &at, &l->progs[slot], BPF_ANY))
			return fail_set(f, errno,
					"slot %u: the chain does not take this program: %s", slot,
					strerror(errno));
		if (bpf_map_update_elem(c->stages, &at, &l->stages[slot], BPF_ANY))
			return fail_set(f, errno, "slot %u: %s", slot, strerror(errno));
	}
	return 0;
}

static struct chain_info *map_info(const struct chain *c)
{
	struct chain_info *info =
		mmap(NULL, sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE, MAP_SHARED, c->infos, 0);

	return info == MAP_FAILED ? NULL : info;
}

static void unmap_info(struct chain_info *info)
{
	munmap(info, sysconf(_SC_PAGESIZE));
}

/* From here on packets go through @bank. */
static void publish(struct chain *c, struct chain_info *info, __u32 bank, __u32 filled)
{
	if (c->info.flags & CHAIN_PANIC)
		filled &= 1u << CHAIN_SLOT_LB;
	c->info.slots = filled | (bank ? CHAIN_BANK : 0);
	__atomic_store_n(&info->flags, c->info.flags, __ATOMIC_RELEASE);
	__atomic_store_n(&info->slots, c->info.slots, __ATOMIC_RELEASE);
}

static __u32 filled_slots(const struct chain_layout *l)
{
	__u32 filled = 0;

	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++)
		if (l->progs[slot] >= 0)
			filled |= 1u << slot;
	return filled;
}

/* Nothing comes between the two that takes time: the counters are read in the first. */
static int switch_over(struct chain *c, __u32 bank, const struct chain_layout *l)
{
	struct chain_info *info = map_info(c);
	int err = info ? 0 : -errno;

	if (!err && !l->back) /* going back, this bank still has them */
		err = chain_bases(c, bank, l);
	if (!err)
		publish(c, info, bank, filled_slots(l));
	if (info)
		unmap_info(info);
	return err;
}

int chain_switch(struct chain *c, struct chain_layout *l, struct fail *f)
{
	int bank = chain_bank(c), err;

	if (bank < 0)
		return fail_errno(f, -bank, c->ifname);
	bank = !bank;
	err = fill_bank(c, bank, l, f);
	if (!err) {
		err = switch_over(c, bank, l);
		if (err)
			fail_errno(f, -err, c->ifname);
	}
	if (err) {
		empty_bank(c, bank);
		return err;
	}
	rcu_wait();
	empty_bank(c, !bank);
	return 0;
}

int chain_panic(struct chain *c, int on, struct fail *f)
{
	__u32 flags = on ? c->info.flags | CHAIN_PANIC : c->info.flags & ~CHAIN_PANIC, filled = 0;
	struct chain_info *info;
	struct chain_stage st;
	int bank = chain_bank(c);

	if (bank < 0)
		return fail_errno(f, -bank, c->ifname);
	for (__u32 slot = CHAIN_SLOT_POLICER_MIN; slot < CHAIN_SLOTS; slot++)
		if (!chain_stage(c, slot, &st))
			filled |= 1u << slot;
	info = map_info(c);
	if (!info)
		return fail_errno(f, errno, c->ifname);
	c->info.flags = flags;
	publish(c, info, bank, filled);
	unmap_info(info);
	return 0;
}

int chain_tap(const struct chain *c, int on)
{
	struct chain_info *info = map_info(c);

	if (!info)
		return -errno;
	__atomic_store_n(&info->tapped, on, __ATOMIC_RELEASE);
	unmap_info(info);
	return 0;
}

int chain_write_instance(const struct chain *c)
{
	struct chain_info *info = map_info(c);

	if (!info)
		return -errno;
	__atomic_store_n(&info->last_instance, c->info.last_instance, __ATOMIC_RELEASE);
	unmap_info(info);
	return 0;
}
