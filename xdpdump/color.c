// SPDX-License-Identifier: GPL-2.0
#include "xdpdump/color.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/trail.h"
#include "lib/util.h"
#include "xdpchain/chain.h"

#define BAR "| " /* stands before each verdict word; in a name it stands in quotes */

/* Select Graphic Rendition, ECMA-48 8.3.117; bold where somebody should look. */
static const char *const codes[] = {
	[CHAIN_ABORTED] = "1;35", [CHAIN_DROP] = "1;31",   [CHAIN_PASS] = "32",
	[CHAIN_TX] = "36",	  [CHAIN_REDIRECT] = "34",
};

bool color_wanted(const struct opts *o, int fd)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (o->color != OPTS_COLOR_AUTO)
		return o->color == OPTS_COLOR_ALWAYS;
	return !(no && *no) && term && strcmp(term, "dumb") && isatty(fd);
}

/* Length of the verdict word at @p, behind a bar; 0: there is none. Its colour in @code. */
static size_t word_at(const char *p, const char **code)
{
	size_t n = 0;
	int verdict;

	while (isalpha((unsigned char)p[n]))
		n++;
	verdict = trail_verdict_find(p, n);
	if (verdict < 0 || verdict >= (int)ARRAY_SIZE(codes))
		return 0;
	*code = codes[verdict];
	return n;
}

void color_trail(const char *trail, char *out, size_t size)
{
	bool quoted = false;
	const char *code = NULL;
	size_t at = 0, n;

	/* The longest sequence of all, and what is left of the trail, always fit. */
	while (*trail && at + strlen(trail) + 32 < size) {
		n = quoted || strncmp(trail, BAR, 2) ? 0 : 2;
		if (n && !strncmp(trail + n, "would ", 6))
			n += 6;
		if (*trail == '"')
			quoted = !quoted;
		else if (quoted && *trail == '\\' && trail[1])
			n = 2;
		if (!n)
			n = 1;
		memcpy(out + at, trail, n);
		at += n;
		trail += n;
		n = !quoted && n >= 2 ? word_at(trail, &code) : 0;
		if (n)
			at += sprintf(out + at, "\033[%sm%.*s\033[m", code, (int)n, trail);
		trail += n;
	}
	snprintf(out + at, size - at, "%s", trail);
}
