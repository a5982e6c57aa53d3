// SPDX-License-Identifier: GPL-2.0
/* act_limit - the limit of a source. */
#include "droplet/act.h"

struct limit {
	const struct ratelimit *limit;
	json_t *chains;
};

static int limit(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	const struct limit *l = arg;
	const struct ratelimit *r = l->limit;
	int err = ratelimit_load(c, slot, r, f);

	if (!err)
		json_array_append_new(l->chains,
				      json_pack("{s:s, s:I, s:I, s:i, s:i}", "interface", c->ifname,
						"pps", (json_int_t)r->rate_pps, "burst",
						(json_int_t)r->burst, "len4", (int)r->len4, "len6",
						(int)r->len6));
	return err;
}

json_t *act_limit(const char *ifname, const struct ratelimit *r)
{
	struct limit l = { r, json_array() };
	struct targets t = { .ifname = ifname,
			     .stage = RATELIMIT_NAME,
			     .access = CHAIN_WRITE,
			     .fn = limit,
			     .arg = &l };
	int failed = targets_each(&t);

	return act_done(&t, failed, l.chains);
}
