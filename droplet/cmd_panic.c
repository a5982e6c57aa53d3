// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <getopt.h>
#include <stdio.h>

#include "droplet/act.h"
#include "droplet/ask.h"
#include "droplet/look.h"

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

/* Who may do it does it, whatever the daemon is at, and tells him, for his log. Others ask. */
static json_t *panic(const char *socket, const char *ifname, int on, struct fail *f)
{
	json_t *answer = NULL, *asked = NULL;
	int err;

	if (look_allowed()) {
		answer = act_panic(ifname, on);
		if (!json_is_true(json_object_get(answer, "failed"))) {
			ask_nobody(socket, request(ifname, on));
			return answer;
		}
	}
	err = ask(socket, request(ifname, on), &asked, f);
	if (err == -ENOENT)
		return answer ? answer : act_panic(ifname, on);
	json_decref(answer);
	return asked;
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
