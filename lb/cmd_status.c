// SPDX-License-Identifier: GPL-2.0
/* status */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lb/status.h"
#include "lb/xdplb.h"

const struct cli_opt status_opts[] = {
	{ "interface", 'i', "IFACE", "only this one" },
	{ "json", 'j', NULL, "as JSON, an object and line for each interface" },
	{ 0 },
};

struct output {
	int json;
	int count;
};

static void show(const struct status *s, struct output *out)
{
	if (!out->json) {
		if (out->count++)
			printf("\n");
		status_text(s);
		return;
	}
	status_print(status_json(s));
}

static int status_one(const char *ifname, void *arg)
{
	struct status *s = calloc(1, sizeof(*s));
	struct fail f = { 0 };
	struct xdplb x;
	int err;

	if (!s)
		return xdplb_fail(&f);
	if (xdplb_open(ifname, CHAIN_READ, &x)) {
		free(s);
		return CLI_FAILED;
	}
	err = status_read(&x, 1, s, &f);
	if (!err)
		show(s, arg);
	status_free(s);
	free(s);
	xdplb_close(&x);
	return err ? xdplb_fail(&f) : CLI_OK;
}

int cmd_status(int argc, char **argv)
{
	struct output out = { 0 };
	const char *ifname = NULL;
	int key;

	while ((key = cli_next(argc, argv, status_opts, 0)) != -1)
		if (key == 'i')
			ifname = optarg;
		else if (key == 'j')
			out.json = 1;
	return ifname ? status_one(ifname, &out) : xdplb_each(status_one, &out);
}
