// SPDX-License-Identifier: GPL-2.0
/* view_help - the keys, out of the table that they are made of. */
#include <stdio.h>
#include <string.h>

#include "viewer/ui.h"

enum { NAME, HELP };

static const struct table_col cols[] = {
	[NAME] = { "key", -10, 0, 0 },
	[HELP] = { "what it does", 0, 0, 0 },
	{ NULL, 0, 0, 0 },
};

static const struct key *nth(size_t n)
{
	for (const struct key *k = keys_table; k->name; k++)
		if (k->help && !n--)
			return k;
	return NULL;
}

static size_t rows(void *arg)
{
	size_t n = 0;

	(void)arg;
	while (nth(n))
		n++;
	return n;
}

static __u64 key(void *arg, size_t row)
{
	(void)arg;
	return row + 1;
}

static void cell(void *arg, size_t row, int col, int width, struct table_cell *c)
{
	const struct key *k = nth(row);
	const struct ui *ui = arg;

	(void)width;
	c->by_text = true;
	c->role = col == NAME ? ROLE_KEY : ROLE_TEXT;
	snprintf(c->text, sizeof(c->text), "%s%s", col == NAME ? k->name : k->help,
		 col == HELP && k->writes && ui->o->read_only ? " (not now: --read-only)" : "");
}

static const struct table_ops table = { .cols = cols, .rows = rows, .key = key, .cell = cell };

const struct view_ops view_help = { .name = "Help", .table = &table, .sort = -1 };
