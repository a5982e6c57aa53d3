// SPDX-License-Identifier: GPL-2.0
#include "lib/textbuf.h"

static bool plain(const char *s, const bool special[128])
{
	for (; *s; s++)
		if (*s < ' ' || *s > '~' || special[(unsigned char)*s])
			return false;
	return true;
}

void textbuf_word(struct textbuf *t, const char *s, const bool special[128])
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
