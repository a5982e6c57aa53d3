/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/replay.h - a capture file in the place of chains: counters are those that the trails of
 * its packets make.
 */
#ifndef VIEWER_REPLAY_H
#define VIEWER_REPLAY_H

#include "lib/fail.h"
#include "viewer/intake.h"

struct replay;

/**
 * replay_open - begin to read @path ("-": standard input) up to its first packet.
 * Return: 0; what capfile_open() says; -errno of open().
 */
int replay_open(const char *path, struct replay **out, struct fail *f);

/** replay_close - NULL is allowed. */
void replay_close(struct replay *r);

/**
 * replay_some - take @most packets in; the model gets a sample for each @width_ns of the capture.
 * Return: 1 there are more; 0 that was all; -errno with @f: the file is damaged from here on.
 */
int replay_some(struct replay *r, struct intake *in, __u64 width_ns, unsigned int most,
		struct fail *f);

/** replay_end_ns - time of the last packet, since 1970. */
__u64 replay_end_ns(const struct replay *r);

/** replay_foreign - packets left out: not Ethernet, or of more than MODEL_IFS interfaces. */
__u64 replay_foreign(const struct replay *r);

#endif
