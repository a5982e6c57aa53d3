// SPDX-License-Identifier: GPL-2.0
/* capture_event - the way of an event, from the ring to the sinks or through the recorder. */
#include "lib/event.h"
#include "xdpdump/capture_int.h"

/* Events lost at this point and CPU since the one before: the gap in the numbers. */
static __u64 gap(struct capture *c, __u32 iface, const struct ev *ev)
{
	__u64 *seq, lost = 0;

	if (ev->head->cpu >= c->ncpus)
		return 0;
	seq = &c->seq[(size_t)iface * c->ncpus + ev->head->cpu];
	if (*seq)
		lost = ev->head->seq - *seq - 1;
	*seq = ev->head->seq;
	return lost;
}

/* Where an event is from, and what is known of it beside what it says. */
struct where {
	__u32 source, iface;
	__u64 lost;
	const char *trigger;
};

/* 0; 1: it was not taken, and no other will be; -errno. */
static int show(struct capture *c, const struct ev *ev, const struct where *w)
{
	const struct sink_packet p = {
		.ev = ev,
		.names = &c->names[w->source],
		.iface = w->iface,
		.lost = w->lost,
		.trigger = w->trigger,
		.time_ns = ev->head->time_ns + c->env.epoch_ns,
	};
	int err;

	if (capture_enough(c))
		return 1;
	err = outs_packet(&c->outs, &p);
	if (!err)
		c->shown++;
	else if (err < 0)
		c->err = err;
	return err == OUTS_FULL ? 1 : err;
}

/* From the memory of the flight recorder, where it went as an event that is whole. */
int capture_kept(void *arg, const struct backlog_record *r, const char *trigger)
{
	struct capture *c = arg;
	const struct where w = {
		.source = sources_of(&c->sources, r->source),
		.iface = r->source,
		.lost = r->lost,
		.trigger = trigger,
	};
	struct ev ev;
	int err = ev_decode(r->data, r->len, &ev);

	return err ? err : show(c, &ev, &w);
}

int capture_event(const void *sample, size_t len, __u32 source, void *arg)
{
	struct where w = { .source = source };
	struct capture *c = arg;
	struct ev ev;
	int err;

	if (!c->recorder && capture_enough(c))
		return 1;
	err = ev_decode(sample, len, &ev);
	if (err)
		return c->err = err;
	w.iface = sources_iface(&c->sources, source, ev.head->point);
	w.lost = gap(c, w.iface, &ev);
	if (c->recorder)
		return recorder_put(c->recorder, &(struct backlog_record){ sample, ev.head->time_ns,
									   w.lost, w.iface, len });
	err = show(c, &ev, &w);
	return err ? err : capture_enough(c);
}

/* Of a source that is gone stays what was read last. */
static void look_at_triggers(struct capture *c)
{
	const char *names[OPTS_IFACES];

	for (__u32 i = 0; i < c->sources.n; i++) {
		struct tally_counts n = { 0 };

		names[i] = c->sources.of[i].ifname;
		if (!c->sources.of[i].over && !keeper_tally(&c->keeper, i, &n))
			c->tallies[i] = n;
	}
	recorder_look(c->recorder, c->tallies, names, c->sources.n);
}

int capture_record(struct capture *c, bool all)
{
	int ret;

	if (!c->recorder)
		return 0;
	if (c->sig->trigger)
		recorder_now(c->recorder);
	c->sig->trigger = 0;
	if (recorder_due(c->recorder))
		look_at_triggers(c);
	ret = recorder_work(c->recorder, all);
	c->more = ret > 0;
	return ret < 0 ? ret : outs_flush(&c->outs);
}
