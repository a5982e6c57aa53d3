// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/report.h"

#include <stdio.h>

#include "lib/chain.h"
#include "lib/util.h"

static const char *plural(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

void report_start(const struct opts *o, const struct chain *c, const char *stages)
{
	fprintf(stderr, "xdpdump: listening on %s (%s XDP: %s), snapshot length %u bytes\n",
		o->ifname, c->info.generic ? "generic" : "native", stages, o->snaplen);
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

void report_info(unsigned long shown, const struct session_count *n)
{
	fprintf(stderr, "xdpdump: ");
	counts(shown, n, ", ");
}

void report_live(struct report_live *l, const struct session_count *n, const struct ring_stats *r)
{
	__u64 now = now_ns();

	fprintf(stderr,
		"offered %llu captured %llu filtered %llu lost %llu, %llu events/s, "
		"rings %llu KiB, out of order %llu\n",
		n->offered, n->captured, n->filtered, n->lost,
		(r->records - l->records) * NSEC / (now - l->at_ns), r->bytes >> 10, r->late);
	*l = (struct report_live){ now, r->records };
}
