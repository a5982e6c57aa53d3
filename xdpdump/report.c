// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/report.h"

#include <stdio.h>

#include "lib/duration.h"
#include "lib/util.h"
#include "xdpdump/recorder.h"

static const char *plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

/* The last line is one that a script can wait for, whatever the number of interfaces. */
void report_start(const struct sources *ss, const struct opts *o)
{
	for (__u32 i = 0; i < ss->n; i++)
		if (ss->of[i].note[0])
			fprintf(stderr, "xdpdump: %s\n", ss->of[i].note);
	fputs("xdpdump: listening on ", stderr);
	for (__u32 i = 0; i < ss->n; i++)
		fprintf(stderr, "%s (%s), ", ss->of[i].ifname, ss->of[i].what);
	fprintf(stderr, "snapshot length %u bytes\n", o->snaplen);
}

void report_cut(const struct source *s)
{
	if (s->cut)
		fprintf(stderr,
			"xdpdump: %s: rings of %zu KiB a CPU: the kernel allows no more, but with "
			"CAP_IPC_LOCK or a higher ulimit -l\n",
			s->ifname, s->cut >> 10);
}

static void counts(unsigned long shown, const struct session_count *n, const char *between)
{
	fprintf(stderr, "%lu packet%s captured%s", shown, plural(shown), between);
	fprintf(stderr, "%llu packet%s received by filter%s", n->captured + n->lost,
		plural(n->captured + n->lost), between);
	fprintf(stderr, "%llu packet%s dropped by kernel\n", n->lost, plural(n->lost));
}

void report_end(unsigned long shown, const struct session_count *n)
{
	counts(shown, n, "\n");
	fprintf(stderr, "%llu offered = %llu captured + %llu filtered + %llu lost\n", n->offered,
		n->captured, n->filtered, n->lost);
	if (n->capped)
		fprintf(stderr, "%llu of the filtered were left out by --rate\n", n->capped);
}

void report_source(const struct source *s, const struct session_count *n)
{
	fprintf(stderr, "%s: %llu offered, %llu captured, %llu filtered, %llu lost\n", s->ifname,
		n->offered, n->captured, n->filtered, n->lost);
}

void report_kept(const struct session_count *n, const struct recorder_stats *st,
		 unsigned long long failed)
{
	fprintf(stderr, "%llu captured = %llu written + %llu overwritten + %llu in memory%s",
		n->captured, st->written - failed, st->overwritten, st->kept,
		st->kept ? ", not written" : "");
	if (failed)
		fprintf(stderr, " + %llu that could not be written", failed);
	fprintf(stderr, "\n");
}

static void say_bytes(unsigned long long n)
{
	bool small = n < 1 << 20;

	fprintf(stderr, "%llu %s", small ? (n + 1023) >> 10 : n >> 20, small ? "KiB" : "MiB");
}

/* Where the time that was asked for does not fit. */
static void say_cut(const struct recorder_stats *st, const struct opts *o)
{
	char text[DURATION_TEXT];

	if (!st->cut)
		return;
	fprintf(stderr, " (%s do not fit in ", duration_text(o->recorder_ns, text));
	say_bytes(st->room);
	fprintf(stderr, ")");
}

void report_trigger(const char *why, const char *time, unsigned long long us,
		    const struct recorder_stats *st, const struct opts *o)
{
	fprintf(stderr, "xdpdump: trigger %s at %s.%06llu: writing %llu packet%s", why, time, us,
		st->kept, plural(st->kept));
	if (st->kept)
		fprintf(stderr, " of the last %.1f s", (double)st->age_ns / NSEC);
	say_cut(st, o);
	fprintf(stderr, "\n");
}

void report_written(unsigned long long packets)
{
	fprintf(stderr, "xdpdump: %llu packet%s written, recording again\n", packets,
		plural(packets));
}

void report_info(unsigned long shown, const struct session_count *n)
{
	fprintf(stderr, "xdpdump: ");
	counts(shown, n, ", ");
}

static void say_recorder(const struct recorder_stats *st, const struct opts *o)
{
	fprintf(stderr, ", recorder %llu packet%s %.1f s ", st->kept, plural(st->kept),
		(double)st->age_ns / NSEC);
	say_bytes(st->bytes);
	say_cut(st, o);
}

static void say_memory(const struct report_memory *m)
{
	fprintf(stderr, ", buffers and caches at most %zu KiB, resident %zu KiB", m->most >> 10,
		m->resident >> 10);
}

void report_live(struct report_live *l, const struct report_state *s, const struct opts *o)
{
	const struct session_count *n = &s->count;
	const struct ring_stats *r = &s->ring;
	__u64 now = now_ns();

	fprintf(stderr,
		"offered %llu captured %llu filtered %llu lost %llu, %llu events/s, "
		"rings %llu KiB, out of order %llu",
		n->offered, n->captured, n->filtered, n->lost,
		(r->records - l->records) * NSEC / (now - l->at_ns), r->bytes >> 10, r->late);
	say_memory(&s->memory);
	if (o->recorder)
		say_recorder(&s->recorder, o);
	fprintf(stderr, "\n");
	*l = (struct report_live){ now, r->records };
}
