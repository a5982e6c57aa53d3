// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/list.h"

#include <stdio.h>

#include "lib/chain.h"
#include "lib/cli.h"
#include "xdpdump/stages.h"

/* One that cannot be opened from here is listed too, with the reason. */
static int list_one(const char *ifname, void *arg)
{
	unsigned int *n = arg;
	struct fail f = { 0 };
	struct chain *c;
	char stages[512];

	++*n;
	if (chain_open(ifname, CHAIN_READ, &c, &f)) {
		printf("%u.%s: %s\n", *n, ifname, f.text);
		return 0;
	}
	stages_list(c, stages, sizeof(stages));
	printf("%u.%s [%s]: %s\n", *n, ifname, c->info.generic ? "generic" : "native", stages);
	chain_close(c);
	return 0;
}

int list_interfaces(void)
{
	struct fail f = { 0 };
	unsigned int n = 0;

	if (chain_each(list_one, &n, &f)) {
		fprintf(stderr, "xdpdump: %s\n", f.text);
		return CLI_FAILED;
	}
	if (!n)
		fprintf(stderr, "xdpdump: no interface has a chain, make one: droplet attach "
				"IFACE\n");
	return CLI_OK;
}
