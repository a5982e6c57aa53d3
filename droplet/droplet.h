/* SPDX-License-Identifier: GPL-2.0 */
/* droplet.h - what the commands of droplet share. Only main.c and cmd_*.c print. */
#ifndef DROPLET_H
#define DROPLET_H

#include <jansson.h>

#include "lib/chain.h"
#include "lib/cli.h"
#include "lib/prefixes.h"

int cmd_attach(int argc, char **argv);
int cmd_detach(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_block(int argc, char **argv);
int cmd_unblock(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_limit(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_check(int argc, char **argv);
int cmd_kinds(int argc, char **argv);
int cmd_reload(int argc, char **argv);
int cmd_promote(int argc, char **argv);
int cmd_disable(int argc, char **argv);
int cmd_enable(int argc, char **argv);
int cmd_panic(int argc, char **argv);
int cmd_new(int argc, char **argv);
int cmd_policers(int argc, char **argv);
int cmd_rules(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_test(int argc, char **argv);
int cmd_explain(int argc, char **argv);

extern const struct cli_opt attach_opts[], status_opts[], block_opts[], unblock_opts[], list_opts[],
	limit_opts[], run_opts[], ask_opts[], panic_opts[], policers_opts[], rules_opts[],
	top_opts[], test_opts[], explain_opts[];

/* What a command does to one chain. Returns 0 or -errno and says why in @f. */
typedef int (*droplet_fn)(struct chain *c, __u32 slot, void *arg, struct fail *f);

struct targets {
	const char *ifname; /* NULL: every chain of this network namespace */
	const char *stage;  /* only chains that have it, by name or kind; @slot is where */
	enum chain_access access;
	droplet_fn fn;
	void *arg;
	int visited;	/* set: how many chains fn was called for */
	json_t *errors; /* set: of the chains where it failed, {error, log}; NULL: of none */
};

/**
 * targets_each - open each chain in turn and call fn. What fails is kept in t->errors, the caller's
 * then, and the rest is done all the same. Return: 0; 1 if one failed or there is none.
 */
int targets_each(struct targets *t);

/** targets_run - targets_each(), and print what has failed. Return: CLI_OK or CLI_FAILED. */
int targets_run(struct targets *t);

/** say_fail - print @f as `droplet: NOUN: reason`, and what the verifier said. Returns CLI_FAILED.
 */
int say_fail(const struct fail *f);

/** say_errors - the same of each {error, log} of a list; NULL: of none. */
void say_errors(const json_t *errors);

/**
 * say_end - print @answer, which it frees, as JSON if @json, and what failed of it.
 * Return: CLI_OK; CLI_FAILED it says that something failed, or is NULL.
 */
int say_end(json_t *answer, int json);

/** say_usage - print `droplet: ...`. Returns CLI_USAGE. */
int say_usage(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** arg_number - read a decimal number from @min to @max. 0; -EINVAL with words in @f. */
int arg_number(const char *what, const char *text, __u32 min, __u32 max, __u32 *out,
	       struct fail *f);

/** prefixes_args - append those of the command line, @argv from optind on. 0 or -errno. */
int prefixes_args(struct prefixes *list, int argc, char **argv, struct fail *f);

#endif
