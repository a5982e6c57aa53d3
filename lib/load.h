/* SPDX-License-Identifier: GPL-2.0 */
/* lib/load.h - load a BPF object and keep the verifier's last words. */
#ifndef LIB_LOAD_H
#define LIB_LOAD_H

#include <stddef.h>

#include "lib/fail.h"

struct bpf_object;

/**
 * load_object - bpf_object__load(), with why not in @f->text and the last lines of the
 * verifier's log, if it was the verifier, in @f->log.
 * Return: 0; -EPERM; -EINVAL and others, as libbpf.
 */
int load_object(struct bpf_object *obj, struct fail *f);

/** load_tail - copy the last @lines lines of @log into @out, without the verifier's statistics. */
void load_tail(const char *log, int lines, char *out, size_t size);

#endif
