// SPDX-License-Identifier: GPL-2.0
/* lib/print_hex.c - dumps of bytes, and the suffix that comes before the first of them. */
#include "lib/print_int.h"

#define LINE 16 /* bytes a line */

/* isgraph(3) of the C locale, whatever locale the process has. */
static bool graph(__u8 c)
{
	return c > 0x20 && c < 0x7f;
}

/* From the end of the header text on, all of the buffer may be used. */
void print_suffix(struct print *p)
{
	if (!p->suffix)
		return;
	p->lim = p->end;
	put_str(p, p->suffix);
	p->suffix = NULL;
}

static char *pair(char *s, __u8 b)
{
	static const char digits[] = "0123456789abcdef";

	*s++ = digits[b >> 4];
	*s++ = digits[b & 15];
	return s;
}

/* " 4500 0034 ..." of @n bytes; returns the end. */
static char *hex_line(char *s, const __u8 *b, __u32 n)
{
	for (__u32 i = 0; i < n; i++) {
		if (!(i & 1))
			*s++ = ' ';
		s = pair(s, b[i]);
	}
	return s;
}

/* One line of either dump: "<indent>0x0010:  4500 ...", with @ascii the bytes as text too. */
static void dump_line(struct print *p, const char *indent, __u32 at, const __u8 *b, __u32 n,
		      bool ascii)
{
	char line[80], *s;

	put_str(p, indent);
	put_str(p, "0x");
	put_hex_pad(p, at, 4);
	put_str(p, ": ");
	s = hex_line(line, b, n);
	if (ascii) {
		while (s < line + LINE / 2 * 5)
			*s++ = ' ';
		*s++ = ' ';
		*s++ = ' ';
		for (__u32 i = 0; i < n; i++)
			*s++ = (char)(graph(b[i]) ? b[i] : '.');
	}
	put_mem(p, line, (size_t)(s - line));
}

/* Up to @len bytes; what was not captured of them cuts the line off, as a header would. */
static void dump(struct print *p, const char *indent, __u32 off, __u32 len, bool ascii)
{
	__u32 left = print_left(p, off), n = len < left ? len : left;

	if (p->cut)
		return;
	if (n)
		print_suffix(p);
	for (__u32 at = 0; at < n && p->pos < p->lim; at += LINE)
		dump_line(p, indent, at, p->data + off + at, n - at < LINE ? n - at : LINE, ascii);
	if (n < len)
		print_cut(p);
}

void print_hex(struct print *p, const char *indent, __u32 off, __u32 len)
{
	dump(p, indent, off, len, false);
}

void print_unknown(struct print *p, const char *indent, __u32 off, __u32 len)
{
	__u32 left = print_left(p, off);

	dump(p, indent, off, len < left ? len : left, false);
}

void print_hex_ascii(struct print *p, const char *indent, __u32 off, __u32 len)
{
	dump(p, indent, off, len, true);
}

void print_ascii(struct print *p, __u32 off, __u32 len)
{
	const __u8 *b = p->data + off;

	if (!print_has(p, off, len))
		return;
	print_suffix(p);
	put_char(p, '\n');
	for (__u32 i = 0; i < len; i++) {
		/* A CR before the newline would only garble the terminal. */
		if (b[i] == '\r') {
			if (len - i > 2 && b[i + 1] != '\n')
				put_char(p, '.');
		} else if (graph(b[i]) || b[i] == '\t' || b[i] == ' ' || b[i] == '\n') {
			put_char(p, (char)b[i]);
		} else {
			put_char(p, '.');
		}
	}
}
