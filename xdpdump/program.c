// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/program.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <linux/bpf.h>

#include "lib/cli.h"
#include "lib/translate.h"
#include "xdpdump/expr.h"

static int print_classic(const struct opts *o, const struct filter *filter)
{
	static const enum filter_form forms[] = { FILTER_ASM, FILTER_C, FILTER_NUMBERS };
	char *text = filter_text(filter, forms[o->program - 1]);

	if (!text)
		return CLI_FAILED;
	fputs(text, stdout);
	free(text);
	return CLI_OK;
}

static void print_code(const struct translate_code *code)
{
	__u32 func = 0;
	char text[96];

	for (__u32 i = 0; i < code->count;) {
		if (func < code->func_count && code->funcs[func] == i)
			printf("func%u:\n", func++);
		const struct bpf_insn *p = &code->insns[i];
		int n = program_insn(p, i, text, sizeof(text));

		printf("%4u: (%02x) %s\n", i, p->code, text);
		i += n;
	}
}

static int print_ebpf(const struct filter *filter)
{
	const struct classic_prog progs[TRANSLATE_PROGS] = { { filter->insns, filter->count } };
	struct translate_code code;
	int err = translate(progs, 1, &code);

	if (err) {
		fprintf(stderr, "xdpdump: cannot translate: %s\n", strerror(-err));
		return CLI_FAILED;
	}
	print_code(&code);
	translate_free(&code);
	return CLI_OK;
}

int program_print(const struct opts *o)
{
	static char all[] = "";
	struct opts with = *o;
	struct filter filter = { 0 };
	int status = CLI_FAILED;

	if (!with.filter)
		with.filter = all; /* libpcap's program for every packet */
	if (!expr_compile(&with, &filter))
		status = o->ebpf ? print_ebpf(&filter) : print_classic(o, &filter);
	filter_free(&filter);
	return status;
}
