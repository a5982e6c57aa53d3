// SPDX-License-Identifier: GPL-2.0
/* lib/print.c - one packet as text: number, time, header lines, dump. */
#include <errno.h>
#include <stdlib.h>

#include "lib/print_int.h"

#define SNAPLEN_MAX 262144 /* tcpdump takes a longer packet for a damaged file */

struct print *print_new(const struct print_opts *opts)
{
	struct print *p;

	if (opts->time > PRINT_TIME_FIRST || opts->dump > PRINT_DUMP_ASCII_LINK) {
		errno = EINVAL;
		return NULL;
	}
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->o = *opts;
	p->sec = -1;
	p->quarter = -1;
	if (!(opts->flags & PRINT_ABS_SEQ)) {
		p->seqs = print_seqs_new();
		if (!p->seqs) {
			free(p);
			errno = ENOMEM;
			return NULL;
		}
	}
	return p;
}

void print_free(struct print *p)
{
	if (p)
		print_seqs_free(p->seqs);
	free(p);
}

size_t print_most(const struct print *p)
{
	return sizeof(*p) + (p->seqs ? print_seqs_most() : 0);
}

/* The separator of one more complaint about the lengths. */
static void complain(struct print *p, bool *bad)
{
	put_str(p, *bad ? "," : "[Invalid header:");
	*bad = true;
}

/* False, and the complaint printed, if the lengths make no sense. */
static bool check_lengths(struct print *p, __u32 cap_len, __u32 len)
{
	bool bad = !cap_len;

	if (bad)
		put_str(p, "[Invalid header: caplen==0");
	if (!len) {
		complain(p, &bad);
		put_str(p, " len==0");
	} else if (len < cap_len) {
		complain(p, &bad);
		put_num(p, " len(", len, ")");
		put_num(p, " < caplen(", cap_len, ")");
	}
	if (cap_len > SNAPLEN_MAX) {
		complain(p, &bad);
		put_num(p, " caplen(", cap_len, ") > 262144");
	}
	if (len > SNAPLEN_MAX) {
		complain(p, &bad);
		put_num(p, " len(", len, ") > 262144");
	}
	if (bad)
		put_char(p, ']');
	return !bad;
}

/*
 * The dump that was asked for. Without the link-level header nothing may be left: a frame whose
 * header is all that was captured has no dump.
 */
static void put_dump(struct print *p, __u32 cap_len)
{
	__u32 off = p->link_len;

	switch (p->o.dump) {
	case PRINT_DUMP_HEX_LINK:
	case PRINT_DUMP_BOTH_LINK:
	case PRINT_DUMP_ASCII_LINK:
		off = 0;
	}
	if (off >= cap_len)
		return;
	switch (p->o.dump) {
	case PRINT_DUMP_HEX:
	case PRINT_DUMP_HEX_LINK:
		print_hex(p, "\n\t", off, cap_len - off);
		break;
	case PRINT_DUMP_BOTH:
	case PRINT_DUMP_BOTH_LINK:
		print_hex_ascii(p, "\n\t", off, cap_len - off);
		break;
	case PRINT_DUMP_ASCII:
	case PRINT_DUMP_ASCII_LINK:
		print_ascii(p, off, cap_len - off);
		break;
	}
}

/* Until the header lines are written, the room that the suffix takes is held back. */
static void start(struct print *p, const struct print_pkt *pkt, char *buf, size_t size)
{
	size_t reserve = pkt->suffix ? strlen(pkt->suffix) : 0;

	p->pos = buf;
	p->end = buf + size - 1;
	p->lim = reserve < size - 1 ? p->end - reserve : p->pos;
	p->suffix = pkt->suffix;
	p->data = pkt->data;
	p->end_off = pkt->cap_len;
	p->link_len = 0;
	p->proto = "";
	p->cut = false;
	p->upper = NULL;
	p->nest = 0;
}

size_t print_packet(struct print *p, const struct print_pkt *pkt, char *buf, size_t size)
{
	start(p, pkt, buf, size);
	p->count++;
	if (p->o.flags & PRINT_NUMBER) {
		for (__u64 n = 10000; n > p->count && n > 1; n /= 10)
			put_char(p, ' ');
		put_u64(p, p->count);
		put_str(p, "  ");
	}
	if (check_lengths(p, pkt->cap_len, pkt->len)) {
		print_time(p, pkt->time_ns);
		if (pkt->prefix)
			put_str(p, pkt->prefix);
		p->link_len = print_ether(p, 0, pkt->len);
		/* What was left by print_cut() has no known link-level header: dump it whole. */
		if (p->cut)
			p->link_len = 0;
		p->cut = false;
		p->end_off = pkt->cap_len;
		print_suffix(p);
		p->lim = p->end;
		put_dump(p, pkt->cap_len);
	}
	print_suffix(p);
	*p->pos = 0;
	return (size_t)(p->pos - buf);
}
