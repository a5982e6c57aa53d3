// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "droplet/droplet.h"
#include "droplet/server.h"

/* One that is disabled is not loaded; all the rest of it is to be right too. */
static int check_disabled(const struct conf *conf, struct fail *f)
{
	int err = 0;

	for (size_t i = 0; !err && i < conf->policer_count; i++) {
		struct policer p;

		if (!conf->policers[i].disabled)
			continue;
		err = policer_make(&conf->policers[i], &p, f);
		if (!err)
			policer_free(&p);
	}
	return err;
}

static int check(const struct conf *conf, struct fail *f)
{
	int err = chdir(conf->dir) ? fail_set(f, errno, "%s: %s", conf->dir, strerror(errno)) : 0;

	if (!err)
		err = check_disabled(conf, f);
	if (!err)
		err = apply_check(conf, f);
	if (err)
		server_name_file(conf, f);
	return err;
}

static void mind_interfaces(const struct conf *conf)
{
	for (size_t i = 0; i < conf->interface_count; i++)
		if (!if_nametoindex(conf->interfaces[i].name))
			fprintf(stderr, "droplet: %s:%u: %s: there is no such interface now\n",
				conf->path, conf->interfaces[i].line, conf->interfaces[i].name);
}

int cmd_check(int argc, char **argv)
{
	struct fail f = { 0 };
	struct conf *conf;
	int err;

	while (cli_next(argc, argv, NULL, 0) != -1)
		;
	if (conf_load(argv[optind], &conf, &f))
		return say_fail(&f);
	mind_interfaces(conf); /* a chain for trying things out sees none */
	err = check(conf, &f);
	if (!err)
		printf("%s: fine, %zu policers on %zu interfaces\n", conf->path,
		       conf->policer_count, conf->interface_count);
	if (!err && f.log[0])
		fprintf(stderr, "%s\n", f.log); /* warnings of a compiler */
	conf_free(conf);
	return err ? say_fail(&f) : CLI_OK;
}
