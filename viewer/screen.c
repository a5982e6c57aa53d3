// SPDX-License-Identifier: GPL-2.0
#include "viewer/screen.h"

#include <errno.h>
#include <langinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS
#include <ncurses.h>
#include <term.h>

#include "lib/util.h"

#define TEXT 1024 /* columns of one text, at most */

/* In colours, and without: a role that looks like none must not be the only one to say it. */
static const struct {
	short fg, bg;
	attr_t color, mono;
} looks[ROLES] = {
	[ROLE_TEXT] = { -1, -1, 0, 0 },
	[ROLE_TITLE] = { -1, -1, A_BOLD, A_BOLD },
	[ROLE_HEAD] = { COLOR_BLACK, COLOR_CYAN, 0, A_REVERSE },
	[ROLE_SORTED] = { COLOR_BLACK, COLOR_WHITE, 0, A_REVERSE | A_BOLD | A_UNDERLINE },
	[ROLE_CURSOR] = { -1, -1, A_REVERSE, A_REVERSE },
	[ROLE_DIM] = { COLOR_CYAN, -1, 0, A_DIM },
	[ROLE_DROP] = { COLOR_RED, -1, A_BOLD, A_BOLD },
	[ROLE_PASS] = { COLOR_GREEN, -1, 0, 0 },
	[ROLE_TX] = { COLOR_BLUE, -1, A_BOLD, 0 },
	[ROLE_WARN] = { COLOR_YELLOW, -1, A_BOLD, A_BOLD },
	[ROLE_BAD] = { COLOR_WHITE, COLOR_RED, A_BOLD, A_REVERSE | A_BOLD },
	[ROLE_KEY] = { -1, -1, A_BOLD, A_BOLD },
	[ROLE_TAB] = { COLOR_BLACK, COLOR_GREEN, 0, A_REVERSE },
	[ROLE_MARK] = { COLOR_BLACK, COLOR_YELLOW, 0, A_REVERSE },
	[ROLE_SPARK] = { COLOR_YELLOW, -1, 0, 0 },
};

static bool colored(const struct screen_opts *o)
{
	const char *no = getenv("NO_COLOR"); /* no-color.org: set, and not empty */

	if (o->colors == SCREEN_MONO || (o->colors == SCREEN_AUTO && no && *no))
		return false;
	return tigetnum("colors") >= 8;
}

static void make_looks(struct screen *s, const struct screen_opts *o)
{
	bool color = colored(o);

	if (color) {
		start_color();
		use_default_colors();
	}
	for (short i = 0; i < ROLES; i++) {
		s->look[i] = looks[i].mono;
		if (!color)
			continue;
		init_pair(i + 1, looks[i].fg, looks[i].bg);
		s->look[i] = looks[i].color | COLOR_PAIR(i + 1);
	}
}

int screen_open(struct screen *s, const struct screen_opts *o)
{
	if (!newterm(NULL, stdout, stdin))
		return -ENXIO;
	s->utf8 = !o->ascii && !strcmp(nl_langinfo(CODESET), "UTF-8");
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	if (o->mouse)
		mousemask(BUTTON1_CLICKED | BUTTON1_PRESSED | BUTTON1_DOUBLE_CLICKED |
				  BUTTON4_PRESSED | BUTTON5_PRESSED,
			  NULL);
	mouseinterval(150);

	make_looks(s, o);
	getmaxyx(stdscr, s->rows, s->cols);
	return 0;
}

void screen_close(struct screen *s)
{
	(void)s;
	endwin();
	delscreen(set_term(NULL));
}

void screen_resized(struct screen *s)
{
	getmaxyx(stdscr, s->rows, s->cols);
	clearok(stdscr, TRUE);
}

void screen_clear(struct screen *s)
{
	(void)s;
	erase();
}

void screen_show(struct screen *s)
{
	(void)s;
	refresh();
}

/* As wide characters that can be printed; how many columns they take, at most @width. */
static int to_wide(const char *text, wchar_t *out, int width)
{
	mbstate_t state = { 0 };
	int cols = 0;

	while (*text && cols < width) {
		wchar_t c;
		size_t n = mbrtowc(&c, text, MB_CUR_MAX, &state);
		int w;

		if (n == (size_t)-1 || n == (size_t)-2 || !n) {
			memset(&state, 0, sizeof(state));
			n = 1;
			c = L'?';
		}
		text += n;
		w = iswprint(c) ? wcwidth(c) : -1;
		if (w < 1) { /* a combining one could make a column wider than we count */
			c = L'?';
			w = 1;
		}
		if (cols + w > width)
			break;
		*out++ = c;
		cols += w;
	}
	*out = 0;
	return cols;
}

int screen_put(struct screen *s, int y, int x, int width, enum screen_role role, const char *text)
{
	wchar_t wide[TEXT + 1];
	int cols;

	if (y < 0 || y >= s->rows || x < 0 || x >= s->cols)
		return 0;
	if (width > s->cols - x)
		width = s->cols - x;
	if (width > TEXT)
		width = TEXT;
	cols = to_wide(text, wide, width);
	attrset(s->look[role]);
	mvaddwstr(y, x, wide);
	for (int i = cols; i < width; i++)
		mvaddch(y, x + i, ' ');
	attrset(0);
	return cols;
}

int screen_putf(struct screen *s, int y, int x, enum screen_role role, const char *fmt, ...)
{
	wchar_t wide[TEXT + 1];
	char text[TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return screen_put(s, y, x, to_wide(text, wide, TEXT), role, text);
}

void screen_cursor(struct screen *s, int y, int x)
{
	(void)s;
	curs_set(y >= 0);
	if (y >= 0)
		move(y, x);
}

int screen_key(struct screen *s)
{
	(void)s;
	return getch();
}

bool screen_mouse(struct screen_mouse *m)
{
	MEVENT e;

	if (getmouse(&e) == ERR)
		return false;
	*m = (struct screen_mouse){
		.y = e.y,
		.x = e.x,
		.click = e.bstate & (BUTTON1_CLICKED | BUTTON1_PRESSED),
		.twice = e.bstate & BUTTON1_DOUBLE_CLICKED,
		.up = e.bstate & BUTTON4_PRESSED,
		.down = e.bstate & BUTTON5_PRESSED,
	};
	return true;
}

void screen_beep(void)
{
	beep();
}
