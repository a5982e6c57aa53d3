/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/fail.h - why something failed, in words. The library never prints: a function that can
 * fail in a way that a person must understand takes a struct fail, and its caller prints it.
 */
#ifndef LIB_FAIL_H
#define LIB_FAIL_H

struct fail {
	char text[2048]; /* one line, lower case, no full stop; "" when nothing failed */
	char log[4096];	 /* the verifier's last lines, or a compiler's first; or "" */
};

/**
 * fail_set - keep why, and hand on the code.
 * @f:   may be NULL: then nothing is kept
 * @err: positive errno
 *
 * Return: -@err, so that a caller writes `return fail_set(f, ENOENT, ...)`.
 */
int fail_set(struct fail *f, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * fail_errno - fail_set() with "@noun: " and what errno value @err means; -EPERM says what to do.
 * Return: -@err.
 */
int fail_errno(struct fail *f, int err, const char *noun);

/** fail_clear - what failed was expected, or has been mended. @f may be NULL. */
void fail_clear(struct fail *f);

#endif
