/* SPDX-License-Identifier: GPL-2.0 */
/* lib/srcline.h - the line of the source that the verifier stopped at, by the object's BTF. */
#ifndef LIB_SRCLINE_H
#define LIB_SRCLINE_H

#include <stddef.h>

#include <linux/types.h>

#include "lib/fail.h"

struct srcline {
	char file[256]; /* as the compiler was given it */
	char text[256]; /* without the blanks before it */
	__u32 line;
};

/**
 * srcline_find - where the instruction @insn of the object's program comes from.
 * @elf: the object as it was compiled; a program in .text is not looked at
 * @source: text of the file that it was compiled from; NULL: BTF has the line itself, or not
 * Return: 0; -ENOENT it does not say; -EINVAL not an object.
 */
int srcline_find(const void *elf, size_t size, const char *source, __u32 insn, struct srcline *out);

/**
 * srcline_add - where @f->log, the end of a verifier's log, tells of an instruction: add the line
 * and the verifier's last word to @f->text. Else nothing is changed.
 */
void srcline_add(const void *elf, size_t size, const char *source, struct fail *f);

#endif
