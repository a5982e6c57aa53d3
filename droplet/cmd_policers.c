// SPDX-License-Identifier: GPL-2.0
/* cmd_policers - policers and their rules. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "droplet/ask.h"
#include "droplet/look.h"
#include "lib/duration.h"

const struct cli_opt policers_opts[] = {
	{ "json", 'j', NULL, "one JSON object a policer and line" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

const struct cli_opt rules_opts[] = {
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ "json", 'j', NULL, "one JSON object a rule and line" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

struct which {
	const char *ifname, *policer, *socket;
	int json;
};

static void options(struct which *w, const struct cli_opt *opts, int argc, char **argv)
{
	int key;

	while ((key = cli_next(argc, argv, opts, 0)) != -1) {
		if (key == 'j')
			w->json = 1;
		if (key == 'i')
			w->ifname = optarg;
		if (key == 's')
			w->socket = optarg;
	}
}

static json_t *request(const struct which *w, const char *cmd)
{
	json_t *o = json_pack("{s:s}", "cmd", cmd);

	if (w->ifname)
		json_object_set_new(o, "interface", json_string(w->ifname));
	if (w->policer)
		json_object_set_new(o, "policer", json_string(w->policer));
	return o;
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

static const char *age(const json_t *o, const char *key, char buf[DURATION_TEXT])
{
	return json_object_get(o, key) ? duration_text(number(o, key), buf) : "-";
}

static void dump(const json_t *o)
{
	json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
}

static void show_policer(const json_t *p)
{
	int shadow = !strcmp(text(p, "mode"), "shadow");
	char since[DURATION_TEXT];

	printf("%-15s %4lld  %-20s %-13s %-8s %14lld %14lld%-6s %7s\n", text(p, "interface"),
	       number(p, "slot"), text(p, "policer"), text(p, "kind"), text(p, "mode"),
	       number(p, "packets"), number(p, shadow ? "would" : "dropped"),
	       shadow ? " would" : "", age(p, "age_ns", since));
}

static json_t *local_policers(const void *arg)
{
	return look_policers(((const struct which *)arg)->ifname);
}

static void show_chains(const json_t *answer, int json)
{
	const json_t *chain, *p;
	size_t i, k;

	if (!json)
		printf("%-15s %4s  %-20s %-13s %-8s %14s %14s%-6s %7s\n", "INTERFACE", "SLOT",
		       "POLICER", "KIND", "MODE", "PACKETS", "DROPPED", "", "AGE");
	json_array_foreach(json_object_get(answer, "chains"), i, chain) {
		json_array_foreach(json_object_get(chain, "policers"), k, p) {
			if (json)
				dump(p);
			else
				show_policer(p);
		}
		if (!json && json_is_true(json_object_get(chain, "panic")))
			printf("%-15s panic: every policer is stepped over; back with: "
			       "droplet panic --back\n",
			       text(chain, "interface"));
	}
}

/* What only the daemon knows: who is configured and not in a chain, and what is not as in the file.
 */
static void show_configured(const struct which *w)
{
	struct fail f = { 0 };
	json_t *answer;
	const json_t *p;
	size_t i;

	if (ask(w->socket, request(w, "configured"), &answer, &f))
		return;
	json_array_foreach(json_object_get(answer, "policers"), i, p) {
		int disabled = json_is_true(json_object_get(p, "disabled"));

		if (w->json && disabled)
			dump(p);
		else if (!w->json && disabled)
			printf("%-15s %4s  %-20s %-13s disabled\n", "-", "-", text(p, "policer"),
			       text(p, "kind"));
		if (!w->json && json_is_true(json_object_get(p, "changed")))
			printf("%s: is not as in %s, line %lld: it was changed at run time\n",
			       text(p, "policer"), text(answer, "configuration"),
			       number(p, "line"));
	}
	json_decref(answer);
}

int cmd_policers(int argc, char **argv)
{
	struct which w = { 0 };
	struct fail f = { 0 };
	json_t *answer;

	options(&w, policers_opts, argc, argv);
	if (optind < argc)
		w.ifname = argv[optind];
	answer = look(local_policers, &w, w.socket, request(&w, "policers"), &f);
	if (!answer)
		return say_fail(&f);
	if (json_array_size(json_object_get(answer, "chains"))) {
		show_chains(answer, w.json);
		show_configured(&w);
	}
	return say_end(answer, 0);
}

static void show_rule(const json_t *r)
{
	char since[DURATION_TEXT], left[DURATION_TEXT], packets[24] = "-";

	if (json_object_get(r, "packets"))
		snprintf(packets, sizeof(packets), "%lld", number(r, "packets"));
	printf("%-15s %-20s %-8lld %12s %8s %8s  %s%s%s\n", text(r, "interface"),
	       text(r, "policer"), number(r, "rule"), packets, age(r, "age_ns", since),
	       age(r, "left_ns", left), text(r, "match"), text(r, "note")[0] ? "  # " : "",
	       text(r, "note"));
}

static void show_rules(const json_t *answer, int json)
{
	const json_t *chain, *r;
	size_t i, k;

	if (!json)
		printf("%-15s %-20s %-8s %12s %8s %8s  %s\n", "INTERFACE", "POLICER", "RULE",
		       "HITS", "AGE", "LEFT", "MATCH");
	json_array_foreach(json_object_get(answer, "chains"), i, chain) {
		json_array_foreach(json_object_get(chain, "rules"), k, r) {
			if (json)
				dump(r);
			else
				show_rule(r);
		}
		if (!json && number(chain, "more"))
			printf("%-15s and %lld more, those of a blocklist by: droplet list -i %s\n",
			       text(chain, "interface"), number(chain, "more"),
			       text(chain, "interface"));
	}
}

static json_t *local_rules(const void *arg)
{
	const struct which *w = arg;

	return look_rules(w->ifname, w->policer);
}

int cmd_rules(int argc, char **argv)
{
	struct which w = { 0 };
	struct fail f = { 0 };
	json_t *answer;

	options(&w, rules_opts, argc, argv);
	if (optind < argc)
		w.policer = argv[optind];
	answer = look(local_rules, &w, w.socket, request(&w, "rules"), &f);
	if (!answer)
		return say_fail(&f);
	if (json_array_size(json_object_get(answer, "chains")))
		show_rules(answer, w.json);
	return say_end(answer, 0);
}
