// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <unistd.h>

#include "droplet/act.h"
#include "droplet/ask.h"

const struct cli_opt panic_opts[] = {
	{ "back", 'b', NULL, "the policers police again" },
	{ "interface", 'i', "IFACE", "only there, and not on every chain" },
	{ "json", 'j', NULL, "one JSON object" },
	{ "socket", 's', "PATH", "where the daemon listens (/run/xdpchain/droplet.sock)" },
	{ 0 },
};

static json_t *request(const char *ifname, int on)
{
	json_t *o = json_pack("{s:s, s:b}", "cmd", "panic", "back", !on);

	if (ifname)
		json_object_set_new(o, "interface", json_string(ifname));
	return o;
}

/*
 * Who may do it does it, whatever the daemon is at, and then tells him, for his log. Others ask.
 */
static json_t *panic(const char *socket, const char *ifname, int on, struct fail *f)
{
	json_t *answer = geteuid() ? NULL : act_panic(ifname, on), *told = NULL;
	int err = ask(socket, request(ifname, on), answer ? &told : &answer, f);

	json_decref(told);
	return !answer && err == -ENOENT ? act_panic(ifname, on) : answer;
}

static void show(const json_t *answer)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(answer, "chains"), i, c)
		printf("%s: %s\n", json_string_value(json_object_get(c, "interface")),
		       json_is_true(json_object_get(c, "panic"))
			       ? "every policer is stepped over; back with: droplet panic --back"
			       : "the policers police again");
}

int cmd_panic(int argc, char **argv)
{
	const char *socket = NULL, *ifname = NULL;
	int key, on = 1, json = 0;
	struct fail f = { 0 };
	json_t *answer;

	while ((key = cli_next(argc, argv, panic_opts, 0)) != -1) {
		if (key == 'b')
			on = 0;
		if (key == 'i')
			ifname = optarg;
		if (key == 'j')
			json = 1;
		if (key == 's')
			socket = optarg;
	}
	answer = panic(socket, ifname, on, &f);
	if (!answer)
		return say_fail(&f);
	if (!json)
		show(answer);
	return say_end(answer, json);
}
