/* SPDX-License-Identifier: GPL-2.0 */
/* lib/compile_say.h - what a compiler wrote, in words for a person. */
#ifndef LIB_COMPILE_SAY_H
#define LIB_COMPILE_SAY_H

#include "lib/fail.h"

struct jail_result;

/**
 * compile_names - @text with each @from as @to: the name that the compiler knows as the user's.
 * Return: the caller's to free; NULL: out of memory.
 */
char *compile_names(const char *text, const char *from, const char *to);

/**
 * compile_why - why there is no object.
 * @r: how the compiler ended; r->err with the user's names
 * @path: of the source
 *
 * Return: -EINVAL and others, as compile().
 */
int compile_why(const struct jail_result *r, const char *path, unsigned int limit_ms,
		struct fail *f);

#endif
