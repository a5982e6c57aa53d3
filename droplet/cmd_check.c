// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
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
	struct apply_result r = { 0 };
	int err = chdir(conf->dir) ? fail_set(f, errno, "%s: %s", conf->dir, strerror(errno)) : 0;

	if (!err)
		err = check_disabled(conf, f);
	if (!err)
		err = apply_check(conf, &r, f);
	if (r.warnings)
		fputs(r.warnings, stderr);
	apply_result_free(&r);
	if (err)
		server_name_file(conf, f);
	return err;
}

static int is_there(const struct iflist_entry *i)
{
	return if_nametoindex(i->name) != 0;
}

/* A chain for trying things out sees no interface: which of them there are is asked before. */
static int check_all(const struct conf *conf, struct fail *f)
{
	char *there = calloc(conf->interface_count, 1);
	int err;

	if (!there)
		return fail_errno(f, ENOMEM, conf->path);
	for (size_t i = 0; i < conf->interface_count; i++)
		there[i] = is_there(&conf->interfaces[i]);
	err = check(conf, f);
	for (size_t i = 0; !err && i < conf->interface_count; i++)
		if (!there[i])
			fprintf(stderr, "droplet: %s:%u: %s: there is no such interface now\n",
				conf->path, conf->interfaces[i].line, conf->interfaces[i].name);
	free(there);
	return err;
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
	err = check_all(conf, &f);
	if (!err)
		printf("%s: fine, %zu policer%s on %zu interface%s\n", conf->path,
		       conf->policer_count, conf->policer_count == 1 ? "" : "s",
		       conf->interface_count, conf->interface_count == 1 ? "" : "s");
	conf_free(conf);
	return err ? say_fail(&f) : CLI_OK;
}
