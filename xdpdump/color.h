/* SPDX-License-Identifier: GPL-2.0 */
/* xdpdump/color.h - verdict words in colour: a help to the eye, never the only sign. */
#ifndef XDPDUMP_COLOR_H
#define XDPDUMP_COLOR_H

#include <stdbool.h>
#include <stddef.h>

#include "xdpdump/opts.h"

/** color_wanted - does @o, the terminal on @fd and the environment (NO_COLOR, TERM) want it? */
bool color_wanted(const struct opts *o, int fd);

/**
 * color_trail - @trail, as trail_format() writes it, with its verdict words in colour.
 * @out: terminated; what does not fit is left without colour
 */
void color_trail(const char *trail, char *out, size_t size);

#endif
