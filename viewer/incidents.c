// SPDX-License-Identifier: GPL-2.0
#include "viewer/incidents.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define MEAN_SECONDS 60.0

struct usual {
	double drops;		      /* a second */
	float reasons[CHAIN_REASONS]; /* the same by reason */
	__u64 number;		      /* of the incident that goes on; 0: none */
};

struct incidents {
	__u64 next; /* number of the next */
	struct incident kept[INCIDENTS];
	struct usual *usual; /* by interface and slot */
};

struct incidents *incidents_new(__u32 ifs)
{
	struct incidents *in = calloc(1, sizeof(*in));

	if (!in)
		return NULL;
	in->next = 1;
	in->usual = calloc((size_t)ifs * CHAIN_COUNTED, sizeof(*in->usual));
	if (in->usual)
		return in;
	free(in);
	return NULL;
}

void incidents_free(struct incidents *in)
{
	if (!in)
		return;
	free(in->usual);
	free(in);
}

static struct incident *find(struct incidents *in, __u64 number)
{
	struct incident *i = &in->kept[number % INCIDENTS];

	return number && i->number == number ? i : NULL;
}

/* The reason whose rate has risen most. */
static __u32 risen(const struct usual *u, const struct model_stage *st)
{
	__u32 best = 0;
	double most = 0;

	for (__u32 i = 1; i < CHAIN_REASONS; i++) {
		double rise = st->reasons[i].last_pps - u->reasons[i];

		if (rise > most) {
			most = rise;
			best = i;
		}
	}
	return best;
}

static void begin(struct incidents *in, struct usual *u, __u32 iface, __u32 slot,
		  const struct model_if *mi)
{
	const struct model_stage *st = &mi->stages[slot];
	__u32 reason = risen(u, st);
	struct incident *i = &in->kept[in->next % INCIDENTS];

	*i = (struct incident){
		.number = in->next++,
		.start_ns = mi->now_ns,
		.usual_pps = u->drops,
		.iface = iface,
		.slot = slot,
		.reason = reason,
	};
	memcpy(i->ifname, mi->name, sizeof(i->ifname));
	memcpy(i->stage, st->name, sizeof(i->stage));
	memcpy(i->reason_name, st->reasons[reason].name, sizeof(i->reason_name));
	u->number = i->number;
}

static void learn(struct usual *u, const struct model_stage *st, double seconds)
{
	double part = 1 - exp(-seconds / MEAN_SECONDS);

	u->drops += part * (st->last_drops - u->drops);
	for (__u32 i = 1; i < CHAIN_REASONS; i++)
		u->reasons[i] += part * (st->reasons[i].last_pps - u->reasons[i]);
}

/* It becomes what the stage is used to. */
static void get_used(struct usual *u, const struct model_stage *st)
{
	u->drops = st->last_drops;
	for (__u32 i = 1; i < CHAIN_REASONS; i++)
		u->reasons[i] = st->reasons[i].last_pps;
}

static void go_on(struct usual *u, struct incident *i, const struct model_if *mi, double seconds)
{
	const struct model_stage *st = &mi->stages[i->slot];
	double drops = st->last_drops, least = INCIDENTS_FACTOR * i->usual_pps;

	i->now_pps = drops;
	i->dropped += drops * seconds;
	if (drops > i->peak_pps)
		i->peak_pps = drops;
	if (drops >= INCIDENTS_LEAST / 2 && drops >= least / 2)
		i->last_ns = mi->now_ns;
	if (mi->now_ns - i->start_ns >= INCIDENTS_LONG * NSEC)
		get_used(u, st);
	else if (mi->now_ns - i->last_ns < INCIDENTS_CALM * NSEC)
		return;
	i->end_ns = i->last_ns;
	i->now_pps = 0;
	u->number = 0;
}

void incidents_update(struct incidents *in, __u32 iface, const struct model_if *mi, double seconds)
{
	if (seconds <= 0)
		return;
	for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
		const struct model_stage *st = &mi->stages[slot];
		struct usual *u = &in->usual[iface * CHAIN_COUNTED + slot];
		double drops = st->last_drops;

		if (!u->number && drops >= INCIDENTS_LEAST && drops > INCIDENTS_FACTOR * u->drops)
			begin(in, u, iface, slot, mi);
		if (!u->number) {
			learn(u, st, seconds);
			continue;
		}
		if (find(in, u->number))
			go_on(u, find(in, u->number), mi, seconds);
		else
			u->number = 0; /* so many came since that it was forgotten */
	}
}

size_t incidents_count(const struct incidents *in)
{
	return in->next - 1 < INCIDENTS ? in->next - 1 : INCIDENTS;
}

const struct incident *incidents_at(const struct incidents *in, size_t i)
{
	return &in->kept[(in->next - 1 - i) % INCIDENTS];
}

const struct incident *incidents_active(const struct incidents *in)
{
	const struct incident *best = NULL;

	for (size_t i = 0; i < incidents_count(in); i++) {
		const struct incident *one = incidents_at(in, i);

		if (!one->end_ns && (!best || one->now_pps > best->now_pps))
			best = one;
	}
	return best;
}

bool incidents_goes_on(const struct incidents *in, __u32 iface, __u32 slot)
{
	return in->usual[iface * CHAIN_COUNTED + slot].number;
}

struct incident *incidents_wanting(struct incidents *in, __u32 iface, __u32 slot)
{
	struct incident *i = find(in, in->usual[iface * CHAIN_COUNTED + slot].number);

	return i && !i->event ? i : NULL;
}
