// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "droplet/droplet.h"
#include "lib/ratelimit.h"

const struct cli_opt limit_opts[] = {
	{ "burst", 'b', "N", "packets that may come at once (a tenth of RATE, at least 10)" },
	{ "per", 'p', "LEN[,LEN6]", "bits of the address that make a source (32,64)" },
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ 0 },
};

/* "24", "24,48", or "48" alone: more than an IPv4 address has, so it is IPv6's. */
static int parse_per(const char *text, struct ratelimit *r, struct fail *f)
{
	const char *comma = strchr(text, ',');
	char first[16];
	__u32 len;

	snprintf(first, sizeof(first), "%.*s", comma ? (int)(comma - text) : 15, text);
	if (arg_number("--per", first, 0, comma ? 32 : 128, &len, f))
		return -EINVAL;
	if (len > 32)
		r->len6 = len;
	else
		r->len4 = len;
	return comma ? arg_number("--per", comma + 1, 0, 128, &r->len6, f) : 0;
}

static int limit(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	const struct ratelimit *r = arg;
	int err = ratelimit_load(c, slot, r, f);

	if (err)
		return err;
	if (!r->rate_pps)
		printf("%s: no limit\n", c->ifname);
	else
		printf("%s: limit %u/s, burst %u, per IPv4 /%u and IPv6 /%u\n", c->ifname,
		       r->rate_pps, r->burst, r->len4, r->len6);
	return 0;
}

static int limit_options(struct targets *t, int argc, char **argv, struct fail *f)
{
	struct ratelimit *r = t->arg;
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, limit_opts, 0)) != -1) {
		if (key == 'b')
			err = arg_number("--burst", optarg, 1, UINT32_MAX, &r->burst, f);
		if (key == 'p')
			err = parse_per(optarg, r, f);
		if (key == 'i')
			t->ifname = optarg;
	}
	return err;
}

int cmd_limit(int argc, char **argv)
{
	struct ratelimit r = { .len4 = 32, .len6 = 64 };
	struct targets t = {
		.stage = RATELIMIT_NAME, .access = CHAIN_WRITE, .fn = limit, .arg = &r
	};
	struct fail f = { 0 };

	if (limit_options(&t, argc, argv, &f))
		return say_usage("%s", f.text);
	if (!strcmp(argv[optind], "off")) {
		r = (struct ratelimit){ .len4 = 32, .len6 = 64 };
		return targets_run(&t);
	}
	if (ratelimit_rate(argv[optind], &r.rate_pps, &f))
		return say_usage("%s", f.text);
	if (!r.burst)
		r.burst = ratelimit_burst(r.rate_pps);
	if (ratelimit_check(&r, &f))
		return say_usage("%s", f.text);
	return targets_run(&t);
}
