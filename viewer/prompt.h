/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/prompt.h - a line that is typed: what to search for, a filter, a file, yes or no. */
#ifndef VIEWER_PROMPT_H
#define VIEWER_PROMPT_H

#include <stdbool.h>

#include <linux/types.h>

#define PROMPT_TEXT 256

enum prompt_what { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_WRITE, PROMPT_BLOCK };

struct prompt {
	enum prompt_what what;
	char text[PROMPT_TEXT];
	unsigned int at; /* where the next character goes */
	__u64 typed_ns;	 /* when the text was changed last; 0: what it is now was judged */
	bool valid;
	char why[256]; /* why it is not */
};

enum prompt_said { PROMPT_MORE, PROMPT_DONE, PROMPT_NEVER };

/** prompt_open - begin with @text. */
void prompt_open(struct prompt *p, enum prompt_what what, const char *text, __u64 now_ns);

/** prompt_key - a key, as of ncurses. Is it done, or called off? */
enum prompt_said prompt_key(struct prompt *p, int code, __u64 now_ns);

#endif
