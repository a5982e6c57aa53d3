// SPDX-License-Identifier: GPL-2.0
/*
 * put_probe IFACE SLOT VERDICT ADDRESS - put the test stage into a slot of a chain that is there:
 * it says VERDICT (drop, next, ...) with its reason `one` of packets from that IPv4 address, and
 * calls stage_trigger() for each; others it hands on.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/trail.h"
#include "tests/probe.h"

int main(int argc, char **argv)
{
	struct probe p = { .reason = 1, .asks = 1 };
	struct chain *c = NULL;
	struct fail f = { 0 };
	int err;

	if (argc != 5 || inet_pton(AF_INET, argv[4], &p.saddr) != 1) {
		fprintf(stderr, "usage: put_probe IFACE SLOT VERDICT ADDRESS\n");
		return 2;
	}
	p.slot = atoi(argv[2]);
	p.verdict = trail_verdict_find(argv[3], strlen(argv[3]));
	err = chain_open(argv[1], CHAIN_WRITE, &c, &f);
	if (!err)
		err = probe_load(c, &p, &f);
	if (err)
		fprintf(stderr, "put_probe: %s\n%s", f.text, f.log);
	chain_close(c);
	return err ? 1 : 0;
}
