/* SPDX-License-Identifier: GPL-2.0 */
/* lib/policer_elf.h - what kinds source and object share: an ELF object with `params` and `maps`.
 */
#ifndef LIB_POLICER_ELF_H
#define LIB_POLICER_ELF_H

#include "lib/policer.h"

/* Rows of policer_kinds[]. */
extern const struct policer_kind policer_source, policer_object;

struct policer_object {
	void *elf; /* freed with free(), as is source */
	size_t size;
	char *source; /* the text that it was compiled from; NULL: not known */
};

/**
 * policer_elf - make @p of the object @o of the file conf->file: one stage of this SDK, its `const
 * volatile` variables set as conf->params says, its maps filled as conf->maps says.
 * @o: what it points to is taken over, on an error too
 *
 * Return: 0; -EINVAL and others, as policer_make().
 */
int policer_elf(const struct policer_conf *conf, const struct policer_object *o, struct policer *p,
		struct fail *f);

/** policer_elf_drop - of policer_kind.drop. */
void policer_elf_drop(struct policer *p);

#endif
