/* SPDX-License-Identifier: GPL-2.0 */
/* words.h - what an apply did, in words: for the log, for JSON and for who asked. */
#ifndef DROPLET_WORDS_H
#define DROPLET_WORDS_H

#include "lib/apply.h"

#define WORDS_CHANGE 256

/** words_did - "kept", "added", ... */
const char *words_did(enum apply_did did);

/** words_change - "eth0: NAME: added in slot 3". Returns @buf. */
char *words_change(const struct apply_line *line, char buf[WORDS_CHANGE]);

#endif
