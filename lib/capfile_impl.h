/* SPDX-License-Identifier: GPL-2.0 */
/* lib/capfile_impl.h - shared by the files of capfile alone. */
#ifndef LIB_CAPFILE_IMPL_H
#define LIB_CAPFILE_IMPL_H

#include <errno.h>
#include <string.h>

#include "lib/capfile.h"
#include "lib/trail.h"

/* A reader of bytes with a known end; what lies beyond it reads as 0 and makes it bad. */
struct cur {
	const unsigned char *pos, *end;
	bool swap; /* the file has the other byte order */
	bool bad;
};

static inline const unsigned char *cur_take(struct cur *c, size_t n)
{
	const unsigned char *p = c->pos;

	if (c->bad || n > (size_t)(c->end - c->pos)) {
		c->bad = true;
		return NULL;
	}
	c->pos += n;
	return p;
}

static inline __u16 cur_u16(struct cur *c)
{
	const unsigned char *p = cur_take(c, 2);
	__u16 v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return c->swap ? __builtin_bswap16(v) : v;
}

static inline __u32 cur_u32(struct cur *c)
{
	const unsigned char *p = cur_take(c, 4);
	__u32 v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return c->swap ? __builtin_bswap32(v) : v;
}

static inline __u64 cur_u64(struct cur *c)
{
	const unsigned char *p = cur_take(c, 8);
	__u64 v = 0;

	if (p)
		memcpy(&v, p, sizeof(v));
	return c->swap ? __builtin_bswap64(v) : v;
}

struct source {
	struct capfile_if pub;
	__u8 resolution; /* if_tsresol: bit 7 set: 2^-n s, else 10^-n s */
	__s64 offset;	 /* s, to add to each time */
};

struct capfile {
	int fd;
	size_t max;
	unsigned char *buf;
	size_t room;	/* bytes of buf */
	size_t at, end; /* what was read and not yet used */
	__u64 base;	/* offset in the file of buf[0] */
	size_t block;	/* bytes at `at` that the record before stands in */
	bool swap;
	int (*next)(struct capfile *c, struct record *r); /* 1, 0, -errno; 2: no packet, go on */
	int err;					  /* sticky */
	const char *why;
	struct source *ifs;
	__u32 n_ifs, room_ifs;
	struct trail trail; /* of the record */
	/* classic pcap */
	__u32 tick_ns;	 /* 1 or 1000 */
	__u32 head_size; /* bytes before each packet */
	__u32 minor;	 /* version 2.minor: before 2.4, lengths may be swapped */
};

/* Keep why, and hand on the code. */
static inline int capfile_bad(struct capfile *c, int err, const char *why)
{
	c->why = why;
	return -err;
}

/**
 * capfile_need - have @n bytes at the cursor in one piece.
 * Return: 1; 0 if the file ends right here; -EBADMSG if it ends within them, or they are more
 * than the limit; -errno.
 */
int capfile_need(struct capfile *c, size_t n);

/* A cursor over @n bytes, which are there. */
static inline struct cur capfile_cur(const struct capfile *c, size_t n)
{
	return (struct cur){ c->buf + c->at, c->buf + c->at + n, c->swap, false };
}

/** capfile_add_if - one more interface, zeroed, at c->ifs[c->n_ifs - 1]. 0 or -errno. */
int capfile_add_if(struct capfile *c);

/* Take the header, which starts with the @magic that was peeked; they set c->next. */
int capfile_open_pcap(struct capfile *c);
int capfile_open_pcapng(struct capfile *c);

#endif
