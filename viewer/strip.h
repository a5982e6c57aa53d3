/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/strip.h - the last incidents, below the chain. */
#ifndef VIEWER_STRIP_H
#define VIEWER_STRIP_H

#include "viewer/ui.h"

/** strip_lines - how many it takes, of @free lines. */
int strip_lines(const struct ui *ui, int free);

/** strip_draw - in @lines lines from @y on. */
void strip_draw(struct ui *ui, int y, int lines);

/** strip_text - "12:30:01 for 12s  ratelimit rate  peak 1.2M/s" */
void strip_text(const struct ui *ui, const struct incident *i, char *buf, size_t size);

#endif
