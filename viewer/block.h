/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/block.h - ask the daemon of droplet to block a source for a while. */
#ifndef VIEWER_BLOCK_H
#define VIEWER_BLOCK_H

#include "lib/fail.h"

#define BLOCK_SOCKET "/run/xdpchain/droplet.sock"
#define BLOCK_FOR    "10m"

/** block_source - ask at @socket_path to block @prefix for BLOCK_FOR. 0; -errno with @f: who was
 * asked, and why not. */
int block_source(const char *socket_path, const char *prefix, struct fail *f);

#endif
