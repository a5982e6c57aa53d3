/* SPDX-License-Identifier: GPL-2.0 */
/* lib/graft.h - load a program with its last function replaced by what lib/translate wrote. */
#ifndef LIB_GRAFT_H
#define LIB_GRAFT_H

#include <linux/bpf.h>

#include "lib/fail.h"
#include "lib/translate.h"

struct bpf_object;

struct graft {
	const char *prog;  /* of the object; goes by this name in the kernel too */
	const char *match; /* its last static function, which gets the filter's place */
	const char *what;  /* for messages */
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	__u32 flags;	       /* BPF_F_* of the load */
	int target;	       /* of a tracing program: descriptor of the traced one, and */
	__u32 target_function; /* type of its function, in its BTF; 0: no tracing program */
};

/**
 * graft_load - load @g->prog of @obj once more, with @code in the place of @g->match.
 * @obj: is loaded as it is: only so libbpf has filled in what the instructions refer to
 * @f:   on error why; f->log is what the verifier said last
 *
 * The program must call one function of its own, @g->match, and that must stand last.
 * Return: a program descriptor, close-on-exec; -ENOENT: no such program or function; -ENOMEM;
 * else what the kernel said.
 */
int graft_load(const struct bpf_object *obj, const struct graft *g,
	       const struct translate_code *code, struct fail *f);

#endif
