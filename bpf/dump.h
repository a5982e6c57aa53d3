/* SPDX-License-Identifier: GPL-2.0 */
/* dump.h - what the dump stage and its exit share. */
#ifndef XDPCHAIN_DUMP_H
#define XDPCHAIN_DUMP_H

#include "session.h"
#include "xdpchain/stage.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, SESSIONS);
	__type(key, __u32); /* session number */
	__type(value, struct session_conf);
} sessions SEC(".maps");

/* One value where no session wants it, else one for each CPU; the loader says how many. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32); /* CPU */
	__type(value, struct session_entry);
} entries SEC(".maps");

#endif
