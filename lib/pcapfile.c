// SPDX-License-Identifier: GPL-2.0
#include "lib/pcapfile.h"

#include <string.h>

#include "lib/util.h"

#define MAGIC_NS 0xa1b23c4d

struct file_head {
	__u32 magic;
	__u16 major, minor;
	__u32 zone, accuracy; /* always 0 */
	__u32 snaplen, linktype;
};

struct packet_head {
	__u32 sec, nsec;
	__u32 cap_len, len;
} __attribute__((packed, may_alias));

_Static_assert(sizeof(struct file_head) == 24, "pcap file header");
_Static_assert(sizeof(struct packet_head) == PCAPFILE_OVERHEAD, "pcap packet header");

size_t pcapfile_header(const struct format_file *f, void *buf, size_t size)
{
	const struct file_head h = {
		.magic = MAGIC_NS,
		.major = 2,
		.minor = 4,
		.snaplen = f->snaplen,
		.linktype = f->n_ifs ? f->ifs[0].linktype : 1,
	};

	if (size < sizeof(h))
		return 0;
	memcpy(buf, &h, sizeof(h));
	return sizeof(h);
}

size_t pcapfile_packet(const struct format_file *f, const struct record *r, void *buf, size_t size)
{
	struct packet_head *h = buf;
	size_t total = sizeof(*h) + r->cap_len;

	(void)f;
	if (size < total)
		return 0;
	h->sec = r->time_ns / NSEC;
	h->nsec = r->time_ns % NSEC;
	h->cap_len = r->cap_len;
	h->len = r->len;
	if (r->cap_len)
		memcpy(h + 1, r->data, r->cap_len);
	return total;
}

const struct format_ops pcapfile_ops = {
	.name = "pcap",
	.suffix = ".pcap",
	.header = pcapfile_header,
	.packet = pcapfile_packet,
};
