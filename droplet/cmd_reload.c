// SPDX-License-Identifier: GPL-2.0
/* cmd_reload - reload, promote, disable, enable: what only the daemon can do. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "droplet/ask.h"
#include "droplet/droplet.h"

const struct cli_opt ask_opts[] = {
	{ "json", 'j', NULL, "one JSON object" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

static const char *text(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "?";
}

static void show_change(const json_t *c)
{
	json_int_t lost = json_integer_value(json_object_get(c, "lost"));
	const char *did = text(c, "did");

	printf("%s: %s: %s %s slot %lld", text(c, "interface"), text(c, "policer"), did,
	       !strcmp(did, "moved")	 ? "to"
	       : !strcmp(did, "removed") ? "from"
					 : "in",
	       json_integer_value(json_object_get(c, "slot")));
	if (lost)
		printf(", %lld of its maps begin empty: their shape has changed", lost);
	printf("\n");
}

static void show(const json_t *answer)
{
	const json_t *changes = json_object_get(answer, "changes"), *c;
	const char *warnings = json_string_value(json_object_get(answer, "warnings"));
	size_t i;

	if (warnings)
		fputs(warnings, stderr);

	json_array_foreach(changes, i, c)
		show_change(c);
	printf("done in %.1f ms\n", json_integer_value(json_object_get(answer, "took_ns")) / 1e6);
}

/* What is written holds again with the next one who reads the file and finds it said there. */
static void remind(const json_t *answer, const char *name, const char *line)
{
	printf("%s: until the file says so too: %s in %s, line %lld\n", name, line,
	       text(answer, "configuration"), json_integer_value(json_object_get(answer, "line")));
}

static int request(int argc, char **argv, const char *cmd, const char *line)
{
	const char *socket = NULL, *name;
	json_t *o = json_pack("{s:s}", "cmd", cmd), *answer;
	struct fail f = { 0 };
	int key, json = 0;

	while ((key = cli_next(argc, argv, ask_opts, 0)) != -1) {
		if (key == 'j')
			json = 1;
		if (key == 's')
			socket = optarg;
	}
	name = optind < argc ? argv[optind] : NULL;
	if (name)
		json_object_set_new(o, "policer", json_string(name));
	if (ask(socket, o, &answer, &f))
		return say_fail(&f);
	if (!json)
		show(answer);
	if (!json && line && json_is_true(json_object_get(answer, "changed")))
		remind(answer, name, line);
	return say_end(answer, json);
}

int cmd_reload(int argc, char **argv)
{
	return request(argc, argv, "reload", NULL);
}

int cmd_promote(int argc, char **argv)
{
	return request(argc, argv, "promote", "mode: enforce");
}

int cmd_disable(int argc, char **argv)
{
	return request(argc, argv, "disable", "disabled: true");
}

int cmd_enable(int argc, char **argv)
{
	return request(argc, argv, "enable", "disabled: false");
}
