/* SPDX-License-Identifier: GPL-2.0 */
/* lib/dump.h - build and load the dump stage, slot 0, for the sessions that there are. */
#ifndef DUMP_H
#define DUMP_H

#include "lib/classic.h"
#include "lib/fail.h"
#include "xdpchain/session.h"

struct dump_map {
	const char *name;
	int fd;
};

struct dump_spec {
	const struct dump_map *maps; /* of the chain, ended by a NULL name; others do no harm */
	__u32 sessions;		     /* bit i: session i is there, and filters[i] is its filter */
	__u32 instance;		     /* chain_stage.instance, for the record */
	__u64 patience_ns;	     /* without a beat, then a session is passed over; 0: never */
	struct classic_prog filters[SESSIONS];
};

/**
 * dump_load - load xdp_dump with the filters of all sessions translated into it.
 * @f: on error why; f->log is what the verifier said last
 *
 * Every map that xdp_dump uses must be in @spec->maps. The stage is loaded twice: libbpf resolves
 * what its instructions refer to only on the way into the kernel.
 *
 * Return: a program descriptor, close-on-exec; -EINVAL or -E2BIG from translate(); -ENOENT if a
 * map is missing; -ENOMEM; else what libbpf or the kernel said.
 */
int dump_load(const struct dump_spec *spec, struct fail *f);

#endif
