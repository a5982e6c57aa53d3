// SPDX-License-Identifier: GPL-2.0
/* policer_synflood - the kind `synflood`. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/guard.h"
#include "lib/util.h"
#include "xdpchain/synflood.h"

#define SYSCTL "net.ipv4.tcp_syncookies"

struct params {
	__u64 threshold, end, retry_ns, remember_ns;
	__u32 per4, per6, mss;
	const struct policer_pair *local;
};

/*
 * 10,000 SYNs a second to one address: more than a busy server opens, and a tenth of what takes a
 * CPU to answer in the stack. Above it nobody is refused: a cookie is an answer, and who is dropped
 * once comes a second later.
 */
static const struct policer_param params[] = {
	{ "threshold", POLICER_RATE, offsetof(struct params, threshold), "10k", 1, 100000000,
	  "SYNs a second to a destination from which on it is a flood" },
	{ "end", POLICER_RATE, offsetof(struct params, end), NULL, 0, 100000000,
	  "and below which it is over; half the threshold" },
	{ "per4", POLICER_NUMBER, offsetof(struct params, per4), "32", 0, 32,
	  "bits of the IPv4 address that make a destination" },
	{ "per6", POLICER_NUMBER, offsetof(struct params, per6), "128", 0, 128,
	  "the same of IPv6" },
	{ "local", POLICER_LIST, offsetof(struct params, local), NULL, 0, 0,
	  "prefixes of this machine's own addresses: SYN cookies for its listeners" },
	{ "mss", POLICER_NUMBER, offsetof(struct params, mss), "1460", 536, 8960,
	  "of the answer with a cookie, IPv4; that of IPv6 is 20 less" },
	{ "retry", POLICER_TIME, offsetof(struct params, retry_ns), "30s", NSEC, 120 * NSEC,
	  "how long a first SYN is remembered" },
	{ "remember", POLICER_TIME, offsetof(struct params, remember_ns), "10m", NSEC,
	  24 * 3600 * NSEC, "how long a source that tried again is known" },
	{ 0 },
};

struct state {
	struct synflood_conf conf;
	struct guard_list local;
};

/* Cookies that the listener then refuses would be worse than the flood. */
static int check_sysctl(const struct policer_conf *conf, const struct params *want, struct fail *f)
{
	FILE *file;
	int value = -1;

	if (!want->local)
		return 0;
	file = fopen("/proc/sys/net/ipv4/tcp_syncookies", "re");
	if (file && fscanf(file, "%d", &value) != 1)
		value = -1;
	if (file)
		fclose(file);
	if (value < 0)
		return policer_fail(f, EINVAL, want->local->line, conf->name,
				    "local: this kernel has no SYN cookies: leave local out");
	if (value != 2)
		return policer_fail(f, EINVAL, want->local->line, conf->name,
				    "local: " SYSCTL " is %d, and listeners would refuse our "
				    "cookies: sysctl -w " SYSCTL "=2",
				    value);
	return 0;
}

static __u32 ticks(__u64 ns)
{
	return ns >> SYNFLOOD_SHIFT;
}

static int fill_conf(struct state *s, const struct policer_conf *conf, const struct params *want,
		     struct fail *f)
{
	struct synflood_conf *c = &s->conf;
	int err = guard_flood(&c->meter, conf, want->threshold, want->end, f);

	if (err)
		return err;
	c->tick_ns = guard_tick_ns();
	guard_masks(want->per4, want->per6, &c->mask4, c->mask6);
	c->retry_min = ticks(NSEC / 2);
	c->retry_max = ticks(want->retry_ns);
	c->remember = ticks(want->remember_ns);
	c->has_local = !!s->local.count;
	c->mss4 = want->mss;
	c->mss6 = want->mss - 20;
	return 0;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;

	return guard_conf(obj, "synflood_conf", &s->conf, sizeof(s->conf), f);
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	const struct state *s = arg;
	int err = guard_secret(obj, f);

	return err ? err : guard_list_fill(&s->local, obj, "local", f);
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	static const char *const fresh[] = { "local4", "local6", NULL };
	struct params want = { 0 };
	struct state *s = guard_begin(p, sizeof(*s), setup, fill, f);
	int err;

	if (!s)
		return -ENOMEM;
	p->spec.fresh = fresh;
	err = policer_params(conf, params, &want, f);
	if (!err)
		err = check_sysctl(conf, &want, f);
	if (!err)
		err = guard_list_pair(&s->local, conf, want.local, 1, f);
	if (!err)
		err = fill_conf(s, conf, &want, f);
	p->spec.digest = policer_digest(p->spec.digest, &s->conf, sizeof(s->conf));
	p->spec.digest = guard_list_digest(p->spec.digest, &s->local);
	return err;
}

static void drop(struct policer *p)
{
	struct state *s = p->state;

	guard_list_free(&s->local);
	free(s);
}

const struct policer_kind policer_synflood = {
	.name = "synflood",
	.help = "SYN cookies, or a second try, above a rate of SYNs to a destination",
	.params = params,
	.make = make,
	.drop = drop,
};
