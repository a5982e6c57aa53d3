/* SPDX-License-Identifier: GPL-2.0 */
/* judge.h - libpcap as the judge of filters, and packets out of capture files. */
#ifndef TESTS_JUDGE_H
#define TESTS_JUDGE_H

#include <stdbool.h>

#include "lib/classic.h"

struct judge;

/**
 * judge_new - libpcap's view of @prog, which is copied. Exits when out of memory.
 *
 * libpcap leaves M[] as it finds it; here it starts at zero, as in the kernel.
 */
struct judge *judge_new(const struct classic_prog *prog);

/** judge_match - what pcap_offline_filter() says of a whole packet. */
bool judge_match(const struct judge *j, const void *pkt, __u32 len);

void judge_free(struct judge *j);

struct judge_pkt {
	__u32 len;
	unsigned char *data;
};

struct judge_pkts {
	struct judge_pkt *pkts;
	__u32 count;
};

/**
 * judge_read - append the packets of a capture file, captured bytes only.
 * Return: 0; -EINVAL if it is no file of Ethernet packets.
 */
int judge_read(const char *path, struct judge_pkts *p);

/** judge_add - append one packet, which is copied. */
void judge_add(struct judge_pkts *p, const void *data, __u32 len);

void judge_pkts_free(struct judge_pkts *p);

#endif
