// SPDX-License-Identifier: GPL-2.0
/* cmd_top - who is dropped most: rules by their hits, sources and networks by a sample. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "droplet/look.h"
#include "droplet/sample.h"
#include "lib/duration.h"
#include "lib/util.h"

#define TIME_NS (2 * NSEC) /* of a sample, unless told */

const struct cli_opt top_opts[] = {
	{ "count", 'n', "N", "so many of each (10)" },
	{ "time", 't', "DURATION", "how long sources are looked at (2s)" },
	{ "json", 'j', NULL, "one JSON object" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

struct top {
	const char *ifname, *socket;
	__u32 count;
	__u64 time_ns;
	int json;
	json_t *samples;
};

static json_t *items_json(const struct sample *s, __u32 count)
{
	json_t *list = json_array();
	char prefix[PREFIX_TEXT];

	for (size_t i = 0; i < s->count && i < count; i++)
		json_array_append_new(list, json_pack("{s:s, s:I, s:f}", "prefix",
						      prefix_text(&s->items[i].prefix, prefix),
						      "seen", (json_int_t)s->items[i].seen, "share",
						      (double)s->items[i].seen / s->seen));
	return list;
}

static int sample(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct sample s, wide;
	struct top *top = arg;
	int err = sample_take(c->ifname, top->time_ns, &s, f);

	(void)slot;
	if (err)
		return err;
	err = sample_widen(&s, &wide);
	if (!err) {
		sample_sort(&s);
		sample_sort(&wide);
		json_array_append_new(top->samples,
				      json_pack("{s:s, s:I, s:I, s:I, s:o, s:o}", "interface",
						c->ifname, "dropped", (json_int_t)s.total, "seen",
						(json_int_t)s.seen, "took_ns",
						(json_int_t)s.took_ns, "sources",
						items_json(&s, top->count), "prefixes",
						items_json(&wide, top->count)));
		sample_free(&wide);
	}
	sample_free(&s);
	return err ? fail_errno(f, -err, c->ifname) : 0;
}

static json_t *local(const void *arg)
{
	const struct top *top = arg;

	return look_top(top->ifname, top->count);
}

static json_t *rules(const struct top *top, struct fail *f)
{
	json_t *o = json_pack("{s:s, s:i}", "cmd", "top", "count", (int)top->count);

	if (top->ifname)
		json_object_set_new(o, "interface", json_string(top->ifname));
	return look(local, top, top->socket, o, f);
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static json_int_t number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void show_rules(const json_t *list)
{
	const json_t *r;
	size_t i;

	if (json_array_size(list))
		printf("%14s  %-15s %-20s %-8s %s\n", "RULES: HITS", "INTERFACE", "POLICER", "RULE",
		       "MATCH");
	else
		printf("no rule has been hit\n");
	json_array_foreach(list, i, r)
		printf("%14lld  %-15s %-20s %-8lld %s%s%s\n", number(r, "packets"),
		       text(r, "interface"), text(r, "policer"), number(r, "rule"),
		       text(r, "match"), text(r, "note")[0] ? "  # " : "", text(r, "note"));
}

static void show_items(const json_t *s, const char *key, const char *head)
{
	double pps = number(s, "dropped") / (number(s, "took_ns") / 1e9);
	const json_t *item;
	size_t i;

	printf("%14s  %6s  PACKETS/S, ABOUT\n", head, "SHARE");
	json_array_foreach(json_object_get(s, key), i, item) {
		double share = json_real_value(json_object_get(item, "share"));

		printf("  %-44s %5.1f%%  %.0f\n", text(item, "prefix"), 100 * share, pps * share);
	}
}

static void show_sample(const json_t *s)
{
	double seconds = number(s, "took_ns") / 1e9;

	printf("\n%s: %lld packets dropped in %.1f s, %.0f a second; %lld looked at\n",
	       text(s, "interface"), number(s, "dropped"), seconds, number(s, "dropped") / seconds,
	       number(s, "seen"));
	if (!number(s, "seen"))
		return;
	show_items(s, "sources", "SOURCES");
	show_items(s, "prefixes", "NETWORKS");
}

static int options(struct top *top, int argc, char **argv, struct fail *f)
{
	int key, err = 0;

	while (!err && (key = cli_next(argc, argv, top_opts, 0)) != -1) {
		if (key == 'n')
			err = arg_number("--count", optarg, 1, LOOK_TOP, &top->count, f);
		if (key == 't')
			err = duration_parse(optarg, &top->time_ns, f);
		if (key == 'j')
			top->json = 1;
		if (key == 's')
			top->socket = optarg;
	}
	if (!err && optind < argc)
		top->ifname = argv[optind];
	return err;
}

static int show(const struct top *top, json_t *found)
{
	const json_t *s;
	size_t i;

	if (top->json) {
		json_t *o = json_pack("{s:O, s:O}", "rules", json_object_get(found, "chains"),
				      "samples", top->samples);

		json_dumpf(o, stdout, JSON_COMPACT);
		printf("\n");
		json_decref(o);
	} else {
		show_rules(json_object_get(found, "chains"));
		json_array_foreach(top->samples, i, s)
			show_sample(s);
	}
	return say_end(found, 0);
}

int cmd_top(int argc, char **argv)
{
	struct top top = { .count = 10, .time_ns = TIME_NS, .samples = json_array() };
	struct targets t = { .access = CHAIN_READ, .fn = sample, .arg = &top };
	struct fail f = { 0 };
	json_t *found = NULL;
	int rc, sampled = CLI_OK;

	if (options(&top, argc, argv, &f)) {
		json_decref(top.samples);
		return say_usage("%s", f.text);
	}
	t.ifname = top.ifname;
	/* A capture takes rights that the daemon does not lend: then rules alone. */
	if (look_allowed())
		sampled = targets_run(&t);
	if (sampled == CLI_OK)
		found = rules(&top, &f);
	if (!found) {
		json_decref(top.samples);
		return sampled ? sampled : say_fail(&f);
	}
	rc = show(&top, found);
	json_decref(top.samples);
	return rc;
}
