/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/frame.h - what stands around a view: the header, the tabs, the last lines. */
#ifndef VIEWER_FRAME_H
#define VIEWER_FRAME_H

#include "viewer/ui.h"

#define FRAME_HEAD 3 /* lines above a view */
#define FRAME_FOOT 2 /* and below */

/** frame_head - interfaces, rates, totals, loss, flood; and the tabs. */
void frame_head(struct ui *ui);

/** frame_foot - a message or the line that is typed, and the keys. */
void frame_foot(struct ui *ui);

/** frame_tab_at - the view whose tab is there, or -1. */
int frame_tab_at(const struct ui *ui, int y, int x);

#endif
