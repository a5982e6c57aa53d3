// SPDX-License-Identifier: GPL-2.0
#include "lib/decap.h"

#include <errno.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/stage.h"

#define NAME "decap"

__u32 decap_slot(const struct chain *c)
{
	struct chain_stage st;

	for (__u32 i = CHAIN_SLOT_POLICER_MIN; i <= CHAIN_SLOT_POLICER_MAX; i++)
		if (!chain_stage(c, i, &st) && !strcmp(st.name, NAME))
			return i;
	return 0;
}

static __u32 first_free(const struct chain *c)
{
	struct chain_stage st;

	for (__u32 i = CHAIN_SLOT_POLICER_MIN; i <= CHAIN_SLOT_POLICER_MAX; i++)
		if (chain_stage(c, i, &st))
			return i;
	return 0;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct decap_options *o = arg;
	__be16 port = pkt_be16(o->gue_port);
	__u32 any = !o->count;
	int err = stage_rodata(obj, "decap_port", &port, sizeof(port));

	if (!err)
		err = stage_rodata(obj, "decap_any", &any, sizeof(any));
	return err ? fail_set(f, -err, "decap: cannot be configured: %s", strerror(-err)) : 0;
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct decap_options *o = arg;
	int fd = bpf_object__find_map_fd_by_name(obj, "decap_to");
	struct lb_decap_to key;
	__u32 one = 1;

	for (size_t i = 0; i < o->count; i++) {
		memcpy(key.addr, o->to[i].word, sizeof(key.addr));
		if (bpf_map_update_elem(fd, &key, &one, BPF_ANY))
			return fail_set(f, errno, "decap: cannot be filled: %s", strerror(errno));
	}
	return 0;
}

/* The slot that is meant, or -errno. */
static int choose(const struct chain *c, __u32 slot, struct fail *f)
{
	__u32 at = decap_slot(c);
	struct chain_stage st;

	if (at && slot && at != slot)
		return fail_set(f, EBUSY, "%s: decap is in slot %u: take it out first", c->ifname,
				at);
	if (at)
		return at;
	if (!slot) {
		slot = first_free(c);
		if (!slot)
			return fail_set(f, ENOSPC, "%s: no slot is free", c->ifname);
		return slot;
	}
	if (slot > CHAIN_SLOT_POLICER_MAX)
		return fail_set(f, EINVAL, "%u: the slot must be %d to %d", slot,
				CHAIN_SLOT_POLICER_MIN, CHAIN_SLOT_POLICER_MAX);
	if (!chain_stage(c, slot, &st))
		return fail_set(f, EBUSY, "%s: %s is in slot %u: choose another", c->ifname,
				st.name, slot);
	return slot;
}

int decap_load(struct chain *c, __u32 slot, const struct decap_options *o, struct fail *f)
{
	static const char *const fresh[] = { "decap_to", NULL };
	struct stage_spec spec = { .object = "decap",
				   .name = NAME,
				   .setup = setup,
				   .fill = fill,
				   .fresh = fresh,
				   .arg = (void *)o };
	int at = choose(c, slot, f);

	if (at < 0)
		return at;
	spec.slot = at;
	return stage_load(c, &spec, NULL, f);
}

int decap_unload(struct chain *c, struct fail *f)
{
	__u32 slot = decap_slot(c);

	if (!slot)
		return fail_set(f, ENOENT, "%s: no decap here", c->ifname);
	return stage_unload(c, slot, f);
}
