// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "droplet/act.h"
#include "droplet/ask.h"

const struct cli_opt limit_opts[] = {
	{ "burst", 'b', "N", "packets or bytes at once (a tenth of RATE, at least 10 or 65535)" },
	{ "bytes", 'B', NULL, "RATE is bytes a second; so are 10Mbit/s and 2MB/s without it" },
	{ "by", 'y', "WHO", "who has a rate: source, destination or all (source)" },
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

static int parse_burst(const char *text, struct ratelimit *r, struct fail *f)
{
	__u32 burst;
	int err = arg_number("--burst", text, 1, UINT32_MAX, &burst, f);

	if (!err)
		r->burst = burst;
	return err;
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
			err = parse_burst(optarg, &l->limit, f);
		if (key == 'B')
			l->limit.unit = RATELIMIT_BYTES;
		if (key == 'y')
			err = ratelimit_by(optarg, &l->limit.by, f);
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
	err = ratelimit_parse(text, r, f);
	if (!err && !r->burst)
		r->burst = ratelimit_burst(r);
	return err ? err : ratelimit_check(r, f);
}

static json_t *request(const struct limit *l)
{
	json_t *o = act_limit_json(&l->limit);

	json_object_set_new(o, "cmd", json_string("limit"));
	if (l->ifname)
		json_object_set_new(o, "interface", json_string(l->ifname));
	return o;
}

static void show(const json_t *answer)
{
	char words[RATELIMIT_TEXT];
	struct ratelimit r;
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(answer, "chains"), i, c) {
		const char *ifname = json_string_value(json_object_get(c, "interface"));

		if (!act_limit_read(c, &r, NULL) && r.rate)
			printf("%s: limit %s\n", ifname, ratelimit_text(&r, words));
		else
			printf("%s: no limit\n", ifname);
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
