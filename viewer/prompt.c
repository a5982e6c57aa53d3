// SPDX-License-Identifier: GPL-2.0
#include "viewer/prompt.h"

#include <stdio.h>
#include <string.h>

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS
#include <ncurses.h>

#define CTRL(c) ((c)&0x1f)
#define ESC	27

void prompt_open(struct prompt *p, enum prompt_what what, const char *text, __u64 now_ns)
{
	*p = (struct prompt){ .what = what, .typed_ns = now_ns, .valid = true };
	snprintf(p->text, sizeof(p->text), "%s", text);
	p->at = strlen(p->text);
}

static void insert(struct prompt *p, int c)
{
	size_t len = strlen(p->text);

	if (len + 1 >= sizeof(p->text))
		return;
	memmove(p->text + p->at + 1, p->text + p->at, len - p->at + 1);
	p->text[p->at++] = c;
}

static void take_out(struct prompt *p, unsigned int from, unsigned int to)
{
	memmove(p->text + from, p->text + to, strlen(p->text + to) + 1);
	p->at = from;
}

/* Moves and does not change it. */
static bool move_to(struct prompt *p, int code)
{
	switch (code) {
	case KEY_LEFT:
		p->at -= p->at > 0;
		return true;
	case KEY_RIGHT:
		p->at += p->text[p->at] != 0;
		return true;
	case KEY_HOME:
	case CTRL('a'):
		p->at = 0;
		return true;
	case KEY_END:
	case CTRL('e'):
		p->at = strlen(p->text);
		return true;
	}
	return false;
}

static bool change(struct prompt *p, int code)
{
	unsigned int from = p->at;

	switch (code) {
	case KEY_BACKSPACE:
	case 127:
	case CTRL('h'):
		if (p->at)
			take_out(p, p->at - 1, p->at);
		return true;
	case KEY_DC:
		if (p->text[p->at])
			take_out(p, p->at, p->at + 1);
		return true;
	case CTRL('u'):
		take_out(p, 0, p->at);
		return true;
	case CTRL('w'):
		while (from && p->text[from - 1] == ' ')
			from--;
		while (from && p->text[from - 1] != ' ')
			from--;
		take_out(p, from, p->at);
		return true;
	}
	if (code < ' ' || code > '~')
		return false;
	insert(p, code);
	return true;
}

enum prompt_said prompt_key(struct prompt *p, int code, __u64 now_ns)
{
	if (code == ESC || code == CTRL('c') || code == CTRL('g'))
		return PROMPT_NEVER;
	if (code == '\r' || code == '\n' || code == KEY_ENTER)
		return PROMPT_DONE;
	if (!move_to(p, code) && change(p, code))
		p->typed_ns = now_ns;
	return PROMPT_MORE;
}
