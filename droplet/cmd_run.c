// SPDX-License-Identifier: GPL-2.0
#include <getopt.h>

#include "droplet/droplet.h"
#include "droplet/server.h"

const struct cli_opt run_opts[] = {
	{ "config", 'c', "FILE", "the configuration (" CONF_PATH ")" },
	{ "foreground", 'F', NULL, "log to standard error, and not to the journal" },
	{ 0 },
};

int cmd_run(int argc, char **argv)
{
	const char *path = CONF_PATH;
	int key, foreground = 0, err;
	struct fail f = { 0 };
	struct server *s;

	while ((key = cli_next(argc, argv, run_opts, 0)) != -1) {
		if (key == 'c')
			path = optarg;
		if (key == 'F')
			foreground = 1;
	}
	if (server_open(path, foreground, &s, &f))
		return say_fail(&f);
	err = server_run(s, &f);
	server_close(s);
	return err ? say_fail(&f) : CLI_OK;
}
