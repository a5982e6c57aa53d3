// SPDX-License-Identifier: GPL-2.0
/* lib/print_tcp_opt.c - TCP options. */
#include "lib/print_int.h"

enum {
	EOL = 0,
	NOP = 1,
	MSS = 2,
	WSCALE = 3,
	SACK_OK = 4,
	SACK = 5,
	ECHO = 6,
	ECHO_REPLY = 7,
	TS = 8,
	CC = 11,
	CC_NEW = 12,
	CC_ECHO = 13,
	MD5 = 19,
	SCPS = 20,
	UTO = 28,
	AO = 29,
	MPTCP = 30,
	TFO = 34,
	EXPERIMENT = 254
};

#define MD5_LEN	  16
#define MAGIC_TFO 0xf989 /* RFC 6994: fast open in the experimental option */

/* Instead of the number of data bytes that an option takes. */
enum { OPT_BAD = -1, OPT_CUT = -2 };

static const struct print_tok names[] = {
	{ EOL, "eol" },	       { NOP, "nop" },	 { MSS, "mss" },	{ WSCALE, "wscale" },
	{ SACK_OK, "sackOK" }, { SACK, "sack" }, { ECHO, "echo" },	{ ECHO_REPLY, "echoreply" },
	{ TS, "TS" },	       { CC, "cc" },	 { CC_NEW, "ccnew" },	{ CC_ECHO, "" },
	{ MD5, "md5" },	       { SCPS, "scps" }, { UTO, "uto" },	{ AO, "tcp-ao" },
	{ MPTCP, "mptcp" },    { TFO, "tfo" },	 { EXPERIMENT, "exp" }, { 0, NULL },
};

/* The data of one option: @off behind its length byte, @left bytes up to the end of the header. */
struct opt {
	__u32 off, left, len; /* len: what the length byte says of the data */
	__u32 sack_base;
	__u8 code, flags;
	bool whole; /* all of the segment was captured */
};

/* 0 if @n bytes of data are there. */
static int check(const struct print *p, const struct opt *o, __u32 n)
{
	if (n > o->left)
		return OPT_BAD;
	return print_has(p, o->off, n) ? 0 : OPT_CUT;
}

static void put_bytes(struct print *p, __u32 off, __u32 n)
{
	for (__u32 i = 0; i < n; i++)
		put_hex_pad(p, print_get8(p, off + i), 2);
}

/* RFC 2018: the edges count from the other side's origin. */
static int put_sack(struct print *p, const struct opt *o)
{
	if (o->len % 8) {
		put_str(p, " invalid sack");
		return (int)o->len;
	}
	put_num(p, " ", o->len / 8, " ");
	for (__u32 i = 0; i < o->len; i += 8) {
		int err = check(p, o, i + 8);

		if (err)
			return err;
		put_num(p, "{", print_get32(p, o->off + i) - o->sack_base, ":");
		put_num(p, "", print_get32(p, o->off + i + 4) - o->sack_base, "}");
	}
	return (int)o->len;
}

/* RFC 2385. The key is not known here, so the digest is all that can be said. */
static int put_md5(struct print *p, const struct opt *o)
{
	int err = check(p, o, MD5_LEN);

	if (err)
		return err;
	put_str(p, o->whole ? " shared secret not supplied with -M, can't check - "
			    : " snaplen too short, can't check - ");
	put_bytes(p, o->off, MD5_LEN);
	return MD5_LEN;
}

/* RFC 5925: key, next key, MAC. */
static int put_ao(struct print *p, const struct opt *o)
{
	if (o->len < 2) {
		print_invalid(p);
		return (int)o->len;
	}
	for (__u32 i = 0; i < o->len; i++) {
		static const char *const before[] = { " keyid ", " rnextkeyid ", " mac 0x", "" };
		int err = check(p, o, i + 1);

		if (i == 2)
			put_str(p, before[2]);
		if (err)
			return err;
		if (i < 2)
			put_num(p, before[i], print_get8(p, o->off + i), "");
		else
			put_hex_pad(p, print_get8(p, o->off + i), 2);
	}
	return (int)o->len;
}

/* RFC 7413: a cookie of 4 to 16 bytes, or the request for one. */
static void put_cookie(struct print *p, __u32 off, __u32 len)
{
	if (!len) {
		put_str(p, " cookiereq");
	} else if (len % 2 || len < 4 || len > 16) {
		print_invalid(p);
	} else {
		put_str(p, " cookie ");
		put_bytes(p, off, len);
	}
}

/* It may not look beyond its own bytes: what it takes for missing might be the next option. */
static int put_mptcp(struct print *p, const struct opt *o)
{
	int err = check(p, o, o->len);
	__u32 was;
	bool ok;

	if (err)
		return err;
	was = print_limit(p, o->off + o->len);
	ok = print_mptcp(p, o->off - 2, o->len + 2, o->flags);
	p->end_off = was;
	return ok ? (int)o->len : OPT_BAD;
}

/* RFC 6994: a magic number says whose experiment it is. */
static int put_experiment(struct print *p, const struct opt *o)
{
	int err = check(p, o, o->len);
	__u16 magic;

	if (err)
		return err;
	if (o->len < 2)
		return OPT_BAD;
	magic = print_get16(p, o->off);
	put_char(p, '-');
	if (magic == MAGIC_TFO) {
		put_str(p, "tfo");
		put_cookie(p, o->off + 2, o->len - 2);
	} else {
		put_hex_pad(p, magic, 4);
	}
	return (int)o->len;
}

static int put_unknown(struct print *p, const struct opt *o)
{
	if (o->len)
		put_str(p, " 0x");
	for (__u32 i = 0; i < o->len; i++) {
		int err = check(p, o, i + 1);

		if (err)
			return err;
		put_hex_pad(p, print_get8(p, o->off + i), 2);
	}
	return (int)o->len;
}

/* As tcpdump reads it: the lowest bit says minutes. (RFC 5482 has that bit on top.) */
static void put_uto(struct print *p, __u16 v)
{
	put_str(p, " 0x");
	put_hex(p, v);
	put_num(p, " ", v & 1 ? (v >> 1) * 60U : v >> 1, "");
}

/* Options of one fixed size. */
static int put_fixed(struct print *p, const struct opt *o, __u32 n)
{
	int err = check(p, o, n);

	if (err)
		return err;
	switch (o->code) {
	case MSS:
		put_num(p, " ", print_get16(p, o->off), "");
		break;
	case WSCALE:
		put_num(p, " ", print_get8(p, o->off), "");
		break;
	case TS:
		put_num(p, " val ", print_get32(p, o->off), " ecr ");
		put_u32(p, print_get32(p, o->off + 4));
		break;
	case SCPS:
		put_str(p, " cap ");
		put_hex_pad(p, print_get8(p, o->off), 2);
		put_num(p, " id ", print_get8(p, o->off + 1), "");
		break;
	case UTO:
		put_uto(p, print_get16(p, o->off));
		break;
	default:
		put_num(p, " ", print_get32(p, o->off), "");
	}
	return (int)n;
}

/* The data of an option whose name was printed; the bytes it took, OPT_BAD or OPT_CUT. */
static int put_option(struct print *p, const struct opt *o)
{
	int err;

	switch (o->code) {
	case EOL:
	case NOP:
	case SACK_OK:
		return 0;
	case WSCALE:
		return put_fixed(p, o, 1);
	case MSS:
	case SCPS:
	case UTO:
		return put_fixed(p, o, 2);
	case ECHO:
	case ECHO_REPLY:
	case CC:
	case CC_NEW:
	case CC_ECHO:
		return put_fixed(p, o, 4);
	case TS:
		return put_fixed(p, o, 8);
	case SACK:
		return put_sack(p, o);
	case MD5:
		return put_md5(p, o);
	case AO:
		return put_ao(p, o);
	case TFO:
		err = check(p, o, o->len);
		if (err)
			return err;
		put_char(p, ' ');
		put_cookie(p, o->off, o->len);
		return (int)o->len;
	case MPTCP:
		return put_mptcp(p, o);
	case EXPERIMENT:
		return put_experiment(p, o);
	}
	return put_unknown(p, o);
}

/* One option of at most @left bytes; returns its size, OPT_BAD or OPT_CUT. */
static int put_one(struct print *p, struct opt *o, __u32 off, __u32 left)
{
	__u32 head, size = 1;
	const char *name;
	int took;

	o->code = print_get8(p, off);
	head = o->code == EOL || o->code == NOP ? 1 : 2;
	if (head == 2) {
		size = print_get8(p, off + 1);
		if (size < 2 || size > left)
			return OPT_BAD;
	}
	o->off = off + head;
	o->left = left - head;
	o->len = size - head;
	name = print_tok(names, o->code);
	if (name)
		put_str(p, name);
	else
		put_num(p, "unknown-", o->code, "");
	took = put_option(p, o);
	if (took < 0)
		return took;
	if ((__u32)took + head != size)
		put_num(p, "[len ", size, "]");
	return took + (int)head;
}

bool print_tcp_options(struct print *p, __u32 off, __u32 len, const struct print_seg *seg)
{
	struct opt o = { .sack_base = seg->sack_base, .flags = seg->flags, .whole = seg->whole };
	int n = 0;

	put_str(p, ", options [");
	for (__u32 at = 0; at < len && !p->cut; at += (__u32)n) {
		if (at)
			put_char(p, ',');
		n = put_one(p, &o, off + at, len - at);
		if (n == OPT_BAD) {
			put_str(p, at ? "[bad opt]]" : "[bad opt]");
			return false;
		}
		if (n == OPT_CUT) {
			print_trunc(p);
			if (at)
				put_char(p, '>');
			return false;
		}
		if (o.code == EOL)
			break;
	}
	put_char(p, ']');
	return true;
}
