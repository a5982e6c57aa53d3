// SPDX-License-Identifier: GPL-2.0
/* policer_ratelimit - the kind `ratelimit`. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/lists.h"
#include "lib/ratelimit.h"

struct params {
	const char *rate, *unit, *by;
	__u64 burst;
	__u32 len4, len6, sources;
};

static const struct policer_param params[] = {
	{ "rate", POLICER_TEXT, offsetof(struct params, rate), NULL, 0, 0,
	  "1000, 20k/s: packets a second; 10Mbit/s, 2MB/s: bytes" },
	{ "unit", POLICER_TEXT, offsetof(struct params, unit), "packets", 0, 0,
	  "what a rate without unit is of: packets, bytes" },
	{ "burst", POLICER_RATE, offsetof(struct params, burst), NULL, 1, 0,
	  "packets or bytes that may come at once; a tenth of a second's" },
	{ "by", POLICER_TEXT, offsetof(struct params, by), "source", 0, 0,
	  "who has a rate: each source, each destination, or all together" },
	{ "len4", POLICER_NUMBER, offsetof(struct params, len4), "32", 0, 32,
	  "bits of an IPv4 address that count" },
	{ "len6", POLICER_NUMBER, offsetof(struct params, len6), "64", 0, 128,
	  "bits of an IPv6 address that count" },
	{ "sources", POLICER_NUMBER, offsetof(struct params, sources), "262144", 8, 16777216,
	  "addresses that are known at once, of each family; 16 bytes each" },
	{ 0 },
};

struct state {
	struct ratelimit limit;
	struct ratelimit_stage stage;
};

static int read_limit(const struct policer_conf *conf, const struct params *p, struct ratelimit *r,
		      struct fail *f)
{
	struct fail why = { 0 };

	*r = (struct ratelimit){ .burst = p->burst, .len4 = p->len4, .len6 = p->len6 };
	if (!p->rate)
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "kind ratelimit needs a rate: add rate: 1000/s");
	if (!strcmp(p->unit, "bytes"))
		r->unit = RATELIMIT_BYTES;
	else if (strcmp(p->unit, "packets"))
		return policer_fail(f, EINVAL, conf->line, conf->name,
				    "unit: %s: packets or bytes is wanted", p->unit);
	if (ratelimit_by(p->by, &r->by, &why))
		return policer_fail(f, EINVAL, conf->line, conf->name, "by: %s", why.text);
	if (ratelimit_parse(p->rate, r, &why))
		return policer_fail(f, EINVAL, conf->line, conf->name, "rate: %s", why.text);
	if (!r->burst)
		r->burst = ratelimit_burst(r);
	if (ratelimit_check(r, &why))
		return policer_fail(f, EINVAL, conf->line, conf->name, "%s", why.text);
	return 0;
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	struct params want = { 0 };
	struct state *s = calloc(1, sizeof(*s));
	int err;

	if (!s)
		return fail_errno(f, ENOMEM, conf->name);
	p->state = s;
	err = policer_params(conf, params, &want, f);
	if (!err)
		err = read_limit(conf, &want, &s->limit, f);
	if (err)
		return err;
	ratelimit_spec(&p->spec, &s->stage, &s->limit, want.sources);
	p->spec.digest = policer_digest(p->spec.digest, &s->limit, sizeof(s->limit));
	p->spec.digest = policer_digest(p->spec.digest, &want.sources, sizeof(want.sources));
	return 0;
}

static void drop(struct policer *p)
{
	free(p->state);
}

const struct policer_kind policer_ratelimit = {
	.name = "ratelimit",
	.help = "so many packets or bytes a second",
	.params = params,
	.make = make,
	.drop = drop,
};
