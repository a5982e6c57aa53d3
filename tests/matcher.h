/* SPDX-License-Identifier: GPL-2.0 */
/* matcher.h - libpcap as the judge of filters, and packets out of capture files. */
#ifndef TESTS_MATCHER_H
#define TESTS_MATCHER_H

#include <stdbool.h>

#include "lib/classic.h"

struct matcher;

/**
 * matcher_new - libpcap's view of @prog, which is copied. Exits when out of memory.
 *
 * libpcap leaves M[] as it finds it; here it starts at zero, as in the kernel.
 */
struct matcher *matcher_new(const struct classic_prog *prog);

/** matcher_match - what pcap_offline_filter() says of a whole packet. */
bool matcher_match(const struct matcher *j, const void *pkt, __u32 len);

void matcher_free(struct matcher *j);

struct matcher_pkt {
	__u32 len;
	unsigned char *data;
};

struct matcher_pkts {
	struct matcher_pkt *pkts;
	__u32 count;
};

/**
 * matcher_read - append the packets of a capture file, captured bytes only.
 * Return: 0; -EINVAL if it is no file of Ethernet packets.
 */
int matcher_read(const char *path, struct matcher_pkts *p);

/** matcher_add - append one packet, which is copied. */
void matcher_add(struct matcher_pkts *p, const void *data, __u32 len);

void matcher_pkts_free(struct matcher_pkts *p);

#endif
