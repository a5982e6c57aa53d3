// SPDX-License-Identifier: GPL-2.0
#include "viewer/intake.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/print.h"
#include "lib/util.h"
#include "viewer/source.h"

#define SAMPLE_AMONG 4096 /* packets */
#define BEFORE_NS    NSEC /* a spike is seen when its interval is over */

int intake_open(struct intake *in, struct model *m)
{
	const struct print_opts opts = { .flags = PRINT_ABS_SEQ, .time = PRINT_TIME_NONE };
	bool whole;

	in->model = m;
	in->events = events_new();
	in->incidents = incidents_new(m->n);
	in->rules = seen_new();
	in->print = print_new(&opts);
	whole = in->events && in->incidents && in->rules && in->print;
	for (int i = 0; i < INTAKE_TALKERS; i++) {
		in->talkers[i] = talkers_new();
		whole = whole && in->talkers[i];
	}
	return whole ? 0 : -ENOMEM;
}

void intake_close(struct intake *in)
{
	events_free(in->events);
	incidents_free(in->incidents);
	seen_free(in->rules);
	print_free(in->print);
	for (int i = 0; i < INTAKE_TALKERS; i++)
		talkers_free(in->talkers[i]);
	query_clear(&in->query);
}

static bool is_dropped(const struct events_packet *p)
{
	return p->known && (p->verdict == CHAIN_DROP || p->verdict == CHAIN_ABORTED);
}

static void take_talker(struct intake *in, const struct source_of *s, bool dropped)
{
	struct talkers_key prefix;

	source_prefix(&s->source, &prefix);
	talkers_add(in->talkers[INTAKE_SOURCES], &s->source);
	talkers_add(in->talkers[INTAKE_PREFIXES], &prefix);
	if (!dropped)
		return;
	talkers_add(in->talkers[INTAKE_SOURCES_DROPPED], &s->source);
	talkers_add(in->talkers[INTAKE_PREFIXES_DROPPED], &prefix);
}

void intake_text(const struct intake *in, const struct events_packet *p, bool came, char *buf,
		 size_t size)
{
	struct print_pkt pkt = {
		.data = events_data(p),
		.cap_len = p->cap_len,
		.len = p->len,
		.time_ns = p->time_ns,
	};
	unsigned char *copy =
		came && p->known && p->verdict == CHAIN_TX ? malloc(p->cap_len) : NULL;
	size_t len = copy ? source_came(pkt.data, p->cap_len, copy) : 0;
	char *end;

	if (len) {
		pkt.data = copy;
		pkt.len -= p->cap_len - len;
		pkt.cap_len = len;
	}
	print_packet(in->print, &pkt, buf, size);
	free(copy);
	end = strchr(buf, '\n');
	if (end)
		*end = 0;
}

/* Is it of this incident: dropped in its stage, for its reason if it has one? */
static bool is_of(const struct intake *in, const struct incident *i, const struct events_packet *p)
{
	const struct trail_step *s;
	struct trail t;
	int d;

	if (p->iface != i->iface || p->time_ns + BEFORE_NS < i->start_ns + in->model->epoch_ns)
		return false;
	if (!is_dropped(p) || events_trail(p, &t))
		return false;
	d = trail_decider(&t);
	s = d < 0 ? NULL : &t.step[d];
	return s && s->slot == i->slot && (!i->reason || s->reason == i->reason);
}

static void sample_of(struct intake *in, struct incident *i)
{
	__u64 first = events_first(in->events), n = events_last(in->events);

	if (n - first > SAMPLE_AMONG)
		first = n - SAMPLE_AMONG;
	for (; n >= first && n; n--) {
		const struct events_packet *p = events_get(in->events, n);
		char line[512];

		if (!p || !is_of(in, i, p))
			continue;
		intake_text(in, p, false, line, sizeof(line));
		snprintf(i->sample, sizeof(i->sample), "%.*s", (int)sizeof(i->sample) - 1, line);
		i->event = p->number;
		return;
	}
}

void intake_sample(struct intake *in)
{
	struct incident *i;

	for (__u32 iface = 0; iface < in->model->n; iface++)
		for (__u32 slot = 0; slot < CHAIN_SLOTS; slot++) {
			i = incidents_wanting(in->incidents, iface, slot);
			if (i)
				sample_of(in, i);
		}
}

static void take_steps(struct intake *in, const struct record *r, const struct source_of *s)
{
	const struct trail *t = r->trail;
	__u32 before = 0;

	for (int i = 0; i < t->steps; i++) {
		const struct trail_step *step = &t->step[i];
		struct seen_rule *rule;

		if (t->times && step->slot < CHAIN_SLOTS)
			model_step(&in->model->ifs[r->iface], step->slot, step->ns - before);
		before = step->ns;
		if (!step->rule)
			continue;
		rule = seen_step(in->rules, r->iface, step, r->time_ns, r->len);
		if (s && step->slot == CHAIN_SLOT_LB)
			source_service(s, rule->service, sizeof(rule->service));
	}
}

void intake_packet(struct intake *in, const struct record *r)
{
	__u64 number = events_add(in->events, r);
	struct events_packet *p = events_get(in->events, number);
	struct source_of source;
	bool is_ip;

	if (!p)
		return;
	is_ip = source_find(events_data(p), p->cap_len, p->known && p->verdict == CHAIN_TX,
			    &source);
	if (r->trail)
		take_steps(in, r, is_ip ? &source : NULL);
	if (is_ip && query_wants(&in->query, p))
		take_talker(in, &source, is_dropped(p));
}

void intake_query(struct intake *in, bool again)
{
	struct source_of source;
	for (int i = 0; i < INTAKE_TALKERS; i++)
		talkers_clear(in->talkers[i]);
	for (__u64 n = events_first(in->events); n <= events_last(in->events); n++) {
		struct events_packet *p = events_get(in->events, n);

		if (!again || !query_wants(&in->query, p))
			continue;
		if (source_find(events_data(p), p->cap_len, p->known && p->verdict == CHAIN_TX,
				&source))
			take_talker(in, &source, is_dropped(p));
	}
}
