// SPDX-License-Identifier: GPL-2.0
/* lib/print_mptcp.c - the Multipath TCP option (RFC 8684, 6824). */
#include "lib/print_int.h"

enum {
	CAPABLE = 0,
	JOIN = 1,
	DSS = 2,
	ADD_ADDR = 3,
	REMOVE_ADDR = 4,
	PRIO = 5,
	FAIL = 6,
	FAST_CLOSE = 7
};
enum { SYN = 2, ACK = 16 };

/* Of a data sequence signal. */
enum { DSS_FIN = 16, DSS_SEQ8 = 8, DSS_SEQ = 4, DSS_ACK8 = 2, DSS_ACK = 1 };

static const char *const subtypes[] = { "capable", "join", "dss",	 "add-addr", "rem-addr",
					"prio",	   "fail", "fast-close", "unknown" };

static __u64 get64(struct print *p, __u32 off)
{
	return (__u64)print_get32(p, off) << 32 | print_get32(p, off + 4);
}

static void put_hex64(struct print *p, const char *before, __u64 v)
{
	put_str(p, before);
	if (v >> 32) {
		put_hex(p, (__u32)(v >> 32));
		put_hex_pad(p, (__u32)v, 8);
	} else {
		put_hex(p, (__u32)v);
	}
}

/* RFC 8684 3.1: the lengths that each segment of the handshake may have. */
static bool put_capable(struct print *p, __u32 off, __u32 len, __u8 flags)
{
	__u8 version = print_get8(p, off + 2) & 15;

	if (!((len == 12 || len == 4) && flags & SYN) &&
	    !((len == 20 || len == 22 || len == 24) && (flags & (SYN | ACK)) == ACK))
		return false;
	if (version > 1) {
		put_num(p, " Unknown Version (", version, ")");
		return true;
	}
	put_num(p, " v", version, "");
	if (print_get8(p, off + 3) & 0x80)
		put_str(p, " csum");
	if (len < 12)
		return true;
	put_hex64(p, " {0x", get64(p, off + 4));
	if (len >= 20)
		put_hex64(p, ",0x", get64(p, off + 12));
	put_char(p, '}');
	return true;
}

/* 3.2: token and nonce, truncated HMAC and nonce, HMAC. */
static bool put_join(struct print *p, __u32 off, __u32 len, __u8 flags)
{
	if (!(len == 12 && flags & SYN) && !(len == 16 && (flags & (SYN | ACK)) == (SYN | ACK)) &&
	    !(len == 24 && flags & ACK))
		return false;
	if (len != 24) {
		if (print_get8(p, off + 2) & 1)
			put_str(p, " backup");
		put_num(p, " id ", print_get8(p, off + 3), "");
	}
	if (len == 12) {
		put_hex64(p, " token 0x", print_get32(p, off + 4));
		put_hex64(p, " nonce 0x", print_get32(p, off + 8));
	} else if (len == 16) {
		put_hex64(p, " hmac 0x", get64(p, off + 4));
		put_hex64(p, " nonce 0x", print_get32(p, off + 12));
	} else {
		put_str(p, " hmac 0x");
		for (__u32 i = 4; i < 24; i++)
			put_hex_pad(p, print_get8(p, off + i), 2);
	}
	return true;
}

/* A number of 4 or 8 bytes at *@off; false if it is not there. */
static bool put_wide(struct print *p, bool wide, __u32 *off, __u32 *len)
{
	__u32 n = wide ? 8 : 4;

	if (*len < n)
		return false;
	put_u64(p, wide ? get64(p, *off) : print_get32(p, *off));
	*off += n;
	*len -= n;
	return true;
}

/* 3.3.1: the checksum is there if there is room for one. */
static bool put_mapping(struct print *p, __u8 bits, __u32 *off, __u32 *len)
{
	put_str(p, " seq ");
	if (!put_wide(p, bits & DSS_SEQ8, off, len) || *len < 4)
		return false;
	put_num(p, " subseq ", print_get32(p, *off), "");
	*off += 4;
	*len -= 4;
	if (*len < 2)
		return false;
	put_num(p, " len ", print_get16(p, *off), "");
	*off += 2;
	*len -= 2;
	if (*len >= 2) {
		put_hex64(p, " csum 0x", print_get16(p, *off));
		*len -= 2;
	}
	return true;
}

/* 3.3; no byte may be left over. */
static bool put_dss(struct print *p, __u32 off, __u32 len, __u8 flags)
{
	__u8 bits;

	if (len < 4 || flags & SYN)
		return false;
	bits = print_get8(p, off + 3);
	if (bits & DSS_FIN)
		put_str(p, " fin");
	off += 4;
	len -= 4;
	if (bits & DSS_ACK) {
		put_str(p, " ack ");
		if (!put_wide(p, bits & DSS_ACK8, &off, &len))
			return false;
	}
	if (bits & DSS_SEQ && !put_mapping(p, bits, &off, &len))
		return false;
	return !len;
}

/* Version 0 has the address family here, version 1 whether it is an echo. */
static void put_echo_bits(struct print *p, __u8 bits)
{
	switch (bits) {
	case 6:
		put_str(p, " v0-ip6");
		break;
	case 4:
		put_str(p, " v0-ip4");
		break;
	case 1:
		put_str(p, " v1-echo");
		break;
	case 0:
		put_str(p, " v1");
		break;
	default:
		put_str(p, " [bad version/echo]");
	}
}

/* 3.4.1: address, maybe a port, maybe a truncated HMAC; only the length tells. */
static bool put_add_addr(struct print *p, __u32 off, __u32 len)
{
	bool v4 = len == 8 || len == 10 || len == 16 || len == 18;
	bool v6 = len == 20 || len == 22 || len == 28 || len == 30;
	__u32 at = off + 4 + (v4 ? 4 : 16), tail;

	if (!v4 && !v6)
		return false;
	put_echo_bits(p, print_get8(p, off + 2) & 15);
	put_num(p, " id ", print_get8(p, off + 3), " ");
	if (v4)
		put_ip4_at(p, off + 4);
	else
		put_ip6_at(p, off + 4);
	tail = off + len - at;
	if (tail == 2 || tail == 10)
		put_num(p, ":", print_get16(p, at), "");
	if (tail >= 8)
		put_hex64(p, " hmac 0x", get64(p, off + len - 8));
	return true;
}

/* 3.4.2, 3.3.8, 3.7, 3.5. */
static bool put_small(struct print *p, __u8 subtype, __u32 off, __u32 len)
{
	switch (subtype) {
	case REMOVE_ADDR:
		if (len < 4)
			return false;
		put_str(p, " id");
		for (__u32 i = 3; i < len; i++)
			put_num(p, " ", print_get8(p, off + i), "");
		return true;
	case PRIO:
		if (len != 3 && len != 4)
			return false;
		put_str(p, print_get8(p, off + 2) & 1 ? " backup" : " non-backup");
		if (len == 4)
			put_num(p, " id ", print_get8(p, off + 3), "");
		return true;
	case FAIL:
		if (len != 12)
			return false;
		put_str(p, " seq ");
		put_u64(p, get64(p, off + 4));
		return true;
	case FAST_CLOSE:
		if (len != 12)
			return false;
		put_hex64(p, " key 0x", get64(p, off + 4));
		return true;
	}
	return true;
}

bool print_mptcp(struct print *p, __u32 off, __u32 len, __u8 flags)
{
	__u8 subtype;

	p->proto = "mptcp";
	if (len < 3)
		return false;
	subtype = print_get8(p, off + 2) >> 4;
	if (subtype > FAST_CLOSE)
		subtype = FAST_CLOSE + 1;
	put_num(p, " ", len, " ");
	put_str(p, subtypes[subtype]);
	switch (subtype) {
	case CAPABLE:
		return put_capable(p, off, len, flags);
	case JOIN:
		return put_join(p, off, len, flags);
	case DSS:
		return put_dss(p, off, len, flags);
	case ADD_ADDR:
		return put_add_addr(p, off, len);
	}
	return put_small(p, subtype, off, len);
}
