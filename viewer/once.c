// SPDX-License-Identifier: GPL-2.0
#include "viewer/once.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/cli.h"
#include "lib/duration.h"
#include "lib/epoch.h"
#include "lib/util.h"
#include "viewer/once_json.h"
#include "viewer/units.h"

static void print_shares(const struct model_stage *st)
{
	double all = model_pps(st);
	const char *comma = "  ";
	char share[UNITS_TEXT];

	/* Of those of the interval; of all, when none came in it. */
	for (__u32 v = 0; v < CHAIN_VERDICTS; v++) {
		double part = all > 0 ? st->pps[v] : st->total[v].packets;

		if (part <= 0)
			continue;
		units_share(share, part, all > 0 ? all : model_packets(st));
		printf("%s%s %s", comma, model_verdict(v), share);
		comma = ", ";
	}
	printf("\n");
}

static void print_reasons(const struct model_stage *st)
{
	char pps[UNITS_TEXT];

	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		const struct model_reason *r = &st->reasons[i];
		char number[16];

		if (!r->total.packets)
			continue;
		snprintf(number, sizeof(number), "%u", i);
		printf("      reason %-32s %8s %14llu\n", r->name[0] ? r->name : number,
		       units_count(pps, r->pps), r->total.packets);
	}
}

static void print_stage(const struct model_if *mi, __u32 slot)
{
	const struct model_stage *st = &mi->stages[slot];
	char age[DURATION_TEXT] = "-", pps[UNITS_TEXT], drops[UNITS_TEXT], ns[UNITS_TEXT],
	     number[16];

	if (!st->here && slot != CHAIN_SLOT_END)
		return;
	if (st->since_ns)
		duration_text(mi->now_ns - st->since_ns, age);
	snprintf(number, sizeof(number), "%u", slot);
	printf("%4s  %-24s %6s %8s %14llu %8s %6s", slot == CHAIN_SLOT_END ? "end" : number,
	       slot == CHAIN_SLOT_END ? "end of chain" : st->name, age,
	       units_count(pps, model_pps(st)), model_packets(st),
	       units_count(drops, model_drops(st)), units_ns(ns, st->step_ns));
	print_shares(st);
	if (st->flags & CHAIN_STAGE_SHADOW)
		printf("      shadow: drops nothing, only counts\n");
	print_reasons(st);
}

static void print_if(const struct model_if *mi)
{
	char a[UNITS_TEXT], b[UNITS_TEXT], c[UNITS_TEXT], d[UNITS_TEXT], age[DURATION_TEXT];
	struct model_sum s;
	double drops;

	model_sum(mi, &s);
	drops = s.final[CHAIN_DROP] + s.final[CHAIN_ABORTED];
	if (mi->mean)
		printf("%s: %s of packets", mi->name,
		       duration_text(mi->now_ns - mi->start_ns, age));
	else
		printf("%s: %s mode, for %s", mi->name, mi->generic ? "generic" : "native",
		       duration_text(mi->now_ns - mi->created_ns, age));
	printf(", %s pkt/s, %sbit/s, drops %s/s %s\n", units_count(a, s.pps), units_count(b, s.bps),
	       units_count(c, drops), units_share(d, drops, s.pps));
	printf("slot  %-24s %6s %8s %14s %8s %6s  verdicts\n", "stage", "age", "pkt/s", "packets",
	       "drops/s", "ns/pkt");
	for (__u32 slot = 0; slot < CHAIN_COUNTED; slot++)
		print_stage(mi, slot);
	if (mi->loss[0])
		printf("loss: %s\n", mi->loss);
}

static int print(const struct opts *o, const struct model *m)
{
	int rc = CLI_OK;

	if (o->json)
		return once_json(m) ? CLI_FAILED : CLI_OK;
	for (__u32 i = 0; i < m->n; i++) {
		if (m->ifs[i].gone[0]) {
			fprintf(stderr, "xdpview: %s\n", m->ifs[i].gone);
			rc = CLI_FAILED;
			continue;
		}
		if (i)
			printf("\n");
		print_if(&m->ifs[i]);
	}
	return rc;
}

static void poll_all(struct live *live, struct model *m)
{
	for (__u32 i = 0; i < m->n; i++)
		live_poll(live, i, &m->ifs[i]);
	m->epoch_ns = epoch_ns(8);
}

static void read_live(const struct opts *o, struct live *live, struct model *m)
{
	struct timespec t = { o->every_ns / NSEC, o->every_ns % NSEC };

	poll_all(live, m);
	clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
	poll_all(live, m);
}

static int read_file(const struct opts *o, struct replay *r, struct intake *in)
{
	struct fail f = { 0 };
	int more;

	do
		more = replay_some(r, in, NSEC, 100000, &f);
	while (more > 0);
	if (more < 0)
		fprintf(stderr, "xdpview: %s: %s\n", o->read, f.text);
	if (replay_foreign(r))
		fprintf(stderr, "xdpview: %s: %llu packets left out: not Ethernet\n", o->read,
			replay_foreign(r));
	return more < 0 || replay_foreign(r) ? CLI_FAILED : CLI_OK;
}

int once_print(const struct opts *o, struct live *live, struct replay *replay)
{
	struct model *m = model_new(live ? live_count(live) : MODEL_IFS, o->every_ns);
	struct intake in = { 0 };
	int rc = CLI_OK, said;

	if (!m || intake_open(&in, m)) {
		fprintf(stderr, "xdpview: %s\n", strerror(ENOMEM));
		rc = CLI_FAILED;
	} else if (live) {
		read_live(o, live, m);
	} else {
		m->n = 0;
		rc = read_file(o, replay, &in);
	}
	said = m && in.events ? print(o, m) : CLI_FAILED;
	intake_close(&in);
	model_free(m);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "xdpview: standard output: %s\n", strerror(errno));
		return CLI_FAILED;
	}
	return rc ? rc : said;
}
