/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/cli.h - the command line as data: one table gives parsing, --help and completion.
 * Writes only to the stream that the caller hands in.
 */
#ifndef LIB_CLI_H
#define LIB_CLI_H

#include <stdio.h>

#define CLI_OPTS_MAX 120

enum cli_exit { CLI_OK = 0, CLI_FAILED = 1, CLI_USAGE = 2 };

/* Ends with an entry whose help is NULL. */
struct cli_opt {
	const char *name; /* long name without --, or NULL */
	int key;	  /* the short letter, or a number from 256 on */
	const char *arg;  /* its argument in words; NULL: takes none; "[=WORD]": may be left out */
	const char *help;
};

/* Ends with an entry whose name is NULL. */
struct cli_cmd {
	const char *name; /* one or two words: "attach", "vip add" */
	const char *args; /* in words: "IFACE [--mode native|generic]" */
	const char *help;
	const struct cli_opt *opts; /* may be NULL */
	int min, max;		    /* arguments that are no options; max -1: any number */
	/* argv[0] is the last word of the name. Returns enum cli_exit. */
	int (*run)(int argc, char **argv);
};

struct cli {
	const char *tool; /* "droplet" */
	const char *summary;
	const struct cli_cmd *cmds;
	const char *epilog; /* printed last by --help; may be NULL */
};

/**
 * cli_main - find the command in @argv, check the number of its arguments and run it.
 * Handles --help, --version, COMMAND --help. Return: an exit status.
 */
int cli_main(const struct cli *cli, int argc, char **argv);

/**
 * cli_next - getopt_long() over a table. Options may stand anywhere, as long as a command does
 * not ask for POSIX order with @ordered (then the first argument ends them).
 * Return: the key, -1 at the end, '?' after a message on stderr. Sets optarg and optind; the
 * caller sets optind = 0 before the first call.
 */
int cli_next(int argc, char **argv, const struct cli_opt *opts, int ordered);

/** cli_options - print an option table, aligned, for --help. */
void cli_options(FILE *out, const struct cli_opt *opts);

#endif
