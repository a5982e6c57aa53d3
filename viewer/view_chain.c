// SPDX-License-Identifier: GPL-2.0
/* view_chain - the stages as rows, in slot order, and below them the last incidents. */
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/util.h"
#include "viewer/strip.h"
#include "viewer/ui.h"
#include "viewer/units.h"

enum {
	IFACE,
	SLOT,
	STAGE,
	STAGE_WIDE,
	AGE,
	PPS,
	SHARES,
	SH_NEXT,
	SH_DROP,
	SH_PASS,
	SH_TX,
	SH_REDIR,
	SH_ABORT,
	DROPS,
	NS,
	BPS,
	TOTAL,
	DROPPED,
	PROG,
	SPARK
};

static const struct table_col cols[] = {
	[IFACE] = { "iface", -8, 0, 0 },
	[SLOT] = { "slot", 4, 0, 0 },
	[STAGE] = { "stage", -13, 0, 109 },
	[STAGE_WIDE] = { "stage", -24, 110, 0 },
	[AGE] = { "age", 6, 0, 0 },
	[PPS] = { "pkt/s", 7, 0, 0 },
	[SHARES] = { "verdicts", -21, 0, 139 },
	[SH_NEXT] = { "next", 6, 140, 0 },
	[SH_DROP] = { "drop", 6, 140, 0 },
	[SH_PASS] = { "pass", 6, 140, 0 },
	[SH_TX] = { "tx", 6, 140, 0 },
	[SH_REDIR] = { "redir", 6, 140, 0 },
	[SH_ABORT] = { "abort", 6, 140, 0 },
	[DROPS] = { "drops/s", 7, 0, 0 },
	[NS] = { "ns/pkt", 6, 0, 0 },
	[BPS] = { "bit/s", 7, 120, 0 },
	[TOTAL] = { "packets", 8, 110, 0 },
	[DROPPED] = { "dropped", 8, 110, 0 },
	[PROG] = { "prog", 7, 170, 0 },
	[SPARK] = { "", 0, 0, 0 },
	{ NULL, 0, 0, 0 },
};

struct row {
	__u16 iface, slot;
};

struct chain_rows {
	size_t n;
	struct row row[MODEL_IFS * CHAIN_COUNTED];
};

static const struct model_stage *stage_of(struct ui *ui, size_t row)
{
	const struct chain_rows *c = ui->data[VIEW_CHAIN];

	return &ui_model(ui)->ifs[c->row[row].iface].stages[c->row[row].slot];
}

static size_t rows(void *arg)
{
	const struct chain_rows *c = ((struct ui *)arg)->data[VIEW_CHAIN];

	return c->n;
}

static __u64 key(void *arg, size_t row)
{
	const struct chain_rows *c = ((struct ui *)arg)->data[VIEW_CHAIN];

	return 1 + ((__u64)c->row[row].iface << 8 | c->row[row].slot);
}

/* Of @part in @all, without digits behind the point: there is no room. */
static int brief_share(char *buf, size_t size, double part, double all)
{
	double share = 100 * part / all;

	if (share < 1)
		return snprintf(buf, size, "<1%%");
	if (share > 99 && part < all)
		return snprintf(buf, size, ">99%%");
	return snprintf(buf, size, "%.0f%%", share);
}

/* The two largest: "drop 12% next 88%" */
static void shares(const struct model_stage *st, char *buf, size_t size)
{
	double all = model_pps(st), done = 2 * all + 1;
	size_t at = 0;
	int last = -1;

	for (int n = 0; n < 2 && all > 0; n++) {
		int best = -1;

		for (int v = 0; v < CHAIN_VERDICTS; v++)
			if (v != last && st->pps[v] > 0 && st->pps[v] <= done &&
			    (best < 0 || st->pps[v] > st->pps[best]))
				best = v;
		if (best < 0)
			break;
		done = st->pps[best];
		last = best;
		at += snprintf(buf + at, size - at, "%s%s ", at ? " " : "", model_verdict(best));
		at += brief_share(buf + at, size - at, st->pps[best], all);
	}
}

static void share_cell(const struct model_stage *st, __u32 v, struct table_cell *c)
{
	double all = model_pps(st);

	c->sort = all > 0 ? st->pps[v] / all : 0;
	if (st->pps[v] > 0)
		units_share(c->text, st->pps[v], all);
	if (st->pps[v] > 0)
		c->role = ui_verdict_role(true, v);
}

static void spark_cell(struct ui *ui, const struct chain_rows *rs, size_t row, int width,
		       struct table_cell *c)
{
	const struct model_if *mi = &ui_model(ui)->ifs[rs->row[row].iface];
	double v[UNITS_COLS];

	if (width > UNITS_COLS)
		width = UNITS_COLS;
	history_rates(&stage_of(ui, row)->history, HISTORY_PACKETS, mi->now_ns, ui_span(ui) * NSEC,
		      width, v);
	units_spark(c->text, v, width, ui->screen.utf8);
	c->role = ROLE_SPARK;
	c->sort = model_pps(stage_of(ui, row));
}

static void name_cell(const struct model_stage *st, __u32 slot, bool wide, struct table_cell *c)
{
	c->by_text = true;
	c->role = ROLE_TITLE;
	if (slot == CHAIN_SLOT_END)
		snprintf(c->text, sizeof(c->text), "end of chain");
	else
		snprintf(c->text, sizeof(c->text), "%s%s", st->name[0] ? st->name : "?",
			 !(st->flags & CHAIN_STAGE_SHADOW) ? ""
			 : wide				   ? " (shadow)"
							   : "~");
}

static void count_cell(const struct model_stage *st, int col, struct table_cell *c)
{
	switch (col) {
	case PPS:
		c->sort = model_pps(st);
		units_count(c->text, c->sort);
		break;
	case DROPS:
		c->sort = model_drops(st);
		units_count(c->text, c->sort);
		if (c->sort > 0)
			c->role = ROLE_DROP;
		break;
	case NS:
		c->sort = st->step_ns;
		units_ns(c->text, st->step_ns);
		break;
	case BPS:
		c->sort = st->bps;
		units_count(c->text, c->sort);
		break;
	case TOTAL:
		c->sort = model_packets(st);
		units_whole(c->text, c->sort);
		break;
	case DROPPED:
		c->sort = model_dropped(st);
		units_whole(c->text, c->sort);
		break;
	}
}

static void cell(void *arg, size_t row, int col, int width, struct table_cell *c)
{
	static const __u8 verdicts[] = { CHAIN_NEXT, CHAIN_DROP,     CHAIN_PASS,
					 CHAIN_TX,   CHAIN_REDIRECT, CHAIN_ABORTED };
	struct ui *ui = arg;
	const struct chain_rows *rs = ui->data[VIEW_CHAIN];
	const struct model_if *mi = &ui_model(ui)->ifs[rs->row[row].iface];
	const struct model_stage *st = stage_of(ui, row);
	__u32 slot = rs->row[row].slot;
	char age[DURATION_TEXT];

	if (col == IFACE) {
		snprintf(c->text, sizeof(c->text), "%s", mi->name);
		c->by_text = true;
	} else if (col == SLOT) {
		c->sort = -(double)slot;
		snprintf(c->text, sizeof(c->text), "%u", slot);
		if (slot == CHAIN_SLOT_END)
			strcpy(c->text, "end");
	} else if (col == STAGE || col == STAGE_WIDE) {
		name_cell(st, slot, col == STAGE_WIDE, c);
		if (incidents_goes_on(ui->in.incidents, rs->row[row].iface, slot))
			c->role = ROLE_BAD;
	} else if (col == AGE) {
		c->sort = st->since_ns;
		snprintf(c->text, sizeof(c->text), "%s",
			 st->since_ns ? duration_text(mi->now_ns - st->since_ns, age) : "");
	} else if (col == SHARES) {
		shares(st, c->text, sizeof(c->text));
		c->by_text = true;
	} else if (col >= SH_NEXT && col <= SH_ABORT) {
		share_cell(st, verdicts[col - SH_NEXT], c);
	} else if (col == PROG) {
		c->sort = st->prog_id;
		if (st->prog_id)
			snprintf(c->text, sizeof(c->text), "%u", st->prog_id);
	} else if (col == SPARK) {
		spark_cell(ui, rs, row, width, c);
	} else {
		count_cell(st, col, c);
	}
}

/* Of one interface the name is in the header; of several it is more than the age. */
static bool hidden(void *arg, int col, int width)
{
	bool several = ui_model(arg)->n > 1;

	return (col == IFACE && !several) || (col == AGE && several && width < 110);
}

/* The longest name of an interface. */
static int width_now(void *arg, int col)
{
	const struct model *m = ui_model(arg);
	int longest = 5;

	if (col != IFACE)
		return 0;
	for (__u32 i = 0; i < m->n; i++)
		if ((int)strlen(m->ifs[i].name) > longest)
			longest = strlen(m->ifs[i].name);
	return -longest;
}

static const struct table_ops table = {
	.hidden = hidden,
	.width = width_now,
	.cols = cols,
	.rows = rows,
	.key = key,
	.cell = cell,
	.empty = "no stages",
};

static void refresh(struct ui *ui)
{
	struct chain_rows *c = ui->data[VIEW_CHAIN];
	const struct model *m = ui_model(ui);

	c->n = 0;
	for (__u32 i = 0; i < m->n; i++)
		for (__u32 slot = 0; slot < CHAIN_COUNTED; slot++)
			if (m->ifs[i].stages[slot].here ||
			    (slot == CHAIN_SLOT_END && !m->ifs[i].gone[0]))
				c->row[c->n++] = (struct row){ i, slot };
}

static void draw(struct ui *ui, int y, int lines)
{
	int strip = strip_lines(ui, lines - (int)ui->tables[VIEW_CHAIN].n - 1);

	table_draw(&ui->tables[VIEW_CHAIN], &table, ui, &ui->screen, y, lines - strip);
	if (strip)
		strip_draw(ui, y + lines - strip, strip);
}

static bool act(struct ui *ui, enum act a)
{
	const struct chain_rows *c = ui->data[VIEW_CHAIN];
	size_t row;

	if (a == ACT_SPAN) {
		ui->span = (ui->span + 1) % UI_SPANS;
		ui_say(ui, false, "sparklines of %u minutes%s", ui_span(ui) / 60,
		       ui->span ? "" : ", as fits what was seen");
		return true;
	}
	if ((a != ACT_ENTER && a != ACT_VIEW + VIEW_REASONS) ||
	    !table_row(&ui->tables[VIEW_CHAIN], &row))
		return false;
	ui->iface = c->row[row].iface;
	ui->slot = c->row[row].slot;
	ui_go(ui, VIEW_REASONS);
	return true;
}

const struct view_ops view_chain = {
	.name = "Chain",
	.table = &table,
	.sort = -1,
	.size = sizeof(struct chain_rows),
	.refresh = refresh,
	.draw = draw,
	.act = act,
};
