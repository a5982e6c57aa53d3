// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>
#include <stdio.h>

#include <jansson.h>

#include "droplet/droplet.h"
#include "lib/blocklist.h"
#include "lib/duration.h"
#include "lib/util.h"

const struct cli_opt list_opts[] = {
	{ "json", 'j', NULL, "one JSON object a line" },
	{ "interface", 'i', "IFACE", "only that one, and not every chain" },
	{ 0 },
};

struct list {
	struct blocklist *blocklist;
	const char *ifname;
	__u64 now;
	int json, header;
};

static int show_text(const struct blocklist_item *item, void *arg)
{
	char prefix[PREFIX_TEXT], age[DURATION_TEXT] = "-", left[DURATION_TEXT] = "-";
	struct list *list = arg;
	struct chain_rule r = { 0 };

	blocklist_rule(list->blocklist, item->rule, &r);
	if (!list->header)
		printf("%-15s %-8s %-22s %12s %8s %8s  %s\n", "INTERFACE", "RULE", "PREFIX", "HITS",
		       "AGE", "LEFT", "NOTE");
	list->header = 1;
	if (r.since_ns)
		duration_text(list->now - r.since_ns, age);
	if (item->expires_ns)
		duration_text(item->expires_ns - list->now, left);
	printf("%-15s %-8u %-22s %12llu %8s %8s%s%s\n", list->ifname, item->rule,
	       prefix_text(&item->prefix, prefix), item->hits, age, left, r.note[0] ? "  " : "",
	       r.note);
	return 0;
}

static int show_json(const struct blocklist_item *item, void *arg)
{
	const struct list *list = arg;
	struct chain_rule r = { 0 };
	char prefix[PREFIX_TEXT];
	json_t *o;

	blocklist_rule(list->blocklist, item->rule, &r);
	o = json_pack("{s:s, s:I, s:s, s:I, s:s, s:b}", "interface", list->ifname, "rule",
		      (json_int_t)item->rule, "prefix", prefix_text(&item->prefix, prefix), "hits",
		      (json_int_t)item->hits, "note", r.note, "configured",
		      !!(item->owner & BLOCKLIST_CONF));

	if (r.since_ns)
		json_object_set_new(o, "age_ns", json_integer(list->now - r.since_ns));
	if (item->expires_ns)
		json_object_set_new(o, "left_ns", json_integer(item->expires_ns - list->now));
	json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
	return 0;
}

static int list(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct list *l = arg;
	struct blocklist *b;
	int err = blocklist_open(c, slot, &b, f);

	if (err)
		return err;
	l->ifname = c->ifname;
	l->now = now_ns();
	l->blocklist = b;
	err = blocklist_each(b, l->json ? show_json : show_text, l, f);
	blocklist_close(b);
	return err;
}

int cmd_list(int argc, char **argv)
{
	struct list l = { 0 };
	struct targets t = { .stage = BLOCKLIST_NAME, .access = CHAIN_READ, .fn = list, .arg = &l };
	int key;

	while ((key = cli_next(argc, argv, list_opts, 0)) != -1) {
		if (key == 'j')
			l.json = 1;
		if (key == 'i')
			t.ifname = optarg;
	}
	return targets_run(&t);
}
