// SPDX-License-Identifier: GPL-2.0
/*
 * put_policer IFACE SLOT KIND [WORDS] - put a built-in policer into a slot of a chain that is
 * there; the words are those of tests/policing.h.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/policing.h"

int main(int argc, char **argv)
{
	struct chain *c = NULL;
	struct fail f = { 0 };
	int err;

	if (argc < 4 || argc > 5) {
		fprintf(stderr, "usage: put_policer IFACE SLOT KIND [WORDS]\n");
		return 2;
	}
	err = chain_open(argv[1], CHAIN_WRITE, &c, &f);
	if (!err)
		err = policing_load(c, atoi(argv[2]), argv[3], argc > 4 ? argv[4] : "", NULL, &f);
	if (err)
		fprintf(stderr, "put_policer: %s\n%s", f.text, f.log);
	chain_close(c);
	return err ? 1 : 0;
}
