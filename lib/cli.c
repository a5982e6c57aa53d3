// SPDX-License-Identifier: GPL-2.0
#include "lib/cli.h"

#include <getopt.h>
#include <string.h>

#include "lib/util.h"

static size_t opts_count(const struct cli_opt *opts)
{
	size_t n = 0;

	while (opts && opts[n].help && n < CLI_OPTS_MAX)
		n++;
	return n;
}

/* What getopt_long() calls it; the number of colons that getopt() wants is the same. */
static int arg_kind(const struct cli_opt *o)
{
	if (!o->arg)
		return no_argument;
	return *o->arg == '[' ? optional_argument : required_argument;
}

int cli_next(int argc, char **argv, const struct cli_opt *opts, int ordered)
{
	char brief[3 * CLI_OPTS_MAX + 2], *b = brief;
	struct option longs[CLI_OPTS_MAX + 1] = { 0 }, *l = longs;
	size_t n = opts_count(opts);

	if (ordered)
		*b++ = '+';
	for (size_t i = 0; i < n; i++) {
		if (opts[i].key < 256) {
			*b++ = opts[i].key;
			for (int k = arg_kind(&opts[i]); k; k--)
				*b++ = ':';
		}
		if (opts[i].name)
			*l++ = (struct option){ opts[i].name, arg_kind(&opts[i]), NULL,
						opts[i].key };
	}
	*b = 0;
	return getopt_long(argc, argv, brief, longs, NULL);
}

#define WIDTH	80
#define HELP_AT 31 /* column where the help of an option begins */

/* Lines end between words; from the second on they begin where the first did. */
static void put_help(FILE *out, const char *text)
{
	size_t at = HELP_AT, len;

	for (; *text; text += len + (text[len] == ' ')) {
		len = strcspn(text, " ");
		if (at > HELP_AT && at + 1 + len >= WIDTH) {
			fprintf(out, "\n%*s", HELP_AT, "");
			at = HELP_AT;
		}
		at += fprintf(out, "%s%.*s", at > HELP_AT ? " " : "", (int)len, text);
	}
	fputc('\n', out);
}

void cli_options(FILE *out, const struct cli_opt *opts)
{
	char left[64];

	for (size_t i = 0; i < opts_count(opts); i++) {
		const struct cli_opt *o = &opts[i];
		const char *arg = o->arg ? o->arg : "", *space = *arg == '[' ? "" : " ";

		if (!o->name)
			snprintf(left, sizeof(left), "-%c %s", o->key, arg);
		else if (o->key < 256)
			snprintf(left, sizeof(left), "-%c, --%s%s%s", o->key, o->name, space, arg);
		else
			snprintf(left, sizeof(left), "    --%s%s%s", o->name, space, arg);
		if (strlen(left) > HELP_AT - 3)
			fprintf(out, "  %s\n%*s", left, HELP_AT, "");
		else
			fprintf(out, "  %-*s ", HELP_AT - 3, left);
		put_help(out, o->help);
	}
}

static void cmd_usage(FILE *out, const struct cli *cli, const struct cli_cmd *cmd)
{
	fprintf(out, "usage: %s %s %s\n%s\n", cli->tool, cmd->name, cmd->args, cmd->help);
	cli_options(out, cmd->opts);
}

static void usage(FILE *out, const struct cli *cli)
{
	char left[96];

	fprintf(out, "usage: %s COMMAND [ARGUMENT...]\n%s\n\n", cli->tool, cli->summary);
	for (const struct cli_cmd *c = cli->cmds; c->name; c++) {
		snprintf(left, sizeof(left), "%s %s", c->name, c->args);
		if (strlen(left) > 38)
			fprintf(out, "  %s\n  %-38s %s\n", left, "", c->help);
		else
			fprintf(out, "  %-38s %s\n", left, c->help);
	}
	fprintf(out, "\n  --help, COMMAND --help, --version\n");
	if (cli->epilog)
		fprintf(out, "\n%s\n", cli->epilog);
}

/* How many words of @argv are the name of @cmd; 0: they are not. */
static int cmd_words(const struct cli_cmd *cmd, int argc, char **argv)
{
	const char *space = strchr(cmd->name, ' ');
	size_t first = space ? (size_t)(space - cmd->name) : strlen(cmd->name);

	if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], cmd->name, first))
		return 0;
	if (!space)
		return 1;
	return argc > 1 && !strcmp(argv[1], space + 1) ? 2 : 0;
}

/* Words that are neither options nor their arguments, or -1 after a message. */
static int cmd_args(const struct cli_cmd *cmd, int argc, char **argv)
{
	int key;

	optind = 0;
	while ((key = cli_next(argc, argv, cmd->opts, 0)) != -1)
		if (key == '?')
			return -1;
	return argc - optind;
}

static int cmd_run(const struct cli *cli, const struct cli_cmd *cmd, int argc, char **argv)
{
	char name[64];
	int n;

	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (!strcmp(argv[i], "--help")) {
			cmd_usage(stdout, cli, cmd);
			return CLI_OK;
		}
	snprintf(name, sizeof(name), "%s %s", cli->tool, cmd->name);
	argv[0] = name; /* what getopt names in its messages */
	n = cmd_args(cmd, argc, argv);
	if (n < 0)
		return CLI_USAGE;
	if (n < cmd->min || (cmd->max >= 0 && n > cmd->max)) {
		fprintf(stderr, "%s: %s: %s argument, usage: %s %s %s\n", cli->tool, cmd->name,
			n < cmd->min ? "missing" : "unexpected", cli->tool, cmd->name, cmd->args);
		return CLI_USAGE;
	}
	optind = 0;
	return cmd->run(argc, argv);
}

/* None of the commands; if some have @word in front, those are named. */
static void no_command(const struct cli *cli, const char *word)
{
	size_t len = strlen(word), found = 0;

	for (const struct cli_cmd *c = cli->cmds; c->name; c++) {
		if (strncmp(c->name, word, len) || c->name[len] != ' ')
			continue;
		if (!found++)
			fprintf(stderr, "%s: %s: wanted is one of", cli->tool, word);
		fprintf(stderr, "%s%s", found > 1 ? "," : "", c->name + len);
	}
	if (found)
		fputc('\n', stderr);
	else
		fprintf(stderr, "%s: %s: no such command, see %s --help\n", cli->tool, word,
			cli->tool);
}

int cli_main(const struct cli *cli, int argc, char **argv)
{
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help"))) {
		usage(stdout, cli);
		return CLI_OK;
	}
	if (argc > 1 && !strcmp(argv[1], "--version")) {
		printf("%s %s\n", cli->tool, VERSION);
		return CLI_OK;
	}
	for (const struct cli_cmd *c = cli->cmds; c->name; c++) {
		int words = cmd_words(c, argc - 1, argv + 1);

		if (words)
			return cmd_run(cli, c, argc - words, argv + words);
	}
	if (argc < 2)
		fprintf(stderr, "%s: no command, see %s --help\n", cli->tool, cli->tool);
	else
		no_command(cli, argv[1]);
	return CLI_USAGE;
}
