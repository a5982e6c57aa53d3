/* SPDX-License-Identifier: GPL-2.0 */
/* dump.h - maps that the dump stage and its exit share. */
#ifndef XDPCHAIN_DUMP_H
#define XDPCHAIN_DUMP_H

#include "xdpchain/stage.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, SESSIONS);
	__type(key, __u32); /* session number */
	__type(value, struct session_conf);
} sessions SEC(".maps");

#endif
