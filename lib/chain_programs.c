// SPDX-License-Identifier: GPL-2.0
/* chain_programs - what the programs are and were that packets met, by instance. */
#include <errno.h>

#include <bpf/bpf.h>

#include "lib/chain_int.h"

int chain_program(const struct chain *c, __u32 instance, struct chain_program *p)
{
	struct chain_program again;

	if (bpf_map_lookup_elem(c->programs, &instance, p))
		return -errno;
	/* Its memory may have been given to a younger one while it was copied. */
	return bpf_map_lookup_elem(c->programs, &instance, &again) ? -errno : 0;
}

static int in_a_slot(const struct chain *c, __u32 instance)
{
	struct chain_stage st;

	for (__u32 at = 0; at < CHAIN_BANKS * CHAIN_SLOTS; at++)
		if (!bpf_map_lookup_elem(c->stages, &at, &st) && st.instance == instance)
			return 1;
	return 0;
}

/* The oldest that is in no slot gives way. */
static void forget_one(const struct chain *c)
{
	__u32 oldest = 0, id, *prev = NULL;

	for (; !bpf_map_get_next_key(c->programs, prev, &id); prev = &id)
		if ((!oldest || id < oldest) && !in_a_slot(c, id))
			oldest = id;
	chain_program_drop(c, oldest);
}

int chain_program_keep(const struct chain *c, __u32 instance, const struct chain_program *p)
{
	if (!bpf_map_update_elem(c->programs, &instance, p, BPF_ANY))
		return 0;
	if (errno != E2BIG)
		return -errno;
	forget_one(c);
	return bpf_map_update_elem(c->programs, &instance, p, BPF_ANY) ? -errno : 0;
}

void chain_program_drop(const struct chain *c, __u32 instance)
{
	bpf_map_delete_elem(c->programs, &instance);
}
