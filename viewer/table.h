/* SPDX-License-Identifier: GPL-2.0 */
/*
 * viewer/table.h - rows and columns on the screen: cursor, scrolling, sorting, search, a row that
 * is kept on top. A row is known by its key, so the cursor stays on it wherever it is sorted to.
 */
#ifndef VIEWER_TABLE_H
#define VIEWER_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

#include "viewer/screen.h"

#define TABLE_TEXT 512 /* bytes of a cell */

struct table_col {
	const char *name; /* NULL ends the columns */
	short width;	  /* columns; below 0: to the left; 0: what is left, to the left */
	short from, to;	  /* only on screens of so many columns; to 0: or any more */
};

struct table_cell {
	char text[TABLE_TEXT];
	double sort; /* what it is sorted by, if by_text is not set */
	bool by_text;
	enum screen_role role;
};

struct table_ops {
	const struct table_col *cols;
	size_t (*rows)(void *arg);
	__u64 (*key)(void *arg, size_t row);
	/* @width: columns that it has on the screen; fills text, sort and role, which are zeroed.
	 */
	void (*cell)(void *arg, size_t row, int col, int width, struct table_cell *c);
	/* Not to be shown now, on a screen of @cols columns. May be NULL. */
	bool (*hidden)(void *arg, int col, int cols);
	/* Of a column the width that it is to have instead, with its sign; 0: its own. May be NULL.
	 */
	int (*width)(void *arg, int col);
	const char *empty; /* what stands there when there are no rows */
};

struct table {
	int sort;     /* column; -1: as the rows come */
	bool reverse; /* numbers: the least first, texts: the last first */
	bool follow;  /* the cursor stays on the last row */
	__u64 cursor; /* key */
	size_t at;    /* row of the cursor on the screen's order */
	size_t top;   /* first row that is shown */
	size_t n;     /* rows */
	size_t *order;
	__u64 frozen; /* key of the row on top; 0: none */
	char search[64];
	int y, rows; /* where its rows are on the screen */
};

/** table_init - sorted by @sort; table_free() gives its memory back. */
void table_init(struct table *t, int sort);
void table_free(struct table *t);

/** table_sync - look at the rows anew: sort them, find the cursor. -ENOMEM. */
int table_sync(struct table *t, const struct table_ops *ops, void *arg, int cols);

/** table_draw - in @rows lines from @y on, the names of columns in the first. */
void table_draw(struct table *t, const struct table_ops *ops, void *arg, struct screen *s, int y,
		int rows);

/** table_move - the cursor by @n rows. */
void table_move(struct table *t, const struct table_ops *ops, void *arg, long n);

/** table_row - the row under the cursor; false: there is none. */
bool table_row(const struct table *t, size_t *row);

/** table_sort - by the next column to the right (@by 1) or left (-1) of those that are shown. */
void table_sort(struct table *t, const struct table_ops *ops, void *arg, int cols, int by);

/** table_search - to the next row (@by 1, or -1) with t->search in it, from the cursor. */
bool table_search(struct table *t, const struct table_ops *ops, void *arg, int by, bool here);

/** table_click - a click at line @y, column @x: the cursor goes there, or the column is sorted. */
bool table_click(struct table *t, const struct table_ops *ops, void *arg, const struct screen *s,
		 int y, int x);

#endif
