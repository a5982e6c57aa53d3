// SPDX-License-Identifier: GPL-2.0
/* policer_fragments - the kind `fragments`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/guard.h"
#include "lib/util.h"
#include "xdpchain/fragments.h"

struct params {
	const char *drop;
	__u64 source, destination, window_ns;
	__u32 min, overlap, per4, per6;
};

/*
 * min 48: no link is smaller than 68 bytes (RFC 791 3.2), 1280 of IPv6; what is smaller was cut on
 * purpose. window 1s: fragments of one datagram are sent back to back. Rates are off: tunnels and
 * file servers fragment whatever they send, so only who knows his traffic can set one.
 */
static const struct policer_param params[] = {
	{ "drop", POLICER_TEXT, offsetof(struct params, drop), "bad", 0, 0,
	  "bad: what is tiny, wrong or overlaps; all: every fragment" },
	{ "min", POLICER_NUMBER, offsetof(struct params, min), "48", 8, 1232,
	  "bytes that a fragment brings at least, unless it is the last" },
	{ "overlap", POLICER_FLAG, offsetof(struct params, overlap), "true", 0, 0,
	  "drop datagrams whose fragments overlap, and fragments that come twice" },
	{ "window", POLICER_TIME, offsetof(struct params, window_ns), "1s", NSEC, 60 * NSEC,
	  "how long a datagram may take to come" },
	{ "source", POLICER_RATE, offsetof(struct params, source), "0", 0, 100000000,
	  "fragments a second from a source; 0: no limit" },
	{ "destination", POLICER_RATE, offsetof(struct params, destination), "0", 0, 100000000,
	  "fragments a second to a destination; 0: no limit" },
	{ "per4", POLICER_NUMBER, offsetof(struct params, per4), "32", 0, 32,
	  "bits of the IPv4 address that make a source" },
	{ "per6", POLICER_NUMBER, offsetof(struct params, per6), "64", 0, 128, "the same of IPv6" },
	{ 0 },
};

static int fill_conf(struct fragments_conf *c, const struct policer_conf *conf,
		     const struct params *want, struct fail *f)
{

	if (!strcmp(want->drop, "all"))
		c->drop = FRAGMENTS_DROP_ALL;
	else if (strcmp(want->drop, "bad"))
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "drop: %s: bad or all is wanted", want->drop);
	guard_meter(&c->source, want->source, 0);
	guard_meter(&c->destination, want->destination, 0);
	c->tick_ns = guard_tick_ns();
	guard_masks(want->per4, want->per6, &c->mask4, c->mask6);
	c->min = want->min;
	c->window = want->window_ns >> FRAGMENTS_SHIFT;
	c->overlap = want->overlap;
	return 0;
}

static int setup(struct bpf_object *obj, void *arg, struct fail *f)
{
	return guard_conf(obj, "fragments_conf", arg, sizeof(struct fragments_conf), f);
}

static int fill(struct bpf_object *obj, void *arg, struct fail *f)
{
	(void)arg;
	return guard_secret(obj, f);
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	struct params want = { 0 };
	struct fragments_conf *c = guard_begin(p, sizeof(*c), setup, fill, f);
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

const struct policer_kind policer_fragments = {
	.name = "fragments",
	.help = "drop fragments that are tiny, wrong, overlapping, too many, or all",
	.params = params,
	.make = make,
	.drop = drop,
};
