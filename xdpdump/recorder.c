// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/recorder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/record.h"
#include "lib/util.h"
#include "xdpdump/report.h"

#define DEFAULT_BYTES (256ULL << 20)
#define AT_ONCE	      8192	     /* records between two looks at the rings */
#define SETTLE_NS     (50 * 1000000) /* an event may be that late */

struct recorder {
	const struct opts *o;
	struct backlog *mem;
	__u64 room; /* bytes of it */
	__u64 epoch_ns;
	recorder_write *write;
	void *arg;
	bool closed;   /* write takes no more */
	__u64 next_ns; /* when to look at the triggers */
	struct trigger_state state[TALLY_COUNTS];
	__u64 seen[OPTS_IFACES][TALLY_COUNTS]; /* counts at the last look */

	__u64 until_ns;		      /* events up to then are wanted */
	char trigger[RECORD_TRIGGER]; /* for the next one that is written */
	bool firing;		      /* and it was not yet said how many there were */
	__u64 fired_written;	      /* written when it fired */

	__u64 written, overwritten;
	__u64 cut_ns;		     /* when room last ran out before the time did */
	__u64 lost[RECORDER_IFACES]; /* before events that were not written */
};

struct recorder *recorder_new(const struct opts *o, __u64 epoch_ns, recorder_write *write,
			      void *arg)
{
	struct recorder *r = calloc(1, sizeof(*r));
	__u64 rate, room = o->recorder_bytes ? o->recorder_bytes : DEFAULT_BYTES;

	if (r)
		r->mem = backlog_new(room);
	if (!r || !r->mem) {
		fprintf(stderr, "xdpdump: --flight-recorder: no memory for %llu MiB\n", room >> 20);
		free(r);
		return NULL;
	}
	r->o = o;
	r->room = room;
	r->epoch_ns = epoch_ns;
	r->write = write;
	r->arg = arg;
	/* Counts begin at 0, and not with what is there when they are read first. */
	for (int i = 0; i < TALLY_COUNTS; i++)
		trigger_step(&r->state[i], 0, now_ns(), 0, &rate);
	return r;
}

void recorder_free(struct recorder *r)
{
	if (!r)
		return;
	backlog_free(r->mem);
	free(r);
}

static bool wanted(const struct recorder *r, const struct backlog_record *rec)
{
	return rec->time_ns <= r->until_ns && !r->closed;
}

static void overwrite(struct recorder *r, const struct backlog_record *rec)
{
	r->lost[rec->source] += rec->lost;
	r->overwritten++;
	backlog_drop(r->mem);
}

/* 0, or what write said: then it is still there. */
static int write_one(struct recorder *r, struct backlog_record *rec)
{
	int err;

	rec->lost += r->lost[rec->source];
	err = r->write(r->arg, rec, r->trigger[0] ? r->trigger : NULL);
	r->closed |= err != 0;
	if (err)
		return err;
	r->lost[rec->source] = 0;
	r->trigger[0] = 0;
	r->written++;
	backlog_drop(r->mem);
	return 0;
}

/* Let go of what is too old at @now_ns. */
static void expire(struct recorder *r, __u64 now_ns)
{
	struct backlog_record old;

	while (r->o->recorder_ns && backlog_oldest(r->mem, &old) && !wanted(r, &old) &&
	       now_ns > old.time_ns + r->o->recorder_ns)
		overwrite(r, &old);
}

int recorder_put(struct recorder *r, const struct backlog_record *in)
{
	struct backlog_record old;
	int err = 0;

	expire(r, in->time_ns);
	while (!backlog_put(r->mem, in)) {
		backlog_oldest(r->mem, &old);
		if (wanted(r, &old)) {
			err = write_one(r, &old); /* if it fails, nothing is wanted any more */
			continue;
		}
		r->cut_ns = in->time_ns;
		overwrite(r, &old);
	}
	return err < 0 ? err : 0;
}

bool recorder_due(const struct recorder *r)
{
	return now_ns() >= r->next_ns;
}

static void fire(struct recorder *r, const char *why)
{
	struct recorder_stats st;
	size_t at = strlen(r->trigger);
	__u64 now = now_ns(), wall = now + r->epoch_ns;
	char time[64], zone[8];
	time_t sec = wall / NSEC;
	struct tm tm;

	localtime_r(&sec, &tm);
	strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
	strftime(zone, sizeof(zone), "%z", &tm);
	snprintf(r->trigger + at, sizeof(r->trigger) - at, "%s%s at %s.%06llu%.3s:%s",
		 at ? ", " : "", why, time, wall % NSEC / 1000, zone, zone + 3);
	if (!r->firing)
		r->fired_written = r->written;
	r->firing = true;
	r->until_ns = now + r->o->after_ns;
	recorder_stats(r, &st);
	report_trigger(why, strchr(time, 'T') + 1, wall % NSEC / 1000, &st, r->o);
}

void recorder_now(struct recorder *r)
{
	fire(r, "SIGUSR2");
}

/* Of all sources together. @most: the one that it grew most at since the last look */
static __u64 sum(const struct recorder *r, const struct tally_counts *n, unsigned int count,
		 unsigned int i, unsigned int *most)
{
	__u64 all = 0, best = 0;

	*most = 0;
	for (unsigned int s = 0; s < count; s++) {
		__u64 more = n[s].n[i] - r->seen[s][i];

		all += n[s].n[i];
		if (more > best) {
			best = more;
			*most = s;
		}
	}
	return all;
}

/* The name of a stage may have any bytes, and goes to a terminal and into a comment. */
static void plain(char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			*text = '?';
}

void recorder_look(struct recorder *r, const struct tally_counts *n, const char *const *names,
		   unsigned int count)
{
	char why[RECORD_TRIGGER] = "";
	__u64 now = now_ns();
	size_t at = 0;

	r->next_ns = now + TRIGGER_TICK;
	expire(r, now);
	for (unsigned int i = 0; i < TALLY_COUNTS; i++) {
		unsigned int most;
		__u64 rate, all = sum(r, n, count, i, &most);
		bool asked = i == TALLY_ASKED;

		if (!trigger_step(&r->state[i], asked ? 0 : r->o->triggers[i].over, now, all,
				  &rate) ||
		    at >= sizeof(why))
			continue;
		at += snprintf(why + at, sizeof(why) - at, "%s%s%s (%llu/s%s%s)", at ? ", " : "",
			       asked ? "asked by " : "",
			       asked ? n[most].asked : r->o->triggers[i].text, rate,
			       count > 1 ? ", " : "", count > 1 ? names[most] : "");
	}
	for (unsigned int s = 0; s < count; s++)
		memcpy(r->seen[s], n[s].n, sizeof(r->seen[s]));
	plain(why);
	if (at)
		fire(r, why);
}

/* Once what was asked for is written: how much it was. */
static void settle(struct recorder *r)
{
	if (!r->firing || now_ns() < r->until_ns + SETTLE_NS)
		return;
	r->firing = false;
	report_written(r->written - r->fired_written);
}

int recorder_work(struct recorder *r, bool all)
{
	struct backlog_record old;
	int err;

	for (unsigned int n = 0; backlog_oldest(r->mem, &old) && wanted(r, &old); n++) {
		if (n == AT_ONCE && !all)
			return 1;
		err = write_one(r, &old);
		if (err)
			return err < 0 ? err : 0;
	}
	settle(r);
	return 0;
}

void recorder_stats(const struct recorder *r, struct recorder_stats *st)
{
	struct backlog_record old;
	__u64 now = now_ns();
	bool any = backlog_oldest(r->mem, &old);

	*st = (struct recorder_stats){
		.written = r->written,
		.overwritten = r->overwritten,
		.kept = backlog_count(r->mem),
		.age_ns = any && now > old.time_ns ? now - old.time_ns : 0,
		.bytes = backlog_bytes(r->mem),
		.room = r->room,
		.cut = r->o->recorder_ns && r->cut_ns && now - r->cut_ns < r->o->recorder_ns,
	};
}
