/* SPDX-License-Identifier: GPL-2.0 */
/* probe.h - the test stage tests/prog/probe.bpf.c, and packets through it with a context. */
#ifndef TESTS_PROBE_H
#define TESTS_PROBE_H

#include "tests/rig.h"

struct probe {
	__u32 slot;
	__u32 verdict; /* enum chain_verdict; CHAIN_ABORTED is 0, so say CHAIN_NEXT where meant */
	__u32 reason, rule;
	__u32 asks;	   /* 1: calls stage_trigger() */
	__u32 saddr;	   /* network order: minds these IPv4 packets alone; 0: all */
	__u32 flags;	   /* enum chain_stage_flag */
	__u32 hits;	   /* entries of its map `hits`; 0: 1 */
	const char *name;  /* NULL: probe<slot> */
	unsigned int lost; /* set: maps that could not be kept */
};

/** probe_load - put it into its slot. What stage_load() returns. */
int probe_load(struct chain *c, struct probe *p, struct fail *f);

/** probe_put - probe_load() that fails the test if it fails. */
void probe_put(struct chain *c, struct probe p);

/** probe_object - load another stage of tests/prog/: "bad" is refused by the verifier. */
int probe_object(struct chain *c, const char *object, __u32 slot, struct fail *f);

/** probe_hits - how often the stage in @slot ran since its map was made. */
__u64 probe_hits(const struct chain *c, __u32 slot);

struct probe_run {
	const void *pkt;
	__u32 len;
	__u32 linear; /* bytes of the first buffer; 0: as many as the kernel puts there */
	__u32 repeat; /* 0: once */
	void *out;    /* room for len bytes, or NULL */
};

/** probe_run - rig_run() with the rig's own interface as the one that the packet came by. */
int probe_run(const struct rig *r, const struct probe_run *run);

/** probe_pin - let this thread run on the @n-th CPU that it may run on. The CPU, or -1. */
int probe_pin(int n);

#endif
