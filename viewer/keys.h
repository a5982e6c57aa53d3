/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/keys.h - what each key does, is called, and does for whom: one table, of which Help and
 * the last line of the screen are printed.
 */
#ifndef VIEWER_KEYS_H
#define VIEWER_KEYS_H

enum view_id {
	VIEW_CHAIN,
	VIEW_REASONS,
	VIEW_EVENTS,
	VIEW_TALKERS,
	VIEW_LB,
	VIEW_INCIDENTS,
	VIEW_PACKET,
	VIEW_HELP,
	VIEWS,
};

enum act {
	ACT_NONE,
	ACT_VIEW, /* ACT_VIEW + enum view_id */
	ACT_VIEW_LAST = ACT_VIEW + VIEWS - 1,
	ACT_NEXT_VIEW,
	ACT_PREV_VIEW,
	ACT_UP,
	ACT_DOWN,
	ACT_LEFT,
	ACT_RIGHT,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_HOME,
	ACT_END,
	ACT_ENTER,
	ACT_BACK,
	ACT_SEARCH,
	ACT_SEARCH_NEXT,
	ACT_SEARCH_PREV,
	ACT_FILTER,
	ACT_SORT_LEFT,
	ACT_SORT_RIGHT,
	ACT_REVERSE,
	ACT_PAUSE,
	ACT_FREEZE,
	ACT_PREFIXES,
	ACT_SPAN,
	ACT_WRITE,
	ACT_BLOCK,
	ACT_REDRAW,
	ACT_QUIT,
};

#define KEYS_CODES 4

struct key {
	int code[KEYS_CODES]; /* as of ncurses; 0 where there are fewer */
	const char *name;     /* NULL ends the table */
	enum act act;
	unsigned int views; /* bit i: in that view */
	const char *brief;  /* for the last line; NULL: not there */
	const char *help;
	int writes; /* it changes something outside: not with --read-only */
};

extern const struct key keys_table[];

/** keys_find - what @code does in @view, or NULL. */
const struct key *keys_find(int code, enum view_id view);

#endif
