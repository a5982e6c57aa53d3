// SPDX-License-Identifier: GPL-2.0
#include "lib/pcapng.h"

#include <string.h>

#include "lib/pcapng_impl.h"

/* A block under construction. Nothing is written beyond its end; then it is full. */
struct block {
	unsigned char *start, *pos, *end;
	bool full;
};

static void put(struct block *b, const void *data, size_t n)
{
	size_t padded = pcapng_pad(n);

	if (padded > (size_t)(b->end - b->pos)) {
		b->full = true;
		return;
	}
	memset(b->pos, 0, padded);
	memcpy(b->pos, data, n);
	b->pos += padded;
}

static void put_u32(struct block *b, __u32 v)
{
	put(b, &v, sizeof(v));
}

static struct block block_start(void *buf, size_t size, __u32 type)
{
	struct block b = { .start = buf, .pos = buf, .end = (unsigned char *)buf + size };

	put_u32(&b, type);
	put_u32(&b, 0); /* its length, known at the end */
	return b;
}

static void put_option(struct block *b, __u16 code, const void *data, __u16 n)
{
	put(b, (__u16[]){ code, n }, 4);
	put(b, data, n);
}

static void put_string(struct block *b, __u16 code, const char *s)
{
	if (s && *s)
		put_option(b, code, s, strnlen(s, PCAPNG_OPTION_MAX));
}

/* Times are two 32-bit words, the high one first in both byte orders. */
static void put_time(struct block *b, __u16 code, __u64 ns)
{
	put_option(b, code, (__u32[]){ ns >> 32, ns }, 8);
}

static void put_count(struct block *b, __u16 code, __u64 n)
{
	put_option(b, code, &n, sizeof(n));
}

static size_t block_end(struct block *b)
{
	__u32 len = b->pos - b->start + 8;

	put_u32(b, PCAPNG_END);
	put_u32(b, len);
	if (b->full)
		return 0;
	memcpy(b->start + 4, &len, sizeof(len));
	return len;
}

size_t pcapng_shb(const struct format_file *f, void *buf, size_t size)
{
	struct block b = block_start(buf, size, PCAPNG_SHB);
	const __u64 unknown = ~0ULL; /* a stream has no section length */

	put_u32(&b, PCAPNG_MAGIC);
	put(&b, (__u16[]){ 1, 0 }, 4); /* version 1.0 */
	put(&b, &unknown, sizeof(unknown));
	put_string(&b, PCAPNG_COMMENT, f->comment);
	put_string(&b, PCAPNG_SHB_HARDWARE, f->hardware);
	put_string(&b, PCAPNG_SHB_OS, f->os);
	put_string(&b, PCAPNG_SHB_APPLICATION, f->application);
	return block_end(&b);
}

size_t pcapng_idb(const struct format_file *f, unsigned int i, void *buf, size_t size)
{
	struct block b = block_start(buf, size, PCAPNG_IDB);
	const struct format_if *ifc = &f->ifs[i];
	size_t n = ifc->filter ? strnlen(ifc->filter, PCAPNG_OPTION_MAX) : 0;
	const __u8 nanoseconds = 9;

	put(&b, (__u16[]){ ifc->linktype, 0 }, 4);
	put_u32(&b, f->snaplen);
	put_string(&b, PCAPNG_IF_NAME, ifc->name);
	put_string(&b, PCAPNG_IF_DESCRIPTION, ifc->description);
	put_option(&b, PCAPNG_IF_TSRESOL, &nanoseconds, 1);
	if (n) {
		char filter[PCAPNG_OPTION_MAX + 1] = { 0 }; /* type 0: a libpcap expression */

		memcpy(filter + 1, ifc->filter, n);
		put_option(&b, PCAPNG_IF_FILTER, filter, n + 1);
	}
	return block_end(&b);
}

size_t pcapng_isb(unsigned int i, const struct format_stats *s, void *buf, size_t size)
{
	struct block b = block_start(buf, size, PCAPNG_ISB);
	const struct session_count *n = &s->count;

	put_u32(&b, i);
	put(&b, (__u32[]){ s->end_ns >> 32, s->end_ns }, 8);
	put_time(&b, PCAPNG_ISB_START, s->start_ns);
	put_time(&b, PCAPNG_ISB_END, s->end_ns);
	put_count(&b, PCAPNG_ISB_IFRECV, n->offered);
	put_count(&b, PCAPNG_ISB_IFDROP, 0);
	put_count(&b, PCAPNG_ISB_FILTERACCEPT, n->offered - n->filtered);
	put_count(&b, PCAPNG_ISB_OSDROP, n->lost);
	put_count(&b, PCAPNG_ISB_USRDELIV, n->captured);
	return block_end(&b);
}

static size_t header(const struct format_file *f, void *buf, size_t size)
{
	size_t at = pcapng_shb(f, buf, size);

	for (unsigned int i = 0; at && i < f->n_ifs; i++) {
		size_t n = pcapng_idb(f, i, (char *)buf + at, size - at);

		at = n ? at + n : 0;
	}
	return at;
}

static size_t packet(const struct format_file *f, const struct record *r, void *buf, size_t size)
{
	(void)f;
	return pcapng_epb(r, buf, size);
}

static size_t trailer(const struct format_file *f, const struct format_stats *stats, void *buf,
		      size_t size)
{
	size_t at = 0;

	for (unsigned int i = 0; i < f->n_ifs; i++) {
		size_t n = pcapng_isb(i, &stats[i], (char *)buf + at, size - at);

		if (!n)
			return 0;
		at += n;
	}
	return at;
}

const struct format_ops pcapng_ops = {
	.name = "pcapng",
	.suffix = ".pcapng",
	.wants = FORMAT_COMMENT,
	.header = header,
	.iface = pcapng_idb,
	.packet = packet,
	.trailer = trailer,
};
