/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/ahead.h - what an apply of a configuration would wait for, done before it and in the
 * background: the compilers, one after the other. apply_conf() then finds what came of them.
 */
#ifndef LIB_AHEAD_H
#define LIB_AHEAD_H

#include "lib/conf.h"

struct ahead;

/**
 * ahead_start - begin. Relative names are from the working directory, as for apply_conf().
 * @conf: must outlive it
 * @also: name of a policer that is made although it is disabled; NULL: none
 * @out: set on success, given back with ahead_free(); NULL: apply_conf() would not wait
 *
 * What cannot be begun is not told here: apply_conf() tells. Return: 0; -errno.
 */
int ahead_start(const struct conf *conf, const char *also, struct ahead **out);

/** ahead_fd - an epoll descriptor that is readable when ahead_serve() has something to do. */
int ahead_fd(const struct ahead *a);

/** ahead_serve - go on, without waiting. 1: all is done; 0: not yet. */
int ahead_serve(struct ahead *a);

/** ahead_name - of the policer that is compiled now. */
const char *ahead_name(const struct ahead *a);

/** ahead_free - end what runs. NULL is allowed. */
void ahead_free(struct ahead *a);

#endif
