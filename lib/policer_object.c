// SPDX-License-Identifier: GPL-2.0
/* policer_object - a BPF object that was compiled elsewhere, against xdpchain/stage.bpf.h. */
#include "lib/file.h"
#include "lib/policer_elf.h"

#define OBJECT_MAX (64u << 20) /* bytes */

static int make(const struct policer_conf *conf, struct policer *p, struct fail *f)
{
	struct fail why = { 0 };
	struct policer_object o = { 0 };
	char *elf = NULL;
	int err = file_read(conf->file, OBJECT_MAX, &elf, &o.size, &why);

	if (err)
		return policer_fail(f, -err, conf->line, conf->name, "%s", why.text);
	o.elf = elf;
	return policer_elf(conf, &o, p, f);
}

const struct policer_kind policer_object = {
	.name = "object",
	.help = "a BPF object, .bpf.o, compiled against xdpchain/stage.bpf.h",
	.takes = POLICER_TAKES_FILE | POLICER_TAKES_MAPS,
	.make = make,
	.drop = policer_elf_drop,
};
