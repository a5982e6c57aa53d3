// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/report.h"

#include <stdio.h>

#include "lib/util.h"

static const char *plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

/* One line, which a script can wait for, whatever the number of interfaces. */
void report_start(const struct sources *ss, const struct opts *o)
{
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

void report_info(unsigned long shown, const struct session_count *n)
{
	fprintf(stderr, "xdpdump: ");
	counts(shown, n, ", ");
}

void report_live(struct report_live *l, const struct session_count *n, const struct ring_stats *r,
		 const struct report_memory *m)
{
	__u64 now = now_ns();

	fprintf(stderr,
		"offered %llu captured %llu filtered %llu lost %llu, %llu events/s, "
		"rings %llu KiB, out of order %llu, buffers and caches at most %zu KiB, "
		"resident %zu KiB\n",
		n->offered, n->captured, n->filtered, n->lost,
		(r->records - l->records) * NSEC / (now - l->at_ns), r->bytes >> 10, r->late,
		m->most >> 10, m->resident >> 10);
	*l = (struct report_live){ now, r->records };
}
