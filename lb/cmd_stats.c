// SPDX-License-Identifier: GPL-2.0
/* stats: what happens in a while, by the difference of two looks */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lb/args.h"
#include "lb/status.h"
#include "lb/xdplb.h"
#include "lib/util.h"

const struct cli_opt stats_opts[] = {
	{ "interval", 't', "SECONDS", "over which it is measured (1)" },
	{ "count", 'c', "N", "how often; 0: until it is stopped (1)" },
	{ "json", 'j', NULL, "as JSON, an object and line each time" },
	IFACE_OPT,
	{ 0 },
};

struct args {
	const char *ifname;
	__u32 interval_s, count;
	int json;
};

/* Two looks at the same balancer, and the seconds between. */
struct span {
	const struct status *from, *to;
	double seconds;
};

static double rate(const struct span *s, __u64 from, __u64 to)
{
	return to > from ? (to - from) / s->seconds : 0;
}

static __u64 reason(const struct span *s, const char *name)
{
	return status_packets(s->to, name) - status_packets(s->from, name);
}

/* What it was at the first look; zeros for what came since. */
static struct lb_vip_count vip_before(const struct span *s, const struct lb_vip_state *v)
{
	for (size_t i = 0; i < s->from->state.count; i++) {
		const struct lb_vip_state *old = &s->from->state.vips[i];

		if (old->number == v->number &&
		    !memcmp(&old->service, &v->service, sizeof(v->service)))
			return old->count;
	}
	return (struct lb_vip_count){ 0 };
}

static struct chain_count real_before(const struct span *s, const struct lb_real_state *r)
{
	for (size_t i = 0; i < s->from->state.count; i++) {
		const struct lb_vip_state *v = &s->from->state.vips[i];

		for (size_t j = 0; j < v->count_reals; j++)
			if (v->reals[j].number == r->number &&
			    !memcmp(&v->reals[j].addr, &r->addr, sizeof(r->addr)))
				return v->reals[j].sent;
	}
	return (struct chain_count){ 0 };
}

/* Of the packets that the table was asked about, how many it knew, in percent; -1: none was. */
static double hit_percent(const struct span *s)
{
	__u64 known = reason(s, "known"), asked = known + reason(s, "miss") + reason(s, "moved");

	return asked ? 100.0 * known / asked : -1;
}

static void text(const struct span *s)
{
	char name[LB_TEXT];
	double hits = hit_percent(s);

	printf("%s: %.1f s, ", s->to->ifname, s->seconds);
	if (hits < 0)
		printf("table not asked");
	else
		printf("table knew %.2f %%", hits);
	printf(", %.0f misses/s, %.0f new/s, flood guard %s\n", rate(s, 0, reason(s, "miss")),
	       rate(s, 0, reason(s, "new")), s->to->guard.cpus_on ? "ON" : "off");
	printf("%-48s  %12s  %15s  %10s\n", "VIP / real", "packets/s", "bits/s", "dropped/s");
	for (size_t i = 0; i < s->to->state.count; i++) {
		const struct lb_vip_state *v = &s->to->state.vips[i];
		struct lb_vip_count old = vip_before(s, v);

		lb_service_text(name, &v->service);
		printf("%-48s  %12.0f  %15.0f  %10.0f\n", name,
		       rate(s, old.sent.packets, v->count.sent.packets),
		       8 * rate(s, old.sent.bytes, v->count.sent.bytes),
		       rate(s, old.dropped.packets, v->count.dropped.packets));
		for (size_t j = 0; j < v->count_reals; j++) {
			const struct lb_real_state *r = &v->reals[j];
			struct chain_count before = real_before(s, r);

			lb_addr_text(name, &r->addr);
			printf("  %-46s  %12.0f  %15.0f\n", name,
			       rate(s, before.packets, r->sent.packets),
			       8 * rate(s, before.bytes, r->sent.bytes));
		}
	}
}

static json_t *vip_json(const struct span *s, const struct lb_vip_state *v)
{
	struct lb_vip_count old = vip_before(s, v);
	json_t *reals = json_array();
	char name[LB_TEXT];

	for (size_t i = 0; i < v->count_reals; i++) {
		const struct lb_real_state *r = &v->reals[i];
		struct chain_count before = real_before(s, r);

		lb_addr_text(name, &r->addr);
		json_array_append_new(reals, json_pack("{s:s, s:f, s:f}", "real", name,
						       "packets_per_second",
						       rate(s, before.packets, r->sent.packets),
						       "bits_per_second",
						       8 * rate(s, before.bytes, r->sent.bytes)));
	}
	lb_service_text(name, &v->service);
	return json_pack("{s:s, s:f, s:f, s:f, s:o}", "vip", name, "packets_per_second",
			 rate(s, old.sent.packets, v->count.sent.packets), "bits_per_second",
			 8 * rate(s, old.sent.bytes, v->count.sent.bytes), "dropped_per_second",
			 rate(s, old.dropped.packets, v->count.dropped.packets), "reals", reals);
}

static json_t *json(const struct span *s)
{
	json_t *vips = json_array(), *o;
	double hits = hit_percent(s);

	for (size_t i = 0; i < s->to->state.count; i++)
		json_array_append_new(vips, vip_json(s, &s->to->state.vips[i]));
	o = json_pack("{s:s, s:f, s:f, s:f, s:b, s:i, s:o}", "interface", s->to->ifname, "seconds",
		      s->seconds, "misses_per_second", rate(s, 0, reason(s, "miss")),
		      "new_per_second", rate(s, 0, reason(s, "new")), "guard_on",
		      s->to->guard.cpus_on > 0, "guard_cpus", (int)s->to->guard.cpus_on, "vips",
		      vips);
	if (o)
		json_object_set_new(o, "hit_percent", hits < 0 ? json_null() : json_real(hits));
	return o;
}

static int look(struct xdplb *x, struct status *s, struct fail *f)
{
	status_free(s);
	memset(s, 0, sizeof(*s));
	return status_read(x, 0, s, f);
}

static void pass(__u32 seconds)
{
	struct timespec t = { .tv_sec = seconds };

	nanosleep(&t, NULL);
}

/* Look again and again, @looks[0] and [1] in turns. */
static int run(struct xdplb *x, const struct args *a, struct status looks[2], struct fail *f)
{
	int err = look(x, &looks[0], f);

	for (__u32 i = 1; !err; i++) {
		struct span s = { .from = &looks[(i + 1) & 1], .to = &looks[i & 1] };

		pass(a->interval_s);
		err = look(x, &looks[i & 1], f);
		if (err)
			break;
		s.seconds = (s.to->time_ns - s.from->time_ns) / 1e9;
		if (a->json)
			status_print(json(&s));
		else
			text(&s);
		fflush(stdout);
		if (i == a->count)
			break;
	}
	return err;
}

static int parse(int argc, char **argv, struct args *a, struct fail *f)
{
	int key, err = 0;

	*a = (struct args){ .interval_s = 1, .count = 1 };
	while (!err && (key = cli_next(argc, argv, stats_opts, 0)) != -1)
		if (key == 'i')
			a->ifname = optarg;
		else if (key == 'j')
			a->json = 1;
		else if (key == 't')
			err = args_number(optarg, "the interval", 1, 86400, &a->interval_s, f);
		else if (key == 'c')
			err = args_number(optarg, "the count", 0, 1000000000, &a->count, f);
	return err;
}

int cmd_stats(int argc, char **argv)
{
	struct status *looks;
	struct fail f = { 0 };
	struct xdplb x;
	struct args a;
	int err;

	if (parse(argc, argv, &a, &f))
		return xdplb_usage(&f);
	if (xdplb_open(a.ifname, CHAIN_READ, &x))
		return CLI_FAILED;
	looks = calloc(2, sizeof(*looks));
	err = looks ? run(&x, &a, looks, &f) : -ENOMEM;
	if (looks) {
		status_free(&looks[0]);
		status_free(&looks[1]);
	}
	free(looks);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}
