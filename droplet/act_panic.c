// SPDX-License-Identifier: GPL-2.0
/* act_panic - step over all policers, and back. */
#include "droplet/act.h"

struct panic {
	int on;
	json_t *chains;
};

static int panic(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct panic *p = arg;
	int err = chain_panic(c, p->on, f);

	(void)slot;
	if (!err)
		json_array_append_new(
			p->chains, json_pack("{s:s, s:b}", "interface", c->ifname, "panic", p->on));
	return err;
}

json_t *act_panic(const char *ifname, int on)
{
	struct panic p = { on, json_array() };
	struct targets t = { .ifname = ifname, .access = CHAIN_WRITE, .fn = panic, .arg = &p };
	int failed = targets_each(&t);

	return act_done(&t, failed, p.chains);
}
