// SPDX-License-Identifier: GPL-2.0
/* view_incidents - drop spikes: when, where, why, how high, and a packet of each. */
#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "viewer/ui.h"
#include "viewer/units.h"

enum { WHEN, LASTS, IFACE, STAGE, REASON, PEAK, USUAL, DROPPED, SAMPLE };

static const struct table_col cols[] = {
	[WHEN] = { "when", -8, 0, 0 },
	[LASTS] = { "lasts", 6, 0, 0 },
	[IFACE] = { "iface", -10, 110, 0 },
	[STAGE] = { "stage", -12, 0, 0 },
	[REASON] = { "reason", -12, 0, 0 },
	[PEAK] = { "peak/s", 7, 0, 0 },
	[USUAL] = { "usual/s", 7, 110, 0 },
	[DROPPED] = { "dropped", 8, 0, 0 },
	[SAMPLE] = { "a packet of it", 0, 0, 0 },
	{ NULL, 0, 0, 0 },
};

static size_t rows(void *arg)
{
	return incidents_count(((struct ui *)arg)->in.incidents);
}

static __u64 key(void *arg, size_t row)
{
	return incidents_at(((struct ui *)arg)->in.incidents, row)->number;
}

static void lasts_cell(const struct ui *ui, const struct incident *i, struct table_cell *c)
{
	__u64 end = i->end_ns ? i->end_ns : ui->model->ifs[i->iface].now_ns;
	char text[DURATION_TEXT];

	c->sort = end > i->start_ns ? end - i->start_ns : 0;
	snprintf(c->text, sizeof(c->text), "%s", duration_text(c->sort, text));
}

static void cell(void *arg, size_t row, int col, int width, struct table_cell *c)
{
	struct ui *ui = arg;
	const struct incident *i = incidents_at(ui->in.incidents, row);
	const char *text = "";

	(void)width;
	c->role = i->end_ns ? ROLE_TEXT : ROLE_DROP;
	switch (col) {
	case WHEN:
		c->sort = i->start_ns;
		units_clock(c->text, i->start_ns + ui->model->epoch_ns, 0);
		return;
	case LASTS:
		lasts_cell(ui, i, c);
		return;
	case PEAK:
		c->sort = i->peak_pps;
		units_count(c->text, c->sort);
		return;
	case USUAL:
		c->sort = i->usual_pps;
		units_count(c->text, c->sort);
		return;
	case DROPPED:
		c->sort = i->dropped;
		units_whole(c->text, i->dropped);
		return;
	case IFACE:
		text = i->ifname;
		break;
	case STAGE:
		text = i->stage;
		break;
	case REASON:
		text = i->reason_name[0] ? i->reason_name : "-";
		break;
	case SAMPLE:
		text = i->sample;
		break;
	}
	c->by_text = true;
	snprintf(c->text, sizeof(c->text), "%s", text);
}

static const struct table_ops table = {
	.cols = cols,
	.rows = rows,
	.key = key,
	.cell = cell,
	.empty = "no drop spike was seen",
};

static bool act(struct ui *ui, enum act a)
{
	const struct incident *i;
	size_t row;

	if (a != ACT_ENTER || !table_row(&ui->tables[VIEW_INCIDENTS], &row))
		return false;
	i = incidents_at(ui->in.incidents, row);
	if (events_get(ui->in.events, i->event))
		ui_show_packet(ui, i->event);
	else
		ui_say(ui, true,
		       i->event ? "its packet is not in memory any more"
				: "no packet of it was taken yet");
	return true;
}

const struct view_ops view_incidents = {
	.name = "Incidents",
	.table = &table,
	.sort = -1,
	.act = act,
};
