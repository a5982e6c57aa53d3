// SPDX-License-Identifier: GPL-2.0
/* view_events - the packets, the newest last, with what became of them. */
#include <stdio.h>
#include <string.h>

#include "viewer/source.h"
#include "viewer/ui.h"
#include "viewer/units.h"

enum { TIME, IFACE, VERDICT, WHY, WHY_WIDE, RULE, TEXT };

static const struct table_col cols[] = {
	[TIME] = { "time", -12, 0, 0 },
	[IFACE] = { "iface", -10, 120, 0 },
	[VERDICT] = { "verdict", -8, 0, 0 },
	[WHY] = { "stage: reason", -18, 0, 119 },
	[WHY_WIDE] = { "stage: reason", -28, 120, 0 },
	[RULE] = { "rule", -28, 150, 0 },
	[TEXT] = { "packet", 0, 0, 0 },
	{ NULL, 0, 0, 0 },
};

struct shown {
	size_t n;
	__u64 number[EVENTS];
};

static size_t rows(void *arg)
{
	const struct shown *s = ((struct ui *)arg)->data[VIEW_EVENTS];

	return s->n;
}

static __u64 key(void *arg, size_t row)
{
	const struct shown *s = ((struct ui *)arg)->data[VIEW_EVENTS];

	return s->number[row];
}

/* Who decided, or else who had something to say. */
static const struct trail_step *speaker(const struct trail *t)
{
	int d = trail_decider(t);

	if (d >= 0)
		return &t->step[d];
	for (int i = 0; i < t->steps; i++)
		if (t->step[i].reason || t->step[i].shadow)
			return &t->step[i];
	return NULL;
}

static void why_cell(const struct events_packet *p, bool rule, struct table_cell *c)
{
	const struct trail_step *s;
	struct trail t;

	if (events_trail(p, &t))
		return;
	s = speaker(&t);
	if (!s) {
		if (!rule)
			snprintf(c->text, sizeof(c->text), "end of chain");
		return;
	}
	if (rule && s->rule)
		snprintf(c->text, sizeof(c->text), "%u %s", s->rule, s->rule_text);
	else if (!rule && s->reason_name[0])
		snprintf(c->text, sizeof(c->text), "%s%s: %s", s->shadow ? "would " : "", s->stage,
			 s->reason_name);
	else if (!rule && s->reason)
		snprintf(c->text, sizeof(c->text), "%s: %u", s->stage, s->reason);
	else if (!rule)
		snprintf(c->text, sizeof(c->text), "%s", s->stage);
}

/* Where there is little room: who asked whom, and not which server it was sent to. */
static void text_cell(const struct ui *ui, const struct events_packet *p, int width,
		      struct table_cell *c)
{
	char line[TABLE_TEXT];
	size_t skip = 0;

	intake_text(&ui->in, p, width < 60, line, sizeof(line));
	if (width < 60 && !strncmp(line, "IP ", 3))
		skip = 3;
	else if (width < 60 && !strncmp(line, "IP6 ", 4))
		skip = 4;
	snprintf(c->text, sizeof(c->text), "%s", line + skip);
}

static void cell(void *arg, size_t row, int col, int width, struct table_cell *c)
{
	struct ui *ui = arg;
	const struct shown *s = ui->data[VIEW_EVENTS];
	const struct events_packet *p = events_get(ui->in.events, s->number[row]);

	c->by_text = col != TIME;
	if (!p)
		return; /* it gave way since */
	switch (col) {
	case TIME:
		units_clock(c->text, p->time_ns, 3);
		c->sort = -(double)p->number;
		break;
	case IFACE:
		snprintf(c->text, sizeof(c->text), "%s", ui_model(ui)->ifs[p->iface].name);
		break;
	case VERDICT:
		snprintf(c->text, sizeof(c->text), "%s",
			 p->known ? trail_verdict_name(p->verdict) ? trail_verdict_name(p->verdict)
								   : "?"
				  : "-");
		c->role = ui_verdict_role(p->known, p->verdict);
		break;
	case WHY:
	case WHY_WIDE:
	case RULE:
		why_cell(p, col == RULE, c);
		break;
	case TEXT:
		text_cell(ui, p, width, c);
		break;
	}
}

static const struct table_ops table = {
	.cols = cols,
	.rows = rows,
	.key = key,
	.cell = cell,
	.empty = "no packet yet",
};

static void open_view(struct ui *ui)
{
	ui->tables[VIEW_EVENTS].follow = true;
}

static void refresh(struct ui *ui)
{
	struct shown *s = ui->data[VIEW_EVENTS];
	const struct events *e = ui->in.events;

	s->n = 0;
	for (__u64 n = events_first(e); n <= events_last(e); n++)
		if (query_wants(&ui->in.query, events_get(e, n)))
			s->number[s->n++] = n;
}

static bool act(struct ui *ui, enum act a)
{
	struct table *t = &ui->tables[VIEW_EVENTS];
	size_t row;

	if (a == ACT_END && t->sort >= 0) {
		t->sort = -1;
		t->reverse = false;
		t->follow = true;
		ui_refresh(ui);
		return true;
	}
	if (a != ACT_ENTER || !table_row(t, &row))
		return false;
	t->follow = false;
	ui_show_packet(ui, key(ui, row));
	return true;
}

static bool source(struct ui *ui, struct talkers_key *k)
{
	const struct events_packet *p;
	struct source_of of;
	size_t row;

	if (!table_row(&ui->tables[VIEW_EVENTS], &row))
		return false;
	p = events_get(ui->in.events, key(ui, row));
	if (!p || !source_find(events_data(p), p->cap_len, p->known && p->verdict == CHAIN_TX, &of))
		return false;
	*k = of.source;
	return true;
}

const struct view_ops view_events = {
	.name = "Events",
	.packets = true,
	.table = &table,
	.sort = -1,
	.size = sizeof(struct shown),
	.open = open_view,
	.refresh = refresh,
	.act = act,
	.source = source,
};
