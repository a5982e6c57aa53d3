// SPDX-License-Identifier: GPL-2.0
/* policer_conntrack - the kind `conntrack`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/guard.h"
#include "lib/util.h"
#include "xdpchain/conntrack.h"

#define OPEN_NS (30 * NSEC) /* in which the packets after a SYN pass before it is known */

struct params {
	__u64 threshold, end, learn_ns, timeout_ns;
	__u32 per4, per6, syn, flows;
};

/*
 * 500,000: of packets that are of no known flow a server has those of the first seconds of each
 * connection, and UDP that asks once: no address that one machine serves has half a million.
 */
static const struct policer_param params[] = {
	{ "threshold", POLICER_RATE, offsetof(struct params, threshold), "500k", 1, 1000000000,
	  "packets a second of no known flow to a destination, from which on it is a flood" },
	{ "end", POLICER_RATE, offsetof(struct params, end), NULL, 0, 1000000000,
	  "and below which it is over; half the threshold" },
	{ "per4", POLICER_NUMBER, offsetof(struct params, per4), "32", 0, 32,
	  "bits of the IPv4 address that make a destination" },
	{ "per6", POLICER_NUMBER, offsetof(struct params, per6), "128", 0, 128,
	  "the same of IPv6" },
	{ "learn", POLICER_TIME, offsetof(struct params, learn_ns), "3s", NSEC, 3600 * NSEC,
	  "how long after its first packet a flow that still comes is known" },
	{ "timeout", POLICER_TIME, offsetof(struct params, timeout_ns), "1h", NSEC,
	  7 * 24 * 3600 * NSEC, "how long a known flow that does not come stays known" },
	{ "syn", POLICER_FLAG, offsetof(struct params, syn), "true", 0, 0,
	  "a SYN opens a flow in a flood too" },
	{ "flows", POLICER_NUMBER, offsetof(struct params, flows), "1048576", 1024, 1 << 26,
	  "flows in the table, a power of two or the next; 16 bytes each" },
	{ 0 },
};

static int fill_conf(struct conntrack_conf *c, const struct policer_conf *conf,
		     const struct params *want, struct fail *f)
{
	int err = guard_flood(&c->meter, conf, want->threshold, want->end, f);

	if (err)
		return err;
	c->tick_ns = guard_tick_ns();
	guard_masks(want->per4, want->per6, &c->mask4, c->mask6);
	c->learn = want->learn_ns >> CONNTRACK_SHIFT;
	c->timeout = want->timeout_ns >> CONNTRACK_SHIFT;
	c->open = OPEN_NS >> CONNTRACK_SHIFT;
	c->sets = guard_power(want->flows) / CONNTRACK_WAYS;
	c->syn = want->syn;
	return 0;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	static const char *const sized[] = { "flows", NULL };
	const struct conntrack_conf *c = arg;
	int err = guard_conf(obj, "conntrack_conf", c, sizeof(*c), f);

	return err ? err : guard_sets(obj, sized, c->sets, f);
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	(void)arg;
	return guard_secret(obj, f);
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	struct params want = { 0 };
	struct conntrack_conf *c = guard_begin(p, sizeof(*c), setup, fill, f);
	int err;

	if (!c)
		return -ENOMEM;
	err = policer_params(conf, params, &want, f);
	if (!err)
		err = fill_conf(c, conf, &want, f);
	p->spec.digest = policer_digest(p->spec.digest, c, sizeof(*c));
	return err;
}

static void drop(struct policer *p)
{
	free(p->state);
}

const struct policer_kind policer_conntrack = {
	.name = "conntrack",
	.help = "above a rate of packets of no known flow, only those of known flows",
	.params = params,
	.make = make,
	.drop = drop,
};
