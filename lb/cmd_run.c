// SPDX-License-Identifier: GPL-2.0
/* run, check, reload, health: the daemon, and what is asked of it. */
#include <errno.h>
#include <getopt.h>
#include <grp.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "lb/args.h"
#include "lb/server.h"
#include "lb/status.h"
#include "lb/xdplb.h"

const struct cli_opt run_opts[] = {
	{ "config", 'c', "FILE", "the configuration (" LBCONF_PATH ")" },
	{ "foreground", 'F', NULL, "log to standard error, and not to the journal" },
	{ 0 },
};
const struct cli_opt ask_opts[] = {
	{ "json", 'j', NULL, "as JSON" },
	{ "socket", 's', "PATH", "where the daemon listens (" LBCONF_SOCKET ")" },
	{ 0 },
};

int cmd_run(int argc, char **argv)
{
	const char *path = LBCONF_PATH;
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
		return xdplb_fail(&f);
	err = server_run(s, &f);
	server_close(s);
	return err ? xdplb_fail(&f) : CLI_OK;
}

static void show_check(const struct lbconf *conf, int json)
{
	size_t vips = conf->vip_count, interfaces = conf->interface_count, reals = 0;

	for (size_t i = 0; i < vips; i++)
		reals += conf->vips[i].real_count;
	if (json)
		status_print(json_pack("{s:s, s:I, s:I, s:I}", "configuration", conf->path, "vips",
				       (json_int_t)vips, "reals", (json_int_t)reals, "interfaces",
				       (json_int_t)interfaces));
	else
		printf("%s: fine, %zu VIP%s with %zu real%s on %zu interface%s\n", conf->path, vips,
		       vips == 1 ? "" : "s", reals, reals == 1 ? "" : "s", interfaces,
		       interfaces == 1 ? "" : "s");
}

int cmd_check(int argc, char **argv)
{
	int json = args_json(argc, argv);
	struct fail f = { 0 };
	struct lbconf *conf;

	if (lbconf_load(argv[optind], &conf, &f))
		return xdplb_fail(&f);
	for (size_t i = 0; i < conf->interface_count; i++)
		if (!if_nametoindex(conf->interfaces[i].is.name))
			fprintf(stderr, "xdplb: %s:%u: %s: there is no such interface now\n",
				conf->path, conf->interfaces[i].is.line,
				conf->interfaces[i].is.name);
	if (conf->group && !getgrnam(conf->group))
		fprintf(stderr, "xdplb: %s: group: %s: there is no such group now\n", conf->path,
			conf->group);
	show_check(conf, json);
	lbconf_free(conf);
	return CLI_OK;
}

/* Ask the daemon, and hand its answer to @show, or print it. */
static int ask(int argc, char **argv, const char *cmd, void (*show)(const json_t *answer))
{
	json_t *request = json_pack("{s:s, s:I}", "cmd", cmd, "netns", control_netns()), *answer;
	const char *socket = LBCONF_SOCKET;
	struct fail f = { 0 };
	int key, err, json = 0;

	while ((key = cli_next(argc, argv, ask_opts, 0)) != -1) {
		if (key == 'j')
			json = 1;
		if (key == 's')
			socket = optarg;
	}
	err = control_call(socket, request, &answer, &f);
	json_decref(request);
	if (err == -ENOENT || err == -ECONNREFUSED)
		fail_set(&f, ENOENT, "%s: no daemon is there, start one: xdplb run", socket);
	if (err)
		return xdplb_fail(&f);
	json_object_del(answer, "ok");
	if (json) {
		status_print(answer);
		return CLI_OK;
	}
	show(answer);
	json_decref(answer);
	return CLI_OK;
}

static int number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "?";
}

static void show_reload(const json_t *a)
{
	printf("VIPs: %d added, %d changed, %d removed; reals: %d added, %d changed, %d removed, "
	       "%d kept; interfaces: %d attached, %d detached\n",
	       number(a, "vips_added"), number(a, "vips_changed"), number(a, "vips_removed"),
	       number(a, "reals_added"), number(a, "reals_changed"), number(a, "reals_removed"),
	       number(a, "reals_kept"), number(a, "attached"), number(a, "detached"));
}

static void show_health(const json_t *a)
{
	const json_t *r;
	size_t i;

	json_array_foreach(json_object_get(a, "reals"), i, r) {
		const json_t *since = json_object_get(r, "since_seconds");
		int is_up = json_is_true(json_object_get(r, "up"));
		int is_tunnel = !strcmp(text(r, "through"), "tunnel");

		printf("%s %s %s%s %s", text(r, "vip"), text(r, "real"), text(r, "check"),
		       is_tunnel ? " through the tunnel" : "", is_up ? "up" : "down");
		if (json_is_real(since))
			printf(" for %.0f s", json_real_value(since));
		printf(", %d passed, %d failed%s%s\n", number(r, "passed"), number(r, "failed"),
		       number(r, "failed") ? ", last: " : "",
		       number(r, "failed") ? text(r, "last_failure") : "");
	}
}

int cmd_reload(int argc, char **argv)
{
	return ask(argc, argv, "reload", show_reload);
}

int cmd_health(int argc, char **argv)
{
	return ask(argc, argv, "health", show_health);
}
