// SPDX-License-Identifier: GPL-2.0
/* lib/print_put.c - text appenders of the printer: no stdio, no locale. */
#include "lib/print_int.h"

static const char pairs[] = "0001020304050607080910111213141516171819"
			    "2021222324252627282930313233343536373839"
			    "4041424344454647484950515253545556575859"
			    "6061626364656667686970717273747576777879"
			    "8081828384858687888990919293949596979899";
static const char digits[] = "0123456789abcdef";

/* Digits of @v, right-aligned before @end; returns where they start. */
static char *dec(char *end, __u64 v)
{
	while (v >= 100) {
		end -= 2;
		memcpy(end, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	if (v >= 10) {
		end -= 2;
		memcpy(end, pairs + v * 2, 2);
	} else {
		*--end = (char)('0' + v);
	}
	return end;
}

static char *hex(char *end, __u32 v)
{
	do {
		*--end = digits[v & 15];
		v >>= 4;
	} while (v);
	return end;
}

/* [@s, @end) with zeros before it up to @width; @end has room for 20 bytes before it. */
static void put_padded(struct print *p, char *s, char *end, unsigned int width)
{
	while ((unsigned int)(end - s) < width)
		*--s = '0';
	put_mem(p, s, (size_t)(end - s));
}

void put_u32(struct print *p, __u32 v)
{
	put_u64(p, v);
}

void put_u64(struct print *p, __u64 v)
{
	char b[20], *s = dec(b + sizeof(b), v);

	put_mem(p, s, (size_t)(b + sizeof(b) - s));
}

void put_u32_pad(struct print *p, __u32 v, unsigned int width)
{
	char b[20];

	put_padded(p, dec(b + sizeof(b), v), b + sizeof(b), width);
}

void put_hex(struct print *p, __u32 v)
{
	put_hex_pad(p, v, 1);
}

void put_hex_pad(struct print *p, __u32 v, unsigned int width)
{
	char b[20];

	put_padded(p, hex(b + sizeof(b), v), b + sizeof(b), width);
}

void put_num(struct print *p, const char *before, __u32 v, const char *after)
{
	put_str(p, before);
	put_u32(p, v);
	put_str(p, after);
}

void put_ip4(struct print *p, const __u8 *a)
{
	char b[16], *s = b + sizeof(b);

	for (int i = 3; i >= 0; i--) {
		s = dec(s, a[i]);
		if (i)
			*--s = '.';
	}
	put_mem(p, s, (size_t)(b + sizeof(b) - s));
}

void put_mac(struct print *p, const __u8 *a)
{
	char b[17];

	for (int i = 0; i < 6; i++) {
		b[i * 3] = digits[a[i] >> 4];
		b[i * 3 + 1] = digits[a[i] & 15];
		if (i < 5)
			b[i * 3 + 2] = ':';
	}
	put_mem(p, b, sizeof(b));
}

/* The longest run of at least two zero words: its start and length, or length 0. */
static int zero_run(const __u16 *w, int *len)
{
	int best = -1, best_len = 1, n = 0;

	for (int i = 0; i < 8; i++) {
		n = w[i] ? 0 : n + 1;
		if (n > best_len) {
			best_len = n;
			best = i - n + 1;
		}
	}
	*len = best < 0 ? 0 : best_len;
	return best;
}

void put_ip6(struct print *p, const __u8 *a)
{
	__u16 w[8];
	int run, run_len;

	for (int i = 0; i < 8; i++)
		w[i] = (__u16)(a[i * 2] << 8 | a[i * 2 + 1]);
	run = zero_run(w, &run_len);
	for (int i = 0; i < 8; i++) {
		if (i == run) {
			put_char(p, ':');
			i += run_len - 1;
			if (i == 7)
				put_char(p, ':');
			continue;
		}
		if (i)
			put_char(p, ':');
		/* An embedded IPv4 address: ::a.b.c.d and ::ffff:a.b.c.d */
		if (i == 6 && !run && (run_len == 6 || (run_len == 5 && w[5] == 0xffff))) {
			put_ip4(p, a + 12);
			return;
		}
		put_hex(p, w[i]);
	}
}

void put_ip4_at(struct print *p, __u32 off)
{
	const __u8 *a = print_get(p, off, 4);

	if (a)
		put_ip4(p, a);
}

void put_ip6_at(struct print *p, __u32 off)
{
	const __u8 *a = print_get(p, off, 16);

	if (a)
		put_ip6(p, a);
}

void put_mac_at(struct print *p, __u32 off)
{
	const __u8 *a = print_get(p, off, 6);

	if (a)
		put_mac(p, a);
}

const char *print_tok(const struct print_tok *t, __u32 v)
{
	for (; t->s; t++)
		if (t->v == v)
			return t->s;
	return NULL;
}

void put_bits(struct print *p, const struct print_tok *t, __u32 v, const char *sep,
	      const char *none)
{
	bool any = false;

	for (; t->s; t++) {
		if ((v & t->v) != t->v)
			continue;
		if (any)
			put_str(p, sep);
		put_str(p, t->s);
		any = true;
	}
	if (!any)
		put_str(p, none);
}

void print_trunc(struct print *p)
{
	put_str(p, " [|");
	put_str(p, p->proto);
	put_char(p, ']');
}

void print_cut(struct print *p)
{
	if (p->cut)
		return;
	print_trunc(p);
	p->cut = true;
	p->lim = p->pos;
}

void print_invalid(struct print *p)
{
	put_str(p, " (invalid)");
}

void put_visible(struct print *p, __u8 c)
{
	if (c & 0x80) {
		put_str(p, "M-");
		c &= 0x7f;
	}
	if (c < 0x20 || c == 0x7f) {
		put_char(p, '^');
		c ^= 0x40;
	}
	put_char(p, (char)c);
}
