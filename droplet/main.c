// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>

#include "droplet/droplet.h"

static const struct cli_cmd cmds[] = {
	{ "attach", "IFACE [--mode native|generic]", "start policing what comes in on IFACE",
	  attach_opts, 1, 1, cmd_attach },
	{ "detach", "IFACE", "stop policing IFACE and forget its lists", NULL, 1, 1, cmd_detach },
	{ "status", "[IFACE] [--json]", "show stages, counters, reasons and rules", status_opts, 0,
	  1, cmd_status },
	{ "policers", "[IFACE] [--json]", "show policers: slot, kind, mode, what they dropped",
	  policers_opts, 0, 1, cmd_policers },
	{ "rules", "[POLICER] [-i IFACE] [--json]", "show rules with their hits", rules_opts, 0, 1,
	  cmd_rules },
	{ "top", "[IFACE] [-n N] [-t DURATION] [--json]",
	  "show who is dropped most: rules, sources, prefixes", top_opts, 0, 1, cmd_top },
	{ "block", "PREFIX... [--for DURATION] [--note TEXT]",
	  "drop what comes from PREFIX, an address or ADDR/LEN", block_opts, 0, -1, cmd_block },
	{ "unblock", "PREFIX...", "let PREFIX in again", unblock_opts, 0, -1, cmd_unblock },
	{ "list", "[--json]", "show blocked prefixes with their hits", list_opts, 0, 0, cmd_list },
	{ "limit", "RATE[/s]|off [--burst N] [--per LEN] [--by WHO]",
	  "let in at most RATE packets, or bytes, a second from a source", limit_opts, 1, 1,
	  cmd_limit },
	{ "run", "[-c FILE] [--foreground]", "be the daemon: keep chains as FILE says", run_opts, 0,
	  0, cmd_run },
	{ "check", "FILE", "say whether FILE is right, down to a trial load; change nothing", NULL,
	  1, 1, cmd_check },
	{ "kinds", "[KIND]", "show kinds of policer, or the parameters of one", NULL, 0, 1,
	  cmd_kinds },
	{ "reload", "", "have the daemon read its configuration again", ask_opts, 0, 0,
	  cmd_reload },
	{ "promote", "POLICER", "have a policer in shadow mode enforce", ask_opts, 1, 1,
	  cmd_promote },
	{ "disable", "POLICER", "take a policer out of the chains", ask_opts, 1, 1, cmd_disable },
	{ "enable", "POLICER", "put it back", ask_opts, 1, 1, cmd_enable },
	{ "panic", "[--back] [-i IFACE]", "let everything pass, at once; --back ends it",
	  panic_opts, 0, 0, cmd_panic },
	{ "new", "NAME", "write NAME.c, a policer to begin with", NULL, 1, 1, cmd_new },
	{ "test", "POLICER CAPTURE [-c FILE] [--json]",
	  "try POLICER, a name, a .c or .o file or an expression, on a capture file", test_opts, 2,
	  2, cmd_test },
	{ "explain", "EXPRESSION|CAPTURE [-i IFACE] [--json]",
	  "what the chain would do to such a packet, step by step", explain_opts, 1, 1,
	  cmd_explain },
	{ 0 },
};

int say_fail(const struct fail *f)
{
	fprintf(stderr, "droplet: %s\n", f->text);
	if (f->log[0])
		fprintf(stderr, "%s\n", f->log);
	return CLI_FAILED;
}

void say_errors(const json_t *errors)
{
	const json_t *e;
	size_t i;

	json_array_foreach(errors, i, e) {
		const char *log = json_string_value(json_object_get(e, "log"));

		fprintf(stderr, "droplet: %s\n", json_string_value(json_object_get(e, "error")));
		if (log)
			fprintf(stderr, "%s\n", log);
	}
}

int say_end(json_t *answer, int json)
{
	int failed;

	if (!answer) {
		fprintf(stderr, "droplet: out of memory\n");
		return CLI_FAILED;
	}
	if (json) {
		json_dumpf(answer, stdout, JSON_COMPACT);
		printf("\n");
	}
	say_errors(json_object_get(answer, "errors"));
	failed = json_is_true(json_object_get(answer, "failed"));
	json_decref(answer);
	return failed ? CLI_FAILED : CLI_OK;
}

int say_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "droplet: ");
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	return CLI_USAGE;
}

int main(int argc, char **argv)
{
	static const struct cli cli = {
		.tool = "droplet",
		.summary = "Drop attacks before the network stack sees them.",
		.cmds = cmds,
		.epilog = "DURATION is like 90s, 10m, 1h30m, 2d. Without -i a command is for every "
			  "chain.\nExit status: 0 done, 1 failed, 2 wrong usage. See droplet(8).",
	};

	return cli_main(&cli, argc, argv);
}
