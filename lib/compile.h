/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/compile.h - the C of a policer made into a BPF object, at run time, by clang.
 *
 * We read the source; the compiler gets it and the SDK (lib/sdk.h) as open descriptors, runs in a
 * lib/jail, and writes no file. It needs /proc, libbpf's bpf_helpers.h and the kernel's headers.
 */
#ifndef LIB_COMPILE_H
#define LIB_COMPILE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/fail.h"

#define COMPILE_LIMIT_MS 10000
#define COMPILE_LIMIT_ENV                                                                          \
	"XDPCHAIN_COMPILE_SECONDS"    /* another limit, 1 to 600: for slow machines */
#define COMPILE_MEMORY	   (1u << 30) /* bytes of address space */
#define COMPILE_OBJECT_MAX (16u << 20)
#define COMPILE_SOURCE_MAX (1u << 20)

/* Where the compiler sees the SDK: names of its headers in messages and line information. */
#define COMPILE_SDK_DIR "/xdpchain-sdk"

struct compile_spec {
	const char *path; /* of the source, for messages and line information */
	const void *text; /* the source */
	size_t size;
	unsigned int limit_ms; /* wall clock; 0: as COMPILE_LIMIT_ENV says, or COMPILE_LIMIT_MS */
};

struct compiled {
	void *elf;
	size_t size;
	char *warnings; /* what the compiler said, lines; "" nothing */
};

/**
 * compile - compile @spec into @out. What this process has compiled before is remembered: the same
 * text under the same path is not compiled again.
 * @out: set on success; freed with compiled_free()
 *
 * Return: 0; -EINVAL the compiler refuses it: @f->text has the first error, as "FILE:LINE: reason",
 * @f->log the first ones as it wrote them; -ENOENT there is no clang; -ETIMEDOUT; -E2BIG;
 * -ENOMEM; -errno.
 */
int compile(const struct compile_spec *spec, struct compiled *out, struct fail *f);

struct compile_job;

/**
 * compile_begin - start what compile() of @spec would wait for, and do not wait.
 * @out: set on success, ended with compile_end(); NULL: compile() would not wait at all
 *
 * Return: 0; -errno as compile().
 */
int compile_begin(const struct compile_spec *spec, struct compile_job **out, struct fail *f);

/** compile_fd - a descriptor that is readable when compile_serve() has something to do. */
int compile_fd(const struct compile_job *job);

/** compile_serve - take what the compiler has said, without waiting. 1: it has ended; 0: not yet.
 */
int compile_serve(struct compile_job *job);

/**
 * compile_end - if it has ended, remember what came of it for the next compile() of the same, be it
 * a refusal; else end it. NULL is allowed.
 */
void compile_end(struct compile_job *job);

/** compile_forget_refusal - have what was refused compiled anew; what was made is kept. */
void compile_forget_refusal(void);

/** compiled_free - fine on a zeroed one. */
void compiled_free(struct compiled *c);

/** compile_runs - how often this process has started a compiler. */
unsigned int compile_runs(void);

#endif
