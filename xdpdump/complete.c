// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/complete.h"

#include <stdio.h>
#include <string.h>

#include "lib/util.h"
#include "xdpdump/opts_int.h"

/* What may stand behind an option, by the word that its help has for it. */
static const struct kind {
	const char *arg;
	const char *bash; /* words; NULL: files */
	const char *zsh;
	const char *fish;
	bool list; /* several, comma between */
} kinds[] = {
	{ "FILE", NULL, "_files", NULL, false },
	{ "IFACE", "any-chain $(ls /sys/class/net 2>/dev/null)", "_net_interfaces",
	  "any-chain (ls /sys/class/net)", false },
	{ "KIND", "chain program pcap", "(chain program pcap)", "chain program pcap", false },
	{ "POINT", "entry exit both", "(entry exit both)", "entry exit both", false },
	{ "LIST", "pass drop tx redirect aborted", "(pass drop tx redirect aborted)",
	  "pass drop tx redirect aborted", true },
	{ "USER", "$(compgen -u)", "_users", "(__fish_complete_users)", false },
	{ "COMMAND", "$(compgen -c)", "_command_names", "(__fish_complete_command)", false },
	{ "UNIT", "micro nano", "(micro nano)", "micro nano", false },
	{ "SHELL", "bash zsh fish", "(bash zsh fish)", "bash zsh fish", false },
	{ "[=WHEN]", "auto always never", "(auto always never)", "auto always never", false },
};

/* NULL: a number or the like, of which nothing is known. */
static const struct kind *kind_of(const struct cli_opt *o)
{
	for (size_t i = 0; o->arg && i < ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].arg, o->arg))
			return &kinds[i];
	return NULL;
}

/* -i and --interface, @between them. */
static void spell(const struct cli_opt *o, const char *between)
{
	if (o->key < 256)
		printf("-%c", o->key);
	if (o->key < 256 && o->name)
		fputs(between, stdout);
	if (o->name)
		printf("--%s", o->name);
}

static void bash_case(const struct cli_opt *o)
{
	const struct kind *k = kind_of(o);

	if (!o->arg)
		return;
	printf("\t");
	spell(o, "|");
	if (k && k->list)
		printf(")\n\t\tcase $cur in *,*) head=${cur%%,*},; esac\n"
		       "\t\tCOMPREPLY=($(compgen -P \"$head\" -W \"%s\" -- \"${cur##*,}\"))\n"
		       "\t\treturn ;;\n",
		       k->bash);
	else if (k && k->bash)
		printf(")\n\t\tCOMPREPLY=($(compgen -W \"%s\" -- \"$cur\"))\n\t\treturn ;;\n",
		       k->bash);
	else
		printf(") return ;;\n");
}

/* An empty answer makes bash complete file names. It splits words at "=". */
static void print_bash(void)
{
	printf("# bash completion for xdpdump: eval \"$(xdpdump --completion bash)\"\n"
	       "_xdpdump()\n{\n"
	       "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} head=\n"
	       "\tCOMPREPLY=()\n"
	       "\tif [ \"$cur\" = = ]; then\n\t\tcur=\n"
	       "\telif [ \"$prev\" = = ]; then\n\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n\tfi\n"
	       "\tcase $prev in\n");
	for (const struct cli_opt *o = opts_table; o->help; o++)
		bash_case(o);
	printf("\tesac\n\tcase $cur in -*) ;; *) return ;; esac\n\tCOMPREPLY=($(compgen -W \"");
	for (const struct cli_opt *o = opts_table; o->help; o++) {
		spell(o, " ");
		printf("%s", o[1].help ? " " : "");
	}
	printf("\" -- \"$cur\"))\n}\ncomplete -o default -F _xdpdump xdpdump\n");
}

/* Help in single quotes; @special is escaped, a quote is left out. */
static void quoted(const char *text, const char *special)
{
	for (; *text; text++) {
		if (strchr(special, *text))
			putchar('\\');
		if (*text != '\'')
			putchar(*text);
	}
}

/* One spelling of an option, with what stands between it and its argument. */
static void zsh_spelling(const struct cli_opt *o, const char *between)
{
	const struct kind *k = kind_of(o);

	printf("%s[", o->arg ? between : "");
	quoted(o->help, "[]:\\");
	printf("]");
	if (o->arg)
		printf("%s%s:%s", *o->arg == '[' ? "::" : ":", *o->arg == '[' ? "WHEN" : o->arg,
		       k && k->zsh ? k->zsh : "");
	printf("' \\\n");
}

/* All may be given again, which the star says. */
static void zsh_option(const struct cli_opt *o)
{
	if (o->key < 256) {
		printf("\t'*-%c", o->key);
		zsh_spelling(o, "+");
	}
	if (o->name) {
		printf("\t'*--%s", o->name);
		zsh_spelling(o, o->arg && *o->arg == '[' ? "=-" : "=");
	}
}

static void print_zsh(void)
{
	printf("#compdef xdpdump\n# zsh completion for xdpdump\n_arguments -s \\\n");
	for (const struct cli_opt *o = opts_table; o->help; o++)
		zsh_option(o);
	printf("\t'*:FILTER:'\n");
}

static void fish_option(const struct cli_opt *o)
{
	const struct kind *k = kind_of(o);

	printf("complete -c xdpdump");
	if (o->key < 256)
		printf(" -s '%c'", o->key);
	if (o->name)
		printf(" -l %s", o->name);
	if (o->arg && *o->arg != '[')
		printf(k && !k->fish ? " -r -F" : " -x");
	if (k && k->fish)
		printf(" -a '%s'", k->fish);
	printf(" -d '");
	quoted(o->help, "\\");
	printf("'\n");
}

static void print_fish(void)
{
	printf("# fish completion for xdpdump: xdpdump --completion fish | source\n"
	       "complete -c xdpdump -f\n");
	for (const struct cli_opt *o = opts_table; o->help; o++)
		fish_option(o);
}

int complete_print(const char *shell)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} shells[] = { { "bash", print_bash }, { "zsh", print_zsh }, { "fish", print_fish } };

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++)
		if (!strcmp(shells[i].name, shell)) {
			shells[i].print();
			return CLI_OK;
		}
	return opts_wrong("--completion", shell, "use bash, zsh or fish");
}
