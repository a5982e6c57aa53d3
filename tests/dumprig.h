/* SPDX-License-Identifier: GPL-2.0 */
/*
 * dumprig.h - the dump stage with four filters, against libpcap, by BPF_PROG_TEST_RUN.
 *
 * A program in slot 1 returns what the stage has decided, as the verdict.
 */
#ifndef TESTS_DUMPRIG_H
#define TESTS_DUMPRIG_H

#include <stdbool.h>

#include "lib/dump.h"
#include "tests/matcher.h"

#define DUMPRIG_PKT_MIN 14 /* the kernel's test run takes no shorter frame */
#define DUMPRIG_PKT_MAX 9000

/* The chain's maps, without a chain. */
struct dumprig {
	int slots, tap, cpus, sessions, entries, observer;
	unsigned long compared, matched;
};

/* Up to four programs in one stage. */
struct dumprig_group {
	struct classic_prog progs[SESSIONS]; /* count 0: none there */
	const char *names[SESSIONS];	     /* for messages; may be NULL */
	struct matcher *judges[SESSIONS];
	__u32 sessions;
	int fd;
};

/** dumprig_up - make the maps. Return: 0, or what cmocka takes for a failed setup. */
int dumprig_up(struct dumprig *r);

/** dumprig_down - close them. */
void dumprig_down(struct dumprig *r);

/** dumprig_stage - dump_load() with the maps of @r. */
int dumprig_stage(const struct dumprig *r, const struct classic_prog *progs, __u32 sessions,
		  struct fail *f);

/**
 * dumprig_run - one packet.
 * @linear: bytes in its first buffer; 0: as many as the kernel puts there
 * Return: the mask of sessions that want it, or -errno.
 */
int dumprig_run(int fd, const void *pkt, __u32 len, __u32 linear);

/** dumprig_can_split - true if the kernel (6.18) lets a test choose the size of the first buffer.
 */
bool dumprig_can_split(const struct dumprig *r);

/** dumprig_load - load g->progs, and set the rest of @g. Fails the test if that fails. */
void dumprig_load(const struct dumprig *r, struct dumprig_group *g);

/** dumprig_unload - undo it. */
void dumprig_unload(struct dumprig_group *g);

/**
 * dumprig_compare - have kernel and libpcap judge a packet; fail the test where they differ.
 * Return: false if the kernel takes no such packet.
 */
bool dumprig_compare(struct dumprig *r, const struct dumprig_group *g, const void *pkt, __u32 len,
		     __u32 linear);

/** dumprig_report - print the number of comparisons since the last report, and check it for sense.
 */
void dumprig_report(struct dumprig *r, const char *what);

#endif
