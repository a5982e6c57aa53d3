/* SPDX-License-Identifier: GPL-2.0 */
/*
 * lib/textbuf.h - text into a caller's buffer. Nothing is written beyond it: what does not fit
 * sets `full`, so that a writer checks once, at its end. No terminating NUL.
 *
 * All inline: a textbuf that is a local variable then stays in registers, where one whose
 * address goes about costs a load and a store for each piece of text.
 */
#ifndef LIB_TEXTBUF_H
#define LIB_TEXTBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct textbuf {
	char *start, *pos, *end;
	bool full;
};

static inline struct textbuf textbuf_at(char *buf, size_t size)
{
	return (struct textbuf){ .start = buf, .pos = buf, .end = buf + size };
}

/* Bytes written, or 0 if something did not fit. */
static inline size_t textbuf_done(const struct textbuf *t)
{
	return t->full ? 0 : (size_t)(t->pos - t->start);
}

static inline void textbuf_mem(struct textbuf *t, const char *s, size_t n)
{
	if (n > (size_t)(t->end - t->pos)) {
		t->full = true;
		return;
	}
	memcpy(t->pos, s, n);
	t->pos += n;
}

static inline void textbuf_str(struct textbuf *t, const char *s)
{
	textbuf_mem(t, s, strlen(s));
}

static inline void textbuf_char(struct textbuf *t, char c)
{
	textbuf_mem(t, &c, 1);
}

static inline unsigned int textbuf_digits(uint64_t v)
{
	unsigned int n = 1;

	for (; v >= 10000; v /= 10000)
		n += 4;
	return n + (v >= 10) + (v >= 100) + (v >= 1000);
}

/* @v in decimal. */
static inline void textbuf_u64(struct textbuf *t, uint64_t v)
{
	unsigned int n = textbuf_digits(v);

	if (n > (size_t)(t->end - t->pos)) {
		t->full = true;
		return;
	}
	t->pos += n;
	for (char *p = t->pos; n--; v /= 10)
		*--p = '0' + v % 10;
}

/**
 * textbuf_word - @s as it is if it is plain, else in double quotes.
 * @special: true for the characters that make it not plain, as do all but printable ASCII
 *
 * In quotes, `"` and `\` get a backslash, and a byte that is no printable ASCII is \xHH.
 */
void textbuf_word(struct textbuf *t, const char *s, const bool special[128]);

#endif
