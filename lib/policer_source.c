// SPDX-License-Identifier: GPL-2.0
/* policer_source - restricted C against xdpchain/stage.bpf.h, compiled when it is configured. */
#include <stdlib.h>

#include "lib/compile.h"
#include "lib/file.h"
#include "lib/policer_elf.h"

static int build(const struct policer_conf *conf, struct compiled *c, char **text, struct fail *f)
{
	struct compile_spec spec = { .path = conf->file };
	int err = file_read(conf->file, COMPILE_SOURCE_MAX, text, &spec.size, f);

	spec.text = *text;
	return err ? err : compile(&spec, c, f);
}

static struct compile_job *begin(const struct policer_conf *conf)
{
	struct compile_spec spec = { .path = conf->file };
	struct compile_job *job = NULL;
	char *text = NULL;

	if (!file_read(conf->file, COMPILE_SOURCE_MAX, &text, &spec.size, NULL)) {
		spec.text = text;
		compile_begin(&spec, &job, NULL);
	}
	free(text);
	return job;
}

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	struct fail why = { 0 };
	struct compiled c = { 0 };
	char *text = NULL;
	int err = build(conf, &c, &text, &why);

	if (err) {
		free(text);
		if (f)
			*f = why;
		return policer_fail(f, -err, conf->line, conf->name, "%s", why.text);
	}
	if (*c.warnings)
		p->warnings = c.warnings;
	else
		free(c.warnings);
	return policer_elf(conf, &(struct policer_object){ c.elf, c.size, text }, p, f);
}

const struct policer_kind policer_source = {
	.name = "source",
	.help = "C against xdpchain/stage.bpf.h, compiled by clang: xdpchain-policer(7)",
	.takes = POLICER_TAKES_FILE | POLICER_TAKES_MAPS,
	.make = make,
	.begin = begin,
	.drop = policer_elf_drop,
};
