// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/report.h"

#include <stdio.h>

#include "lib/chain.h"
#include "xdpdump/stages.h"

static const char *s(unsigned long long n)
{
	return n == 1 ? "" : "s";
}

void report_start(const struct opts *o, const struct chain *c)
{
	char stages[512];

	stages_list(c, stages, sizeof(stages));
	fprintf(stderr, "xdpdump: listening on %s (%s XDP: %s), snapshot length %u bytes\n",
		o->ifname, c->info.generic ? "generic" : "native", stages, o->snaplen);
}

static void counts(unsigned long shown, const struct session_count *n, const char *between)
{
	fprintf(stderr, "%lu packet%s captured%s", shown, s(shown), between);
	fprintf(stderr, "%llu packet%s received by filter%s", n->captured + n->lost,
		s(n->captured + n->lost), between);
	fprintf(stderr, "%llu packet%s dropped by kernel\n", n->lost, s(n->lost));
}

void report_end(unsigned long shown, const struct session_count *n)
{
	counts(shown, n, "\n");
	fprintf(stderr, "%llu offered = %llu captured + %llu filtered + %llu lost\n", n->offered,
		n->captured, n->filtered, n->lost);
}

void report_info(unsigned long shown, const struct session_count *n)
{
	fprintf(stderr, "xdpdump: ");
	counts(shown, n, ", ");
}
