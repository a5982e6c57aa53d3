// SPDX-License-Identifier: GPL-2.0
/* view_reasons - what one stage says of packets: its reasons, and its rules. */
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/util.h"
#include "viewer/rules.h"
#include "viewer/ui.h"
#include "viewer/units.h"

enum { KIND, NAME, NAME_WIDE, PPS, PACKETS, BYTES, FIRST, LAST, LEFT, NOTE };

static const struct table_col cols[] = {
	[KIND] = { "", -9, 0, 0 },
	[NAME] = { "name", -24, 0, 109 },
	[NAME_WIDE] = { "name", -48, 110, 0 },
	[PPS] = { "pkt/s", 7, 0, 0 },
	[PACKETS] = { "packets", 8, 0, 0 },
	[BYTES] = { "bytes", 7, 110, 0 },
	[FIRST] = { "first", 8, 0, 0 },
	[LAST] = { "last", 8, 0, 0 },
	[LEFT] = { "left", 6, 110, 0 },
	[NOTE] = { "", 0, 0, 0 },
	{ NULL, 0, 0, 0 },
};

struct row {
	bool is_rule;
	__u32 index; /* reason, or place in rules */
};

struct reasons {
	size_t n;
	struct row row[CHAIN_REASONS + RULES];
	struct rules rules;
};

static const struct model_stage *stage_of(const struct ui *ui)
{
	return &ui_model(ui)->ifs[ui->iface].stages[ui->slot];
}

static size_t rows(void *arg)
{
	const struct reasons *r = ((struct ui *)arg)->data[VIEW_REASONS];

	return r->n;
}

static __u64 key(void *arg, size_t row)
{
	const struct reasons *r = ((struct ui *)arg)->data[VIEW_REASONS];
	const struct row *w = &r->row[row];

	return w->is_rule ? 1000 + (__u64)r->rules.one[w->index].rule : w->index;
}

static void time_cell(__u64 ns, bool before, struct table_cell *c)
{
	c->sort = ns;
	if (ns)
		units_clock(c->text, ns, 0);
	else
		snprintf(c->text, sizeof(c->text), before ? "before" : "-");
}

static void reason_cell(struct ui *ui, __u32 i, int col, struct table_cell *c)
{
	const struct model_reason *r = &stage_of(ui)->reasons[i];
	__u64 epoch = ui_model(ui)->epoch_ns;

	switch (col) {
	case KIND:
		snprintf(c->text, sizeof(c->text), "reason");
		break;
	case NAME:
		if (r->name[0])
			snprintf(c->text, sizeof(c->text), "%s", r->name);
		else
			snprintf(c->text, sizeof(c->text), "reason %u", i);
		c->role = ROLE_TITLE;
		break;
	case PPS:
		c->sort = r->pps;
		units_count(c->text, r->pps);
		break;
	case PACKETS:
		c->sort = r->total.packets;
		units_whole(c->text, r->total.packets);
		break;
	case BYTES:
		c->sort = r->total.bytes;
		units_whole(c->text, r->total.bytes);
		break;
	case FIRST:
		time_cell(r->first_ns ? r->first_ns + epoch : 0, r->before, c);
		break;
	case LAST:
		time_cell(r->last_ns ? r->last_ns + epoch : 0, r->before, c);
		break;
	}
}

static void rule_cell(const struct rules_one *r, int col, struct table_cell *c)
{
	char left[DURATION_TEXT];

	switch (col) {
	case KIND:
		snprintf(c->text, sizeof(c->text), "rule %u", r->rule);
		break;
	case NAME:
		snprintf(c->text, sizeof(c->text), "%s", r->text);
		break;
	case PPS:
		c->sort = r->pps;
		if (r->pps >= 0)
			units_count(c->text, r->pps);
		break;
	case PACKETS:
		c->sort = r->packets;
		units_whole(c->text, r->packets);
		break;
	case FIRST:
		time_cell(r->first_ns, r->packets && !r->sampled, c);
		break;
	case LAST:
		time_cell(r->last_ns, r->packets && !r->sampled, c);
		break;
	case LEFT:
		c->sort = r->left_ns;
		if (r->left_ns)
			snprintf(c->text, sizeof(c->text), "%s", duration_text(r->left_ns, left));
		break;
	case NOTE:
		snprintf(c->text, sizeof(c->text), "%s", r->sampled ? "of those seen" : r->note);
		c->role = ROLE_DIM;
		break;
	}
}

static void cell(void *arg, size_t row, int col, int width, struct table_cell *c)
{
	struct ui *ui = arg;
	struct reasons *r = ui->data[VIEW_REASONS];

	(void)width;
	if (col == NAME_WIDE)
		col = NAME;
	c->by_text = col == KIND || col == NAME || col == NOTE;
	if (r->row[row].is_rule)
		rule_cell(&r->rules.one[r->row[row].index], col, c);
	else
		reason_cell(ui, r->row[row].index, col, c);
}

static const struct table_ops table = {
	.cols = cols,
	.rows = rows,
	.key = key,
	.cell = cell,
	.empty = "no packet was given a reason here",
};

/* The stage after (1) or before (-1) this one, on all interfaces. */
static bool step(struct ui *ui, int by)
{
	const struct model *m = ui_model(ui);
	int at = ui->iface * CHAIN_COUNTED + ui->slot, all = m->n * CHAIN_COUNTED;

	for (int i = 0; i < all; i++) {
		at = (at + by + all) % all;
		if (m->ifs[at / CHAIN_COUNTED].stages[at % CHAIN_COUNTED].here) {
			ui->iface = at / CHAIN_COUNTED;
			ui->slot = at % CHAIN_COUNTED;
			return true;
		}
	}
	return false;
}

static void refresh(struct ui *ui)
{
	struct reasons *r = ui->data[VIEW_REASONS];
	const struct model_stage *st;

	r->n = 0;
	if (!ui->model->n)
		return;
	if (!stage_of(ui)->here && ui->slot != CHAIN_SLOT_END)
		step(ui, 1);
	st = stage_of(ui);
	for (__u32 i = 1; i < CHAIN_REASONS; i++)
		if (st->reasons[i].total.packets)
			r->row[r->n++] = (struct row){ false, i };
	if (!ui->held)
		rules_read(&r->rules, ui->live, ui->in.rules, ui->iface, ui->slot, ui->o->every_ns);
	for (size_t i = 0; i < r->rules.n; i++)
		r->row[r->n++] = (struct row){ true, i };
}

static void draw(struct ui *ui, int y, int lines)
{
	const struct model_stage *st = stage_of(ui);
	char pps[UNITS_TEXT], drops[UNITS_TEXT], share[UNITS_TEXT], ns[UNITS_TEXT];
	struct screen *s = &ui->screen;
	int x;

	x = screen_putf(s, y, 0, ROLE_TITLE, "%s slot %u: %s%s ", ui_model(ui)->ifs[ui->iface].name,
			ui->slot, ui->slot == CHAIN_SLOT_END ? "end of chain" : st->name,
			st->flags & CHAIN_STAGE_SHADOW ? " (shadow)" : "");
	screen_putf(s, y, x, ROLE_TEXT, " %s pkt/s, drops %s/s %s, %s a packet",
		    units_count(pps, model_pps(st)), units_count(drops, model_drops(st)),
		    units_share(share, model_drops(st), model_pps(st)), units_ns(ns, st->step_ns));
	table_draw(&ui->tables[VIEW_REASONS], &table, ui, s, y + 1, lines - 1);
}

static bool act(struct ui *ui, enum act a)
{
	if (a != ACT_LEFT && a != ACT_RIGHT)
		return false;
	step(ui, a == ACT_LEFT ? -1 : 1);
	ui_refresh(ui);
	return true;
}

const struct view_ops view_reasons = {
	.name = "Reasons",
	.table = &table,
	.sort = -1,
	.size = sizeof(struct reasons),
	.refresh = refresh,
	.draw = draw,
	.act = act,
};
