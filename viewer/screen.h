/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/screen.h - the terminal: text in a role, at a place, never beyond its width. The only
 * file that knows ncurses, but for the keys' names.
 */
#ifndef VIEWER_SCREEN_H
#define VIEWER_SCREEN_H

#include <stdbool.h>

/* What a text is, and not how it looks: that depends on the terminal. */
enum screen_role {
	ROLE_TEXT,
	ROLE_TITLE,  /* first line of the screen, headings */
	ROLE_HEAD,   /* names of columns */
	ROLE_SORTED, /* the one that is sorted by */
	ROLE_CURSOR, /* the row under the cursor */
	ROLE_DIM,
	ROLE_DROP,
	ROLE_PASS,
	ROLE_TX,
	ROLE_WARN,
	ROLE_BAD,  /* what is wrong, or an attack */
	ROLE_KEY,  /* a key's name */
	ROLE_TAB,  /* the view that is shown */
	ROLE_MARK, /* bytes of the field under the cursor */
	ROLE_SPARK,
	ROLES,
};

enum screen_colors { SCREEN_AUTO, SCREEN_MONO, SCREEN_16 };

struct screen_opts {
	enum screen_colors colors; /* AUTO: what terminal and NO_COLOR say */
	bool ascii;		   /* no UTF-8, whatever the locale says */
	bool mouse;
};

struct screen {
	bool utf8;
	int rows, cols;
	unsigned long look[ROLES]; /* attributes of ncurses */
};

/** screen_open - take the terminal. Return: 0; -ENXIO: TERM is not known. */
int screen_open(struct screen *s, const struct screen_opts *o);

/** screen_close - give it back as it was. */
void screen_close(struct screen *s);

/** screen_resized - the terminal has another size: look again. */
void screen_resized(struct screen *s);

/** screen_clear - begin a new picture. screen_show() makes it be seen. */
void screen_clear(struct screen *s);
void screen_show(struct screen *s);

/**
 * screen_put - @text at @y, @x, in exactly @width columns: cut, or filled with blanks.
 *
 * What is no character of the locale, or cannot be printed, is a question mark: a packet cannot
 * speak to the terminal. Nothing is written outside of the screen.
 * Return: columns that the text itself took.
 */
int screen_put(struct screen *s, int y, int x, int width, enum screen_role role, const char *text);

/** screen_putf - the same from a format; only as wide as the text. Columns it took. */
int screen_putf(struct screen *s, int y, int x, enum screen_role role, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/** screen_cursor - show the cursor there; below 0: hide it. */
void screen_cursor(struct screen *s, int y, int x);

/** screen_key - the next key that was pressed, as of ncurses; -1: none. Does not wait. */
int screen_key(struct screen *s);

struct screen_mouse {
	int y, x;
	bool click, twice, up, down; /* up, down: the wheel */
};

/** screen_mouse - what the key KEY_MOUSE was. */
bool screen_mouse(struct screen_mouse *m);

/** screen_beep - say that it cannot be. */
void screen_beep(void);

#endif
