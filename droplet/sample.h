/* SPDX-License-Identifier: GPL-2.0 */
/*
 * sample.h - who is dropped: the sources of dropped packets of one chain, seen by a short capture
 * session that takes a part of them.
 */
#ifndef DROPLET_SAMPLE_H
#define DROPLET_SAMPLE_H

#include <stddef.h>

#include "lib/fail.h"
#include "lib/prefix.h"

#define SAMPLE_RATE 20000 /* packets a second that are looked at; of more, so many */

struct sample_item {
	struct prefix prefix;
	__u64 seen; /* packets of it in the sample */
};

struct sample {
	struct sample_item *items; /* by address and length, each once */
	size_t count, room;
	__u64 seen;  /* packets in the sample */
	__u64 total; /* dropped in that time */
	__u64 took_ns;
};

/** sample_take - watch @ifname for @ns. @s: to be given back with sample_free(). 0 or -errno. */
int sample_take(const char *ifname, __u64 ns, struct sample *s, struct fail *f);

/** sample_widen - add sources up by network, /24 and /48. 0 or -ENOMEM. */
int sample_widen(const struct sample *s, struct sample *out);

/** sample_sort - most packets first. */
void sample_sort(struct sample *s);

/** sample_free - fine on a zeroed one. */
void sample_free(struct sample *s);

#endif
