/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/once_json.h - what --json prints: see xdpview(8). */
#ifndef VIEWER_ONCE_JSON_H
#define VIEWER_ONCE_JSON_H

#include "viewer/model.h"

/** once_json - one object and a newline, on standard output. 0; -EILSEQ a name is not UTF-8. */
int once_json(const struct model *m);

#endif
