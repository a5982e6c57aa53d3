// SPDX-License-Identifier: GPL-2.0
/* view_lb - VIPs and their reals: rates, and each real's share against its weight. */
#include <math.h>
#include <stdio.h>

#include "lib/lb.h"
#include "lib/util.h"
#include "viewer/lbrows.h"
#include "viewer/ui.h"
#include "viewer/units.h"

enum { IFACE, NAME, NAME_WIDE, PPS, SHARE, WEIGHT, OFF, STATE, CONNS, DROPS, BPS, TOTAL, BAR };

static const struct table_col cols[] = {
	[IFACE] = { "iface", -10, 110, 0 },
	[NAME] = { "vip / real", 0, 0, 109 },
	[NAME_WIDE] = { "vip / real", -40, 110, 0 },
	[PPS] = { "pkt/s", 7, 0, 0 },
	[SHARE] = { "share", 6, 0, 0 },
	[WEIGHT] = { "weight", 6, 0, 0 },
	[OFF] = { "off", 6, 0, 0 },
	[STATE] = { "state", -5, 0, 0 },
	[CONNS] = { "conns", 6, 0, 0 },
	[DROPS] = { "drops/s", 7, 0, 0 },
	[BPS] = { "bit/s", 7, 110, 0 },
	[TOTAL] = { "packets", 7, 0, 0 },
	[BAR] = { "", 0, 110, 0 },
	{ NULL, 0, 0, 0 },
};

static size_t rows(void *arg)
{
	const struct lbrows *l = ((struct ui *)arg)->data[VIEW_LB];

	return l->n;
}

static __u64 key(void *arg, size_t row)
{
	const struct lbrows *l = ((struct ui *)arg)->data[VIEW_LB];
	const struct lbrow *r = &l->row[row];

	return 1 + ((__u64)r->iface << 40 | (__u64)r->is_vip << 32 | r->number);
}

/* By how much its share is more or less than its weight says, in points of a hundred. */
static void off_cell(const struct lbrow *r, struct table_cell *c)
{
	if (r->share < 0 || r->weight < 0)
		return;
	c->sort = fabs(r->share - r->weight);
	snprintf(c->text, sizeof(c->text), "%+.1f%%", 100 * (r->share - r->weight));
	if (c->sort > 0.1)
		c->role = ROLE_WARN;
}

static void state_cell(const struct lbrow *r, struct table_cell *c)
{
	c->by_text = true;
	if (r->mode < 0)
		return;
	snprintf(c->text, sizeof(c->text), "%s", lb_mode_name(r->mode));
	if (r->mode != LB_REAL_UP)
		c->role = r->mode == LB_REAL_DOWN ? ROLE_BAD : ROLE_WARN;
}

static void part_cell(double part, struct table_cell *c)
{
	c->sort = part;
	if (part >= 0)
		units_share(c->text, part, 1);
}

static void rate_cell(double v, bool known, struct table_cell *c)
{
	c->sort = v;
	if (known)
		units_count(c->text, v);
}

static void cell(void *arg, size_t row, int col, int width, struct table_cell *c)
{
	struct ui *ui = arg;
	const struct lbrows *l = ui->data[VIEW_LB];
	const struct lbrow *r = &l->row[row];

	switch (col) {
	case IFACE:
		snprintf(c->text, sizeof(c->text), "%s", ui_model(ui)->ifs[r->iface].name);
		c->by_text = true;
		break;
	case NAME:
	case NAME_WIDE:
		snprintf(c->text, sizeof(c->text), r->is_vip ? "%s" : "    %s", r->name);
		c->by_text = true;
		c->role = r->is_vip ? ROLE_TITLE : ROLE_TEXT;
		break;
	case PPS:
		rate_cell(r->pps, r->pps >= 0, c);
		break;
	case SHARE:
		part_cell(r->share, c);
		break;
	case WEIGHT:
		part_cell(r->weight, c);
		break;
	case OFF:
		off_cell(r, c);
		break;
	case STATE:
		state_cell(r, c);
		break;
	case CONNS:
		c->sort = r->conns;
		if (r->conns >= 0)
			units_whole(c->text, r->conns);
		break;
	case DROPS:
		rate_cell(r->drops, r->is_vip && r->pps >= 0, c);
		c->role = r->drops > 0 ? ROLE_DROP : ROLE_TEXT;
		break;
	case BPS:
		rate_cell(r->bps, r->pps >= 0, c);
		break;
	case TOTAL:
		c->sort = r->packets;
		units_whole(c->text, r->packets);
		break;
	case BAR:
		if (!r->is_vip)
			units_bar(c->text, r->share, width, ui->screen.utf8);
		c->role = ROLE_SPARK;
		c->sort = r->share;
		break;
	}
}

static const struct table_ops table = {
	.cols = cols,
	.rows = rows,
	.key = key,
	.cell = cell,
	.empty = "no load balancer, or no VIP: xdplb vip add",
};

static void close_view(struct ui *ui)
{
	if (ui->data[VIEW_LB])
		lbrows_free(ui->data[VIEW_LB]);
}

static void refresh(struct ui *ui)
{
	const struct model *m = ui_model(ui);
	double seconds = m->n ? (m->ifs[0].now_ns - m->ifs[0].start_ns) / (double)NSEC : 0;

	if (!ui->held)
		lbrows_read(ui->data[VIEW_LB], ui->live, m->n, ui->in.rules, seconds,
			    ui->o->every_ns);
}

static void draw(struct ui *ui, int y, int lines)
{
	const struct lbrows *l = ui->data[VIEW_LB];
	size_t vips = 0;
	char room[UNITS_TEXT], used[UNITS_TEXT];
	int x;

	for (size_t i = 0; i < l->n; i++)
		vips += l->row[i].is_vip;
	x = screen_putf(&ui->screen, y, 0, ROLE_TITLE, "%zu VIP%s, %zu real%s", vips,
			vips == 1 ? "" : "s", l->n - vips, l->n - vips == 1 ? "" : "s");
	if (l->conns)
		x += screen_putf(&ui->screen, y, x, ROLE_TEXT, ", %s of %s connections",
				 units_whole(used, l->used), units_whole(room, l->conns));
	if (l->guard_cpus)
		screen_putf(&ui->screen, y, x + 2, ROLE_BAD, "flood guard on, %u CPUs",
			    l->guard_cpus);
	else if (l->conns)
		screen_putf(&ui->screen, y, x, ROLE_TEXT, ", flood guard off, %s passed by it",
			    units_whole(used, l->guard_packets));
	table_draw(&ui->tables[VIEW_LB], &table, ui, &ui->screen, y + 1, lines - 1);
}

const struct view_ops view_lb = {
	.name = "LB",
	.table = &table,
	.sort = -1,
	.size = sizeof(struct lbrows),
	.close = close_view,
	.refresh = refresh,
	.draw = draw,
};
