// SPDX-License-Identifier: GPL-2.0
/* act_limit - the limit of a source. */
#include "droplet/act.h"

#include <errno.h>
#include <stdint.h>

json_t *act_limit_json(const struct ratelimit *r)
{
	return json_pack("{s:I, s:I, s:i, s:i, s:s}",
			 r->unit == RATELIMIT_BYTES ? "bytes_per_second" : "pps",
			 (json_int_t)r->rate, "burst", (json_int_t)r->burst, "len4", (int)r->len4,
			 "len6", (int)r->len6, "by", ratelimit_by_name(r->by));
}

static int number(const json_t *from, const char *key, __u64 max, __u64 *out, struct fail *f)
{
	const json_t *v = json_object_get(from, key);
	json_int_t n = json_integer_value(v);

	if (v && (!json_is_integer(v) || n < 0 || (__u64)n > max))
		return fail_set(f, EINVAL, "%s: not a number up to %llu", key, max);
	if (v)
		*out = n;
	return 0;
}

int act_limit_read(const json_t *from, struct ratelimit *r, struct fail *f)
{
	const char *by = json_string_value(json_object_get(from, "by"));
	int bytes = !!json_object_get(from, "bytes_per_second");
	__u64 len4 = 32, len6 = 64;

	*r = (struct ratelimit){ .unit = bytes ? RATELIMIT_BYTES : RATELIMIT_PACKETS };
	if (number(from, bytes ? "bytes_per_second" : "pps", RATELIMIT_BYTES_MAX, &r->rate, f) ||
	    number(from, "burst", INT64_MAX, &r->burst, f) || number(from, "len4", 32, &len4, f) ||
	    number(from, "len6", 128, &len6, f) || (by && ratelimit_by(by, &r->by, f)))
		return -EINVAL;
	r->len4 = len4;
	r->len6 = len6;
	if (r->rate && !r->burst)
		r->burst = ratelimit_burst(r);
	return ratelimit_check(r, f);
}

struct limit {
	const struct ratelimit *limit;
	json_t *chains;
};

static int limit(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	const struct limit *l = arg;
	const struct ratelimit *r = l->limit;
	int err = ratelimit_load(c, slot, r, f);

	if (!err) {
		json_t *o = act_limit_json(r);

		json_object_set_new(o, "interface", json_string(c->ifname));
		json_array_append_new(l->chains, o);
	}
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
