// SPDX-License-Identifier: GPL-2.0
/* cmd_kinds - which kinds of policer there are, and their parameters: from the tables themselves.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "droplet/droplet.h"
#include "lib/policer.h"

static const char *const types[] = {
	[POLICER_NUMBER] = "NUMBER",   [POLICER_RATE] = "RATE", [POLICER_TIME] = "TIME",
	[POLICER_FLAG] = "true|false", [POLICER_TEXT] = "TEXT", [POLICER_LIST] = "LIST",
};

static void show_params(const struct policer_kind *kind)
{
	char left[64];

	for (const struct policer_param *p = kind->params; p && p->key; p++) {
		snprintf(left, sizeof(left), "%s: %s", p->key, types[p->type]);
		printf("  %-24s %s%s%s%s\n", left, p->help ? p->help : "", p->def ? " (" : "",
		       p->def ? p->def : "", p->def ? ")" : "");
	}
}

static void show(const struct policer_kind *kind)
{
	printf("%s: %s\n", kind->name, kind->help);
	if (kind->takes & POLICER_TAKES_FILE)
		printf("  file, which it needs\n");
	if (kind->takes & POLICER_TAKES_RULES)
		printf("  rules\n");
	if (kind->takes & POLICER_TAKES_MAPS)
		printf("  maps\n");
	show_params(kind);
}

int cmd_kinds(int argc, char **argv)
{
	const struct policer_kind *kind;

	while (cli_next(argc, argv, NULL, 0) != -1)
		;
	kind = optind < argc ? policer_kind(argv[optind]) : NULL;
	if (optind < argc && !kind)
		return say_usage("%s: no such kind: droplet kinds", argv[optind]);
	if (kind) {
		show(kind);
		return CLI_OK;
	}
	for (size_t i = 0; policer_kinds[i]; i++)
		printf("%-16s %s\n", policer_kinds[i]->name, policer_kinds[i]->help);
	return CLI_OK;
}
