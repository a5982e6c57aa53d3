// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "droplet/droplet.h"
#include "droplet/report.h"
#include "lib/duration.h"
#include "lib/veth.h"

const struct cli_opt status_opts[] = {
	{ "json", 'j', NULL, "one JSON object a chain and line" },
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
	struct ratelimit limit;

	if (ratelimit_get(r->chain, slot, &limit))
		return;
	if (!limit.rate_pps)
		printf("      no limit\n");
	else
		printf("      limit %u/s, burst %u, per IPv4 /%u and IPv6 /%u\n", limit.rate_pps,
		       limit.burst, limit.len4, limit.len6);
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
	int json, shown;
};

static void show_text(const struct report *r, int blank)
{
	const struct chain *c = r->chain;
	char age[DURATION_TEXT];

	printf("%s%s: %s mode, for %s\n", blank ? "\n" : "", c->ifname,
	       c->info.generic ? "generic" : "native",
	       duration_text(r->now_ns - c->info.created_ns, age));
	show_loss(r);
	printf("SLOT  %-20s %6s %14s %16s  %s\n", "STAGE", "AGE", "PACKETS", "BYTES", "VERDICTS");
	for (__u32 i = CHAIN_SLOT_POLICER_MIN; i < CHAIN_SLOTS; i++)
		show_stage(r, i);
	printf(" end  %-20s %6s", "", "");
	show_counts(r, CHAIN_SLOT_END);
	show_sessions(r);
}

static int show_json(const struct report *r, struct fail *f)
{
	json_t *o = report_json(r);

	if (!o)
		return fail_set(f, EILSEQ, "%s: a name is not in UTF-8", r->chain->ifname);
	json_dumpf(o, stdout, JSON_COMPACT);
	printf("\n");
	json_decref(o);
	return 0;
}

static int status(struct chain *c, __u32 slot, void *arg, struct fail *f)
{
	struct report *r = report_new(c, f);
	struct status *status = arg;
	int err = 0;

	(void)slot;
	if (!r)
		return -errno;
	if (status->json)
		err = show_json(r, f);
	else
		show_text(r, status->shown);
	status->shown = 1;
	report_free(r);
	return err;
}

int cmd_status(int argc, char **argv)
{
	struct status arg = { 0 };
	struct targets t = { .access = CHAIN_READ, .fn = status, .arg = &arg };
	int key;

	while ((key = cli_next(argc, argv, status_opts, 0)) != -1)
		arg.json = arg.json || key == 'j';
	if (optind < argc)
		t.ifname = argv[optind];
	return targets_run(&t);
}
