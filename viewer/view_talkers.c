// SPDX-License-Identifier: GPL-2.0
/* view_talkers - who sends most, and who is dropped most: estimates, with their error. */
#include <stdio.h>
#include <string.h>

#include "lib/util.h"
#include "viewer/source.h"
#include "viewer/ui.h"
#include "viewer/units.h"

enum { SOURCE, PPS, PPS_ERR, SHARE, DROPS, DROPS_ERR, DROPPED, BAR };

static const struct table_col cols[] = {
	[SOURCE] = { "source", -26, 0, 0 },
	[PPS] = { "pkt/s", 7, 0, 0 },
	[PPS_ERR] = { "+-", 7, 0, 0 },
	[SHARE] = { "share", 6, 0, 0 },
	[DROPS] = { "drops/s", 7, 0, 0 },
	[DROPS_ERR] = { "+-", 7, 0, 0 },
	[DROPPED] = { "dropped", 7, 0, 0 },
	[BAR] = { "", 0, 90, 0 },
	{ NULL, 0, 0, 0 },
};

struct seen_talkers {
	bool prefixes;
	double scale, all; /* packets a second that `all` of the counts stand for */
	bool sampled;
	size_t n;
	struct talkers_key keys[2 * TALKERS_ROOM];
};

static const struct talkers *counts(const struct ui *ui, bool dropped)
{
	const struct seen_talkers *s = ui->data[VIEW_TALKERS];
	int which = s->prefixes ? INTAKE_PREFIXES : INTAKE_SOURCES;

	return ui->in.talkers[which + dropped];
}

static size_t rows(void *arg)
{
	const struct seen_talkers *s = ((struct ui *)arg)->data[VIEW_TALKERS];

	return s->n;
}

static __u64 key(void *arg, size_t row)
{
	const struct seen_talkers *s = ((struct ui *)arg)->data[VIEW_TALKERS];
	const struct talkers_key *k = &s->keys[row];
	__u64 h = k->len;

	for (int i = 0; i < 4; i++)
		h = (h ^ k->addr[i]) * 0x9e3779b97f4a7c15ULL;
	return h ? h : 1;
}

/* Packets a second, and the error of that; 0 of who has no counter, who may have as many. */
static double rate(const struct ui *ui, const struct talkers_key *k, bool dropped, double *error)
{
	const struct seen_talkers *s = ui->data[VIEW_TALKERS];
	const struct talker *t = talkers_find(counts(ui, dropped), k);

	*error = 0;
	if (s->all <= 0)
		return 0;
	if (!t) {
		*error = talkers_least(counts(ui, dropped)) / s->all * s->scale;
		return 0;
	}
	*error = s->sampled ? talkers_error(t, s->all) * s->scale : t->error / s->all * s->scale;
	return t->count / s->all * s->scale;
}

static void cell(void *arg, size_t row, int col, int width, struct table_cell *c)
{
	struct ui *ui = arg;
	const struct seen_talkers *s = ui->data[VIEW_TALKERS];
	const struct talkers_key *k = &s->keys[row];
	double pps_error, drops_error, pps = rate(ui, k, false, &pps_error);
	double drops = rate(ui, k, true, &drops_error);
	char text[PREFIX_TEXT];

	switch (col) {
	case SOURCE:
		source_text(k, text);
		snprintf(c->text, sizeof(c->text), "%s", text);
		c->by_text = true;
		c->role = ROLE_TITLE;
		break;
	case PPS:
		units_count(c->text, c->sort = pps);
		break;
	case PPS_ERR:
		units_count(c->text, c->sort = pps_error);
		c->role = ROLE_DIM;
		break;
	case SHARE:
		units_share(c->text, c->sort = pps, s->scale);
		break;
	case DROPS:
		units_count(c->text, drops);
		c->sort = drops + pps * 1e-9; /* of those that drop as much, who sends more */
		c->role = drops > 0 ? ROLE_DROP : ROLE_TEXT;
		break;
	case DROPS_ERR:
		units_count(c->text, c->sort = drops_error);
		c->role = ROLE_DIM;
		break;
	case DROPPED:
		c->sort = pps > 0 ? drops / pps : 0;
		units_share(c->text, drops < pps ? drops : pps, pps);
		break;
	case BAR:
		c->sort = pps;
		c->role = ROLE_SPARK;
		units_bar(c->text, s->scale > 0 ? pps / s->scale : 0, width, ui->screen.utf8);
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

/* How many packets a second the sample stands for. */
static double scale(const struct ui *ui, double all)
{
	const struct model *m = ui_model(ui);
	const struct session_count *n = &ui->tap.count;
	double pps = 0, seconds = 0;

	for (__u32 i = 0; i < m->n; i++) {
		struct model_sum sum;

		model_sum(&m->ifs[i], &sum);
		pps += sum.pps;
		if ((m->ifs[i].now_ns - m->ifs[i].start_ns) / (double)NSEC > seconds)
			seconds = (m->ifs[i].now_ns - m->ifs[i].start_ns) / (double)NSEC;
	}
	if (ui->replay && !ui->in.query.text[0])
		return seconds > 0 ? all / seconds : 0;
	if (ui->replay)
		return pps * all / (1 + events_last(ui->in.events) - events_first(ui->in.events));
	if (ui->in.query.text[0] && n->offered)
		pps *= n->matched / (double)n->offered;
	return pps;
}

static void refresh(struct ui *ui)
{
	struct seen_talkers *s = ui->data[VIEW_TALKERS];
	const struct talker *list;
	size_t n;

	s->all = talkers_total(counts(ui, false));
	s->scale = scale(ui, s->all);
	s->sampled = ui->live != NULL;
	s->n = 0;
	list = talkers_list(counts(ui, false), &n);
	for (size_t i = 0; i < n; i++)
		s->keys[s->n++] = list[i].key;
	list = talkers_list(counts(ui, true), &n);
	for (size_t i = 0; i < n; i++)
		if (!talkers_find(counts(ui, false), &list[i].key))
			s->keys[s->n++] = list[i].key;
}

static bool act(struct ui *ui, enum act a)
{
	struct seen_talkers *s = ui->data[VIEW_TALKERS];

	if (a != ACT_PREFIXES)
		return false;
	s->prefixes = !s->prefixes;
	ui_say(ui, false, s->prefixes ? "networks: /24 of IPv4, /64 of IPv6" : "addresses");
	ui_refresh(ui);
	return true;
}

static bool source(struct ui *ui, struct talkers_key *k)
{
	const struct seen_talkers *s = ui->data[VIEW_TALKERS];
	size_t row;

	if (!table_row(&ui->tables[VIEW_TALKERS], &row))
		return false;
	*k = s->keys[row];
	return true;
}

const struct view_ops view_talkers = {
	.name = "Talkers",
	.packets = true,
	.table = &table,
	.sort = DROPS,
	.size = sizeof(struct seen_talkers),
	.refresh = refresh,
	.act = act,
	.source = source,
};
