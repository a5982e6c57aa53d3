// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "droplet/ask.h"
#include "droplet/look.h"
#include "droplet/report.h"
#include "lib/duration.h"
#include "lib/veth.h"

const struct cli_opt status_opts[] = {
	{ "json", 'j', NULL, "one JSON object a chain and line" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

static void show_share(const struct chain_count *count, const struct chain_count *all,
		       const char *name, const char **comma)
{
	double share = 100.0 * count->packets / all->packets;

	if (!count->packets)
		return;
	/* What is not none, or not all, must not look like it. */
	if (share < 0.1)
		printf("%s%s <0.1%%", *comma, name);
	else if (share > 99.9 && count->packets < all->packets)
		printf("%s%s >99.9%%", *comma, name);
	else
		printf("%s%s %.1f%%", *comma, name, share);
	*comma = ", ";
}

static void show_counts(const struct report *r, __u32 slot)
{
	struct chain_count all = report_packets(r, slot);
	const char *comma = "  ";

	printf(" %14llu %16llu", all.packets, all.bytes);
	for (__u32 v = 0; v < CHAIN_VERDICTS; v++)
		show_share(&r->totals.verdicts[slot][v], &all, report_verdict(v), &comma);
	printf("\n");
}

static void show_reasons(const struct report *r, __u32 slot)
{
	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		const struct chain_count *count = &r->totals.reasons[slot][i];
		const char *name = names_reason(r->names, slot, 0, i);
		char number[16];

		if (!count->packets)
			continue;
		snprintf(number, sizeof(number), "%u", i);
		printf("      reason %-20s %14llu %16llu\n", name ? name : number, count->packets,
		       count->bytes);
	}
}

static void show_list(const struct report *r, __u32 slot)
{
	char prefix[PREFIX_TEXT], left[DURATION_TEXT];
	struct report_list list;

	if (report_list(r, slot, &list))
		return;
	for (size_t i = 0; i < list.count; i++) {
		const struct blocklist_item *item = &list.top[i];

		printf("      rule %-6u %-20s %10llu hits", item->rule,
		       prefix_text(&item->prefix, prefix), item->hits);
		if (item->expires_ns)
			printf(", %s left", duration_text(item->expires_ns - r->now_ns, left));
		if (list.rules[i].note[0])
			printf(", %s", list.rules[i].note);
		printf("\n");
	}
	if (list.total > list.count)
		printf("      and %llu rules with fewer hits: droplet list -i %s\n",
		       list.total - list.count, r->chain->ifname);
}

static void show_limit(const struct report *r, __u32 slot)
{
	char text[RATELIMIT_TEXT];
	struct ratelimit limit;

	if (ratelimit_get(r->chain, slot, &limit))
		return;
	if (!limit.rate)
		printf("      no limit\n");
	else
		printf("      limit %s\n", ratelimit_text(&limit, text));
}

static void show_stage(const struct report *r, __u32 slot)
{
	struct chain_stage st;
	char age[DURATION_TEXT] = "-";

	if (chain_stage(r->chain, slot, &st))
		return;
	if (st.since_ns)
		duration_text(r->now_ns - st.since_ns, age);
	printf("%4u  %-20s %6s", slot, st.name, age);
	show_counts(r, slot);
	if (st.flags & CHAIN_STAGE_SHADOW)
		printf("      shadow: drops nothing, only counts\n");
	show_reasons(r, slot);
	show_list(r, slot);
	show_limit(r, slot);
}

static void show_sessions(const struct report *r)
{
	struct session_conf s;
	char age[DURATION_TEXT];

	for (__u32 i = 0; i < SESSIONS; i++) {
		if (report_session(r, i, &s))
			continue;
		printf("capture %u: %s (pid %d) for %s, %llu packets: %s\n", i, s.comm, s.pid,
		       duration_text(r->now_ns - s.since_ns, age), r->totals.sessions[i].offered,
		       s.filter[0] ? s.filter : "everything");
	}
}

static void show_loss(const struct report *r)
{
	char text[VETH_TEXT];
	struct veth_loss loss;

	if (!veth_loss(r->chain, &r->totals, &loss))
		return;
	veth_text(&loss, text);
	printf("%s\n", text);
}

struct status {
	const char *ifname, *socket;
	int shown;
};

static void show_text(const struct report *r, int blank)
{
	const struct chain *c = r->chain;
	char age[DURATION_TEXT];

	printf("%s%s: %s mode, for %s\n", blank ? "\n" : "", c->ifname,
	       c->info.generic ? "generic" : "native",
	       duration_text(r->now_ns - c->info.created_ns, age));
	show_loss(r);
	if (c->info.flags & CHAIN_PANIC)
		printf("panic: every policer is stepped over; back with: droplet panic --back\n");
	printf("SLOT  %-20s %6s %14s %16s  %s\n", "STAGE", "AGE", "PACKETS", "BYTES", "VERDICTS");
	for (__u32 i = CHAIN_SLOT_POLICER_MIN; i < CHAIN_SLOTS; i++)
		show_stage(r, i);
	printf(" end  %-20s %6s", "", "");
	show_counts(r, CHAIN_SLOT_END);
	show_sessions(r);
}

static int status(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct report *r = report_new(c, f);
	struct status *status = arg;

	(void)slot;
	if (!r)
		return -errno;
	show_text(r, status->shown);
	status->shown = 1;
	report_free(r);
	return 0;
}

static json_t *request(const char *cmd, const char *ifname)
{
	json_t *o = json_pack("{s:s}", "cmd", cmd);

	if (ifname)
		json_object_set_new(o, "interface", json_string(ifname));
	return o;
}

static void show_daemon(const struct status *s)
{
	const char *compiling;
	char age[DURATION_TEXT];
	struct fail f = { 0 };
	json_t *o;

	if (!s->shown || ask(s->socket, request("hello", NULL), &o, &f))
		return;
	printf("\ndaemon: pid %lld, %s, ", json_integer_value(json_object_get(o, "pid")),
	       json_string_value(json_object_get(o, "configuration")));
	if (json_is_true(json_object_get(o, "starting")))
		printf("not applied yet");
	else
		printf("applied %s ago",
		       duration_text(json_integer_value(json_object_get(o, "age_ns")), age));
	if (json_is_true(json_object_get(o, "changed")))
		printf(", changed at run time: droplet policers");
	compiling = json_string_value(json_object_get(o, "compiling"));
	if (compiling)
		printf(", compiling %s", compiling);
	printf("\n");
	json_decref(o);
}

/* Of what the daemon tells one who may not read the pins. */
static void show_brief(const json_t *chain)
{
	const json_t *stage, *v;
	const char *verdict;
	char age[DURATION_TEXT];
	size_t i;

	printf("%s: %s mode, for %s%s\n", json_string_value(json_object_get(chain, "interface")),
	       json_string_value(json_object_get(chain, "mode")),
	       duration_text(json_integer_value(json_object_get(chain, "age_ns")), age),
	       json_is_true(json_object_get(chain, "panic")) ? ", panic" : "");
	json_array_foreach(json_object_get(chain, "stages"), i, stage) {
		printf("%4lld  %-20s", json_integer_value(json_object_get(stage, "slot")),
		       json_string_value(json_object_get(stage, "name")));
		json_object_foreach(json_object_get(stage, "verdicts"), verdict, v)
			printf("  %s %lld", verdict,
			       json_integer_value(json_object_get(v, "packets")));
		printf("\n");
	}
}

static json_t *local(const void *arg)
{
	return look_status(((const struct status *)arg)->ifname);
}

/* JSON, or in brief by the daemon. */
static int by_look(const struct status *s, int json)
{
	struct fail f = { 0 };
	json_t *answer = look(local, s, s->socket, request("status", s->ifname), &f);
	const json_t *chain;
	size_t i;

	if (!answer)
		return say_fail(&f);
	json_array_foreach(json_object_get(answer, "chains"), i, chain) {
		if (!json) {
			show_brief(chain);
			continue;
		}
		json_dumpf(chain, stdout, JSON_COMPACT);
		printf("\n");
	}
	return say_end(answer, 0);
}

int cmd_status(int argc, char **argv)
{
	struct status s = { 0 };
	struct targets t = { .access = CHAIN_READ, .fn = status, .arg = &s };
	int key, json = 0, rc;

	while ((key = cli_next(argc, argv, status_opts, 0)) != -1) {
		if (key == 'j')
			json = 1;
		if (key == 's')
			s.socket = optarg;
	}
	if (optind < argc)
		t.ifname = s.ifname = argv[optind];
	if (json || !look_allowed())
		return by_look(&s, json);
	rc = targets_run(&t);
	show_daemon(&s);
	return rc;
}
