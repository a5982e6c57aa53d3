/* SPDX-License-Identifier: GPL-2.0 */
/* lib/compile_int.h - between lib/compile.c and what it remembers. */
#ifndef LIB_COMPILE_INT_H
#define LIB_COMPILE_INT_H

#include "lib/compile.h"

/** compile_known - is it remembered what comes of @spec. */
int compile_known(const struct compile_spec *spec);

/** compile_recall - 1: @out is set, a copy; 0: it is not remembered; -errno: it was refused. */
int compile_recall(const struct compile_spec *spec, struct compiled *out, struct fail *f);

/** compile_remember - a copy of both. */
void compile_remember(const struct compile_spec *spec, const struct compiled *c);

/** compile_remember_refusal - the last one, until compile_forget_refusal(). */
void compile_remember_refusal(const struct compile_spec *spec, int err, const struct fail *why);

#endif
