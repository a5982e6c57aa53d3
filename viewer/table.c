// SPDX-License-Identifier: GPL-2.0
#include "viewer/table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void table_init(struct table *t, int sort)
{
	memset(t, 0, sizeof(*t));
	t->sort = sort;
}

void table_free(struct table *t)
{
	free(t->order);
	t->order = NULL;
	t->n = 0;
}

static bool shown(const struct table_ops *ops, void *arg, int col, int cols)
{
	const struct table_col *c = &ops->cols[col];

	if (ops->hidden && ops->hidden(arg, col, cols))
		return false;
	return cols >= c->from && (!c->to || cols <= c->to);
}

static int own_width(const struct table_ops *ops, void *arg, int col)
{
	int width = ops->width ? ops->width(arg, col) : 0;

	return width ? width : ops->cols[col].width;
}

/* Columns of the screen that column @col has. */
static int width_of(const struct table_ops *ops, void *arg, int col, int cols)
{
	int left = cols, own = own_width(ops, arg, col);

	if (own)
		return abs(own);
	for (int i = 0; ops->cols[i].name; i++)
		if (shown(ops, arg, i, cols))
			left -= abs(own_width(ops, arg, i)) + 1;
	return left + 1 > 4 ? left + 1 : 4;
}

struct sorting {
	const struct table_ops *ops;
	struct table *t;
	struct sorted {
		double number;
		char text[64];
		size_t row;
	} * v;
	bool by_text;
};

static int by_number(const void *a, const void *b, void *arg)
{
	const struct sorted *x = a, *y = b;
	const struct sorting *s = arg;
	int d;

	if (s->by_text)
		d = strcmp(x->text, y->text);
	else
		d = (x->number < y->number) - (x->number > y->number);
	if (s->t->reverse)
		d = -d;
	return d ? d : (x->row > y->row) - (x->row < y->row);
}

static int sort_rows(struct table *t, const struct table_ops *ops, void *arg)
{
	struct sorting s = { .ops = ops, .t = t, .v = calloc(t->n + 1, sizeof(*s.v)) };

	if (!s.v)
		return -ENOMEM;
	for (size_t i = 0; i < t->n; i++) {
		struct table_cell c = { .sort = 0 };

		ops->cell(arg, i, t->sort, 32, &c);
		s.v[i].number = c.sort;
		s.v[i].row = i;
		snprintf(s.v[i].text, sizeof(s.v[i].text), "%.63s", c.text);
		s.by_text = c.by_text;
	}
	qsort_r(s.v, t->n, sizeof(*s.v), by_number, &s);
	for (size_t i = 0; i < t->n; i++)
		t->order[i] = s.v[i].row;
	free(s.v);
	return 0;
}

/* The frozen one goes to the top. */
static void raise_frozen(struct table *t, const struct table_ops *ops, void *arg)
{
	for (size_t i = 0; t->frozen && i < t->n; i++) {
		size_t row = t->order[i];

		if (ops->key(arg, row) != t->frozen)
			continue;
		memmove(t->order + 1, t->order, i * sizeof(*t->order));
		t->order[0] = row;
		return;
	}
}

static void find_cursor(struct table *t, const struct table_ops *ops, void *arg)
{
	if (t->follow && t->n) {
		t->at = t->n - 1;
	} else if (t->at < t->n && t->cursor == ops->key(arg, t->order[t->at])) {
		return;
	} else {
		for (size_t i = 0; t->cursor && i < t->n; i++)
			if (ops->key(arg, t->order[i]) == t->cursor) {
				t->at = i;
				return;
			}
	}
	if (t->at >= t->n)
		t->at = t->n ? t->n - 1 : 0;
	t->cursor = t->n ? ops->key(arg, t->order[t->at]) : 0;
}

int table_sync(struct table *t, const struct table_ops *ops, void *arg, int cols)
{
	size_t n = ops->rows(arg), *order = realloc(t->order, (n + 1) * sizeof(*order));
	int err = 0;

	if (!order)
		return -ENOMEM;
	t->order = order;
	t->n = n;
	for (size_t i = 0; i < n; i++)
		order[i] = t->sort < 0 && t->reverse ? n - 1 - i : i;
	if (t->sort >= 0 && !shown(ops, arg, t->sort, cols))
		t->sort = -1;
	if (t->sort >= 0)
		err = sort_rows(t, ops, arg);
	raise_frozen(t, ops, arg);
	find_cursor(t, ops, arg);
	return err;
}

static void draw_head(const struct table *t, const struct table_ops *ops, void *arg,
		      struct screen *s, int y)
{
	int x = 0;

	screen_put(s, y, 0, s->cols, ROLE_HEAD, "");
	for (int i = 0; ops->cols[i].name; i++) {
		const struct table_col *c = &ops->cols[i];
		int width = width_of(ops, arg, i, s->cols);
		char text[64];

		if (!shown(ops, arg, i, s->cols))
			continue;
		snprintf(text, sizeof(text), "%*s", c->width > 0 ? c->width : 0, c->name);
		screen_put(s, y, x, width, i == t->sort ? ROLE_SORTED : ROLE_HEAD, text);
		x += width + 1;
	}
}

/* As wide as it is to be seen: an eighth of a block is three bytes and one column. */
static int columns(const char *text)
{
	int n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static void draw_row(const struct table *t, const struct table_ops *ops, void *arg,
		     struct screen *s, int y, size_t at)
{
	bool cursor = at == t->at, frozen = t->frozen && ops->key(arg, t->order[at]) == t->frozen;
	int x = 0;

	screen_put(s, y, 0, s->cols, cursor ? ROLE_CURSOR : ROLE_TEXT, "");
	for (int i = 0; ops->cols[i].name; i++) {
		const struct table_col *c = &ops->cols[i];
		int width = width_of(ops, arg, i, s->cols), pad;
		struct table_cell cell = { .role = ROLE_TEXT };

		if (!shown(ops, arg, i, s->cols))
			continue;
		ops->cell(arg, t->order[at], i, width, &cell);
		pad = c->width > 0 ? width - columns(cell.text) : 0;
		if (frozen && cell.role == ROLE_TEXT)
			cell.role = ROLE_TITLE;
		screen_put(s, y, x + (pad > 0 ? pad : 0), width - (pad > 0 ? pad : 0),
			   cursor ? ROLE_CURSOR : cell.role, cell.text);
		x += width + 1;
	}
}

static void scroll_to(struct table *t)
{
	size_t rows = t->rows > 0 ? t->rows : 1;

	if (t->at < t->top)
		t->top = t->at;
	if (t->at >= t->top + rows)
		t->top = t->at - rows + 1;
	if (t->top + rows > t->n)
		t->top = t->n > rows ? t->n - rows : 0;
	if (t->frozen && t->top && t->at == t->top)
		t->top--; /* the frozen row stands in the first line */
}

void table_draw(struct table *t, const struct table_ops *ops, void *arg, struct screen *s, int y,
		int rows)
{
	size_t fixed;

	draw_head(t, ops, arg, s, y);
	t->y = y + 1;
	t->rows = rows - 1;
	scroll_to(t);
	if (!t->n && ops->empty)
		screen_put(s, t->y, 0, s->cols, ROLE_DIM, ops->empty);
	/* The frozen row stays where it is when the others scroll. */
	fixed = t->frozen && t->n && t->top && ops->key(arg, t->order[0]) == t->frozen;
	for (int i = 0; i < t->rows && t->top + i < t->n; i++)
		draw_row(t, ops, arg, s, t->y + i, fixed && !i ? 0 : t->top + i);
}

void table_move(struct table *t, const struct table_ops *ops, void *arg, long n)
{
	if (!t->n)
		return;
	if (n < 0)
		t->at = t->at > (size_t)-n ? t->at + n : 0;
	else
		t->at = t->at + n < t->n ? t->at + n : t->n - 1;
	t->cursor = ops->key(arg, t->order[t->at]);
}

bool table_row(const struct table *t, size_t *row)
{
	if (t->at >= t->n)
		return false;
	*row = t->order[t->at];
	return true;
}

void table_sort(struct table *t, const struct table_ops *ops, void *arg, int cols, int by)
{
	int n = 0, next = t->sort;

	while (ops->cols[n].name)
		n++;
	do
		next += by;
	while (next >= 0 && next < n && !shown(ops, arg, next, cols));
	if (next >= -1 && next < n)
		t->sort = next;
}

static bool has(const struct table *t, const struct table_ops *ops, void *arg, size_t at)
{
	for (int i = 0; ops->cols[i].name; i++) {
		struct table_cell c = { .sort = 0 };

		ops->cell(arg, t->order[at], i, TABLE_TEXT - 1, &c);
		if (strcasestr(c.text, t->search))
			return true;
	}
	return false;
}

bool table_search(struct table *t, const struct table_ops *ops, void *arg, int by, bool here)
{
	size_t at = t->at;

	for (size_t i = 0; t->search[0] && i < t->n; i++) {
		if (i || !here)
			at = by > 0 ? (at + 1) % t->n : (at + t->n - 1) % t->n;
		if (!has(t, ops, arg, at))
			continue;
		t->at = at;
		t->cursor = ops->key(arg, t->order[at]);
		return true;
	}
	return false;
}

bool table_click(struct table *t, const struct table_ops *ops, void *arg, const struct screen *s,
		 int y, int x)
{
	int left = 0;

	if (y >= t->y && y < t->y + t->rows && t->top + (y - t->y) < t->n) {
		t->at = t->top + (y - t->y);
		t->cursor = ops->key(arg, t->order[t->at]);
		return true;
	}
	for (int i = 0; y == t->y - 1 && ops->cols[i].name; i++) {
		int width = width_of(ops, arg, i, s->cols);

		if (!shown(ops, arg, i, s->cols))
			continue;
		if (x >= left && x < left + width) {
			t->reverse = t->sort == i ? !t->reverse : false;
			t->sort = i;
			return true;
		}
		left += width + 1;
	}
	return false;
}
