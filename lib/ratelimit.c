// SPDX-License-Identifier: GPL-2.0
#include "lib/ratelimit.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "lib/prefix.h"
#include "lib/stage.h"
#include "lib/util.h"

#define CONF	   "ratelimit_conf"
#define BURST_MIN  10
#define TICK_SHARE 8 /* a burst is at least that many ticks' packets, or the clock is exact */

static const struct {
	char name;
	__u32 times;
} factors[] = { { 'k', 1000 }, { 'M', 1000000 } };

int ratelimit_rate(const char *text, __u32 *rate_pps, struct fail *f)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)*text))
		goto invalid;
	for (size_t i = 0; i < ARRAY_SIZE(factors); i++)
		if (*end == factors[i].name) {
			if (n > RATELIMIT_RATE_MAX)
				goto range;
			n *= factors[i].times;
			end++;
			break;
		}
	if (*end && strcmp(end, "/s"))
		goto invalid;
	if (errno || !n || n > RATELIMIT_RATE_MAX)
		goto range;
	*rate_pps = n;
	return 0;
invalid:
	return fail_set(f, EINVAL, "%.40s: not a rate like 1000, 1000/s or 20k/s", text);
range:
	return fail_set(f, ERANGE, "%.40s: a rate is 1 to %d packets/s", text, RATELIMIT_RATE_MAX);
}

__u32 ratelimit_burst(__u32 rate_pps)
{
	return rate_pps / 10 > BURST_MIN ? rate_pps / 10 : BURST_MIN;
}

int ratelimit_check(const struct ratelimit *r, struct fail *f)
{
	if (r->rate_pps > RATELIMIT_RATE_MAX)
		return fail_set(f, ERANGE, "ratelimit: a rate is at most %d packets/s",
				RATELIMIT_RATE_MAX);
	if (r->burst > (__u64)r->rate_pps * RATELIMIT_BURST_SEC)
		return fail_set(f, ERANGE,
				"ratelimit: a burst is at most what comes in %d s at the rate",
				RATELIMIT_BURST_SEC);
	if (r->len4 > 32 || r->len6 > 128)
		return fail_set(f, ERANGE,
				"ratelimit: a prefix length is at most 32 for IPv4, 128 for IPv6");
	return 0;
}

/* CLOCK_MONOTONIC_COARSE moves once a jiffy; so its resolution is that. */
static __u64 tick_units(void)
{
	struct timespec t = { 0 };

	clock_getres(CLOCK_MONOTONIC_COARSE, &t);
	return (t.tv_sec * NSEC + t.tv_nsec) * RATELIMIT_UNIT;
}

/* The hash goes on as it was, so that sources are found in their buckets again. */
static __u64 secret_of(const struct chain *c, __u32 slot)
{
	struct ratelimit_conf old;
	__u64 secret = 0;

	if (!stage_rodata_get(c, slot, CONF, &old, sizeof(old)) && old.secret)
		return old.secret;
	if (getrandom(&secret, sizeof(secret), 0) != sizeof(secret))
		secret = now_ns();
	return secret | 1;
}

static void fill_conf(struct ratelimit_conf *conf, const struct ratelimit *r)
{
	__be32 mask[4];

	conf->rate_pps = r->rate_pps;
	conf->burst = r->burst ? r->burst : ratelimit_burst(r->rate_pps);
	conf->len4 = r->len4;
	conf->len6 = r->len6;
	prefix_mask(r->len4, mask);
	conf->mask4 = mask[0];
	prefix_mask(r->len6, conf->mask6);
	if (!r->rate_pps)
		return;
	conf->cost = NSEC * RATELIMIT_UNIT / r->rate_pps;
	conf->depth = conf->cost * (conf->burst - 1);
	conf->tick = tick_units();
	if (conf->depth < conf->tick * TICK_SHARE)
		conf->tick = 0;
	/* A clock that lags by up to a tick must not take from the burst. */
	conf->depth += conf->tick;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	struct ratelimit_conf *conf = arg;
	const struct bpf_map *map = bpf_object__find_map_by_name(obj, "buckets4");
	int err;

	conf->shift = 64 - __builtin_ctz(bpf_map__max_entries(map));
	err = stage_rodata(obj, CONF, conf, sizeof(*conf));
	return err ? fail_set(f, -err, "ratelimit: %s", strerror(-err)) : 0;
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	int fd = bpf_object__find_map_fd_by_name(obj, "rules");
	struct chain_rule rule = { .since_ns = now_ns() };
	const struct ratelimit_conf *conf = arg;
	__u32 id = RATELIMIT_RULE;

	snprintf(rule.text, sizeof(rule.text), "%u/s burst %u per /%u, /%u", conf->rate_pps,
		 conf->burst, conf->len4, conf->len6);
	if (!conf->rate_pps) {
		bpf_map_delete_elem(fd, &id);
		return 0;
	}
	if (bpf_map_update_elem(fd, &id, &rule, BPF_ANY))
		return fail_set(f, errno, "ratelimit: rules: %s", strerror(errno));
	return 0;
}

int ratelimit_load(struct chain *c, __u32 slot, const struct ratelimit *r, struct fail *f)
{
	struct ratelimit_conf conf = { 0 };
	const struct stage_spec spec = { .object = RATELIMIT_NAME,
					 .kind = RATELIMIT_NAME,
					 .slot = slot,
					 .setup = setup,
					 .fill = fill,
					 .arg = &conf };
	int err = ratelimit_check(r, f);

	if (err)
		return err;
	conf.secret = secret_of(c, slot);
	fill_conf(&conf, r);
	return stage_load(c, &spec, NULL, f);
}

int ratelimit_get(const struct chain *c, __u32 slot, struct ratelimit *r)
{
	struct ratelimit_conf conf;

	if (stage_rodata_get(c, slot, CONF, &conf, sizeof(conf)))
		return -ENOENT;
	*r = (struct ratelimit){ conf.rate_pps, conf.burst, conf.len4, conf.len6 };
	return 0;
}
