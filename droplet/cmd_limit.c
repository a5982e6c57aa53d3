// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "droplet/act.h"
#include "droplet/ask.h"

const struct cli_opt limit_opts[] = {
	{ "burst", 'b', "N", "packets that may come at once (a tenth of RATE, at least 10)" },
	{ "per", 'p', "LEN[,LEN6]", "bits of the address that make a source (32,64)" },
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ "json", 'j', NULL, "one JSON object" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
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

struct limit {
	struct ratelimit limit;
	const char *ifname, *socket;
	int json;
};

static int options(struct limit *l, int argc, char **argv, struct fail *f)
{
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, limit_opts, 0)) != -1) {
		if (key == 'b')
			err = arg_number("--burst", optarg, 1, UINT32_MAX, &l->limit.burst, f);
		if (key == 'p')
			err = parse_per(optarg, &l->limit, f);
		if (key == 'i')
			l->ifname = optarg;
		if (key == 'j')
			l->json = 1;
		if (key == 's')
			l->socket = optarg;
	}
	return err;
}

static int parse_rate(struct ratelimit *r, const char *text, struct fail *f)
{
	int err;

	if (!strcmp(text, "off")) {
		*r = (struct ratelimit){ .len4 = 32, .len6 = 64 };
		return 0;
	}
	err = ratelimit_rate(text, &r->rate_pps, f);
	if (!err && !r->burst)
		r->burst = ratelimit_burst(r->rate_pps);
	return err ? err : ratelimit_check(r, f);
}

static json_t *request(const struct limit *l)
{
	json_t *o = json_pack("{s:s, s:I, s:I, s:i, s:i}", "cmd", "limit", "pps",
			      (json_int_t)l->limit.rate_pps, "burst", (json_int_t)l->limit.burst,
			      "len4", (int)l->limit.len4, "len6", (int)l->limit.len6);

	if (l->ifname)
		json_object_set_new(o, "interface", json_string(l->ifname));
	return o;
}

static json_int_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void show(const json_t *answer)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(answer, "chains"), i, c) {
		const char *ifname = json_string_value(json_object_get(c, "interface"));

		if (!number(c, "pps"))
			printf("%s: no limit\n", ifname);
		else
			printf("%s: limit %lld/s, burst %lld, per IPv4 /%lld and IPv6 /%lld\n",
			       ifname, number(c, "pps"), number(c, "burst"), number(c, "len4"),
			       number(c, "len6"));
	}
}

int cmd_limit(int argc, char **argv)
{
	struct limit l = { .limit = { .len4 = 32, .len6 = 64 } };
	struct fail f = { 0 };
	json_t *answer;
	int err;

	if (options(&l, argc, argv, &f) || parse_rate(&l.limit, argv[optind], &f))
		return say_usage("%s", f.text);
	err = ask(l.socket, request(&l), &answer, &f);
	if (err && err != -ENOENT)
		return say_fail(&f);
	if (err)
		answer = act_limit(l.ifname, &l.limit);
	if (!l.json)
		show(answer);
	return say_end(answer, l.json);
}
