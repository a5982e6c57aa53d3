// SPDX-License-Identifier: GPL-2.0
/* lib/print_tcp.c - the TCP header (RFC 9293). */
#include "lib/print_int.h"

#define HDR	 20
#define PROTO	 6
#define RST_TEXT 30 /* bytes of a reset's data that are shown */

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16, URG = 32 };

static const struct print_tok flag_names[] = {
	{ FIN, "F" }, { SYN, "S" }, { RST, "R" }, { PSH, "P" }, { ACK, "." },
	{ URG, "U" }, { 64, "E" },  { 128, "W" }, { 0, NULL },
};

struct tcp {
	__u32 off, hlen, len; /* len: header and data */
	__u16 sport, dport;
	__u8 flags;
	struct print_rel rel;
};

/* Fill @c and say whether the packet goes from b to a. */
static bool conn_of(struct print *p, const struct print_ip *ip, const struct tcp *t,
		    struct print_conn *c)
{
	__u32 n = ip->ver == 4 ? 4 : 16;
	const __u8 *src = print_get(p, ip->off + (ip->ver == 4 ? 12 : 8), n);
	const __u8 *dst = print_get(p, ip->off + (ip->ver == 4 ? 16 : 24), n);
	bool rev = t->sport > t->dport;

	memset(c, 0, sizeof(*c));
	if (!src || !dst)
		return false;
	if (t->sport == t->dport)
		rev = memcmp(src, dst, n) > 0;
	memcpy(c->a, rev ? dst : src, n);
	memcpy(c->b, rev ? src : dst, n);
	c->port_a = rev ? t->dport : t->sport;
	c->port_b = rev ? t->sport : t->dport;
	c->ver = ip->ver;
	return rev;
}

/* Only a segment with ACK tells both numbers, so only those are related to anything. */
static void relate(struct print *p, const struct print_ip *ip, struct tcp *t)
{
	struct print_conn c;
	bool rev;

	if (p->o.flags & PRINT_ABS_SEQ || !(t->flags & ACK))
		return;
	rev = conn_of(p, ip, t, &c);
	print_seqs_relate(p->seqs, &c, rev, t->flags & SYN, &t->rel);
}

/* Nothing if not all of the segment was captured: a sum of a part says nothing. */
static void put_sum(struct print *p, const struct print_ip *ip, const struct tcp *t)
{
	__u16 field = print_get16(p, t->off + 16), sum;

	if (!p->o.verbose || ip->frag || !print_has(p, t->off, t->len))
		return;
	sum = print_sum_ip(p, ip, PROTO, t->off, t->len);
	put_str(p, ", cksum 0x");
	put_hex_pad(p, field, 4);
	if (!sum) {
		put_str(p, " (correct)");
		return;
	}
	put_str(p, " (incorrect -> 0x");
	put_hex_pad(p, print_sum_should_be(field, sum), 4);
	put_char(p, ')');
}

/* A pure ACK has no sequence number worth a place, but with -vv. */
static void put_numbers(struct print *p, const struct tcp *t)
{
	__u32 data = t->len - t->hlen;

	if (p->o.verbose > 1 || data || t->flags & (SYN | FIN | RST)) {
		put_num(p, ", seq ", t->rel.seq, "");
		if (data)
			put_num(p, ":", t->rel.seq + data, "");
	}
	if (t->flags & ACK)
		put_num(p, ", ack ", t->rel.ack, "");
	put_num(p, ", win ", print_get16(p, t->off + 14), "");
	if (t->flags & URG)
		put_num(p, ", urg ", print_get16(p, t->off + 18), "");
}

/* RFC 1122 4.2.2.12: a reset may carry text that says why. */
static void put_rst_data(struct print *p, __u32 off, __u32 len)
{
	__u32 n = len < RST_TEXT ? len : RST_TEXT;

	put_str(p, print_has(p, off, len) ? " [RST" : " [!RST");
	put_str(p, len > RST_TEXT ? "+ " : " ");
	for (__u32 i = 0; i < n && print_has(p, off + i, 1); i++)
		put_visible(p, print_get8(p, off + i));
	put_char(p, ']');
}

/* The length; an application would follow. */
static void put_data(struct print *p, const struct tcp *t)
{
	__u32 len = t->len - t->hlen;

	put_num(p, ", length ", len, "");
	if (!len)
		return;
	if (!print_has(p, t->off, t->hlen)) {
		put_num(p, " [remaining caplen(", print_left(p, t->off), ") < header length(");
		put_u32(p, t->hlen);
		put_str(p, ")]");
		print_cut(p);
		return;
	}
	if (t->flags & RST && p->o.verbose)
		put_rst_data(p, t->off + t->hlen, len);
	else
		print_upper(p);
}

/* Ports were printed, and the header is there. */
static void put_header(struct print *p, const struct print_ip *ip, struct tcp *t)
{
	struct print_seg seg = { .flags = t->flags, .whole = print_has(p, t->off, t->len) };

	if (t->hlen < HDR) {
		put_num(p, " tcp ", t->len - t->hlen, " [bad hdr length ");
		put_num(p, "", t->hlen, " - too short, < 20]");
		return;
	}
	if (p->o.flags & PRINT_QUIET) {
		put_num(p, "tcp ", t->len - t->hlen, "");
	} else {
		put_str(p, "Flags [");
		put_bits(p, flag_names, t->flags, "", "none");
		put_char(p, ']');
		relate(p, ip, t);
	}
	if (t->hlen > t->len) {
		put_num(p, " [bad hdr length ", t->hlen, " - too long, > ");
		put_num(p, "", t->len, "]");
		return;
	}
	if (p->o.flags & PRINT_QUIET)
		return;
	put_sum(p, ip, t);
	put_numbers(p, t);
	seg.sack_base = t->rel.sack_base;
	if (t->hlen == HDR || print_tcp_options(p, t->off + HDR, t->hlen - HDR, &seg))
		put_data(p, t);
}

void print_tcp(struct print *p, const struct print_ip *ip, __u32 off, __u32 len)
{
	struct tcp t = { .off = off, .len = len };

	p->proto = "tcp";
	if (!print_has(p, off, 4)) {
		print_ends(p, ip);
		put_char(p, ':');
		print_trunc(p);
		return;
	}
	t.sport = print_get16(p, off);
	t.dport = print_get16(p, off + 2);
	print_addrs_ports(p, ip, PROTO, t.sport, t.dport);
	if (!print_has(p, off, HDR)) {
		print_trunc(p);
		return;
	}
	t.hlen = (__u32)(print_get8(p, off + 12) >> 4) * 4;
	t.flags = print_get8(p, off + 13);
	t.rel.seq = print_get32(p, off + 4);
	t.rel.ack = print_get32(p, off + 8);
	put_header(p, ip, &t);
}
