// SPDX-License-Identifier: GPL-2.0
#include "lib/textbuf.h"

static const char pairs[] = "00010203040506070809"
			    "10111213141516171819"
			    "20212223242526272829"
			    "30313233343536373839"
			    "40414243444546474849"
			    "50515253545556575859"
			    "60616263646566676869"
			    "70717273747576777879"
			    "80818283848586878889"
			    "90919293949596979899";

/* Two digits a division: there are one or two numbers in each event of a capture. */
void textbuf_u64(struct textbuf *t, uint64_t v)
{
	char digits[20], *p = digits + sizeof(digits);

	while (v >= 100) {
		p -= 2;
		memcpy(p, pairs + v % 100 * 2, 2);
		v /= 100;
	}
	p -= 2;
	memcpy(p, pairs + v * 2, 2);
	p += v < 10;
	textbuf_mem(t, p, digits + sizeof(digits) - p);
}

static bool plain(const char *s, const char *special)
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || strchr(special, *s))
			return false;
	return true;
}

void textbuf_word(struct textbuf *t, const char *s, const char *special)
{
	static const char hex[] = "0123456789abcdef";

	if (plain(s, special)) {
		textbuf_str(t, s);
		return;
	}
	textbuf_char(t, '"');
	for (; *s; s++) {
		unsigned char c = *s;

		if (c == '"' || c == '\\') {
			textbuf_mem(t, (char[]){ '\\', c }, 2);
		} else if (c >= ' ' && c <= '~') {
			textbuf_char(t, c);
		} else {
			textbuf_mem(t, (char[]){ '\\', 'x', hex[c >> 4], hex[c & 15] }, 4);
		}
	}
	textbuf_char(t, '"');
}
