// SPDX-License-Identifier: GPL-2.0
#include "tests/datagram.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#include "tests/frame.h"

__u32 datagram_make(unsigned char buf[DATAGRAM_MAX], const struct datagram *d)
{
	int v6 = !!strchr(d->src, ':');
	const struct frame f = { .src = d->src,
				 .dst = d->dst,
				 .proto = IPPROTO_UDP,
				 .frag = d->frag,
				 .sport = d->sport,
				 .dport = d->dport };
	__u32 l3, len = frame_make(buf, &f, &l3);
	__be16 ip = htons(len - l3 - (v6 ? 40 : 0) + d->size), udp = htons(8 + d->size);

	memset(buf + len, 0, d->size);
	memcpy(buf + len, d->head, d->head_size < d->size ? d->head_size : d->size);
	memcpy(buf + l3 + (v6 ? 4 : 2), &ip, sizeof(ip));
	if (d->frag <= 0)
		memcpy(buf + len - 4, &udp, sizeof(udp));
	return len + d->size;
}
