// SPDX-License-Identifier: GPL-2.0
#include "viewer/frame.h"

#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "lib/util.h"
#include "viewer/units.h"

static void sum_all(const struct model *m, struct model_sum *all)
{
	memset(all, 0, sizeof(*all));
	for (__u32 i = 0; i < m->n; i++) {
		struct model_sum s;

		model_sum(&m->ifs[i], &s);
		all->pps += s.pps;
		all->bps += s.bps;
		for (int v = 0; v < CHAIN_VERDICTS; v++) {
			all->final[v] += s.final[v];
			all->packets[v] += s.packets[v];
		}
	}
}

/* "eth0 native for 3h12m", "eth0 +2", "attack.pcapng, 12s of eth0" */
static void name_source(const struct ui *ui, const struct model *m, char *buf, size_t size)
{
	const struct model_if *mi = &m->ifs[0];
	char age[DURATION_TEXT], span[UNITS_TEXT];
	const char *file;

	if (!m->n) {
		snprintf(buf, size, "%s", ui->o->read ? ui->o->read : "");
	} else if (ui->replay) {
		file = strrchr(ui->o->read, '/');
		snprintf(buf, size, "%s: %s of %s", file ? file + 1 : ui->o->read,
			 mi->now_ns - mi->start_ns < NSEC
				 ? units_ns(span, mi->now_ns - mi->start_ns)
				 : duration_text(mi->now_ns - mi->start_ns, age),
			 mi->name);
	} else if (mi->gone[0]) {
		snprintf(buf, size, "%s", mi->name);
	} else {
		snprintf(buf, size, "%s %s for %s", mi->name, mi->generic ? "generic" : "native",
			 duration_text(mi->now_ns - mi->created_ns, age));
	}
	if (m->n > 1) {
		size_t n = strlen(buf);

		snprintf(buf + n, size - n, " +%u", m->n - 1);
	}
}

static void line_rates(struct ui *ui, const struct model *m, const struct model_sum *s)
{
	char name[128], a[UNITS_TEXT], b[UNITS_TEXT], when[UNITS_TEXT];
	struct screen *scr = &ui->screen;
	double drops = s->final[CHAIN_DROP] + s->final[CHAIN_ABORTED];
	int x = 0;

	name_source(ui, m, name, sizeof(name));
	screen_put(scr, 0, 0, scr->cols, ROLE_TITLE, "");
	x += screen_putf(scr, 0, x, ROLE_TITLE, "xdpview %s  ", name);
	x += screen_putf(scr, 0, x, ROLE_TEXT, "%s pkt/s %sbit/s  ", units_count(a, s->pps),
			 units_count(b, s->bps));
	x += screen_putf(scr, 0, x, drops > 0 ? ROLE_DROP : ROLE_TEXT, "drops %s/s %s",
			 units_count(a, drops), units_share(b, drops, s->pps));
	units_clock(when, ui_time(ui), 0);
	if (scr->cols >= 100)
		units_date(when, ui_time(ui));
	if (x + (int)strlen(when) < scr->cols)
		screen_putf(scr, 0, scr->cols - strlen(when), ROLE_TEXT, "%s", when);
}

/* It is over, and how many there were. */
static void line_last(struct ui *ui, int x)
{
	const struct incident *i = incidents_at(ui->in.incidents, 0);
	size_t n = incidents_count(ui->in.incidents);
	char when[UNITS_TEXT];

	screen_putf(&ui->screen, 1, x, ROLE_WARN, "%zu drop spike%s, the last at %s", n,
		    n == 1 ? "" : "s", units_clock(when, i->start_ns + ui->model->epoch_ns, 0));
}

/* What goes wrong, the worst first; or nothing does. */
static void line_state(struct ui *ui, const struct model *m, int x)
{
	const struct incident *i = incidents_active(ui->in.incidents);
	struct screen *scr = &ui->screen;
	char rate[UNITS_TEXT], when[UNITS_TEXT];

	for (__u32 n = 0; n < m->n; n++)
		if (m->ifs[n].gone[0]) {
			screen_putf(scr, 1, x, ROLE_BAD, "%s", m->ifs[n].gone);
			return;
		}
	for (__u32 n = 0; n < m->n && !i; n++)
		if (m->ifs[n].guard_cpus) {
			screen_putf(scr, 1, x, ROLE_BAD, "FLOOD GUARD of the balancer is on");
			return;
		}
	for (__u32 n = 0; n < m->n && !i; n++)
		if (m->ifs[n].loss[0]) {
			screen_putf(scr, 1, x, ROLE_BAD, "LOSS %s", m->ifs[n].loss);
			return;
		}
	if (i)
		screen_putf(scr, 1, x, ROLE_BAD, "FLOOD %s %s %s/s since %s", i->stage,
			    i->reason_name, units_count(rate, i->now_pps),
			    units_clock(when, i->start_ns + ui->model->epoch_ns, 0));
	else if (ui->tap.count.lost && ui->tap.capture)
		screen_putf(scr, 1, x, ROLE_WARN, "%llu packets lost to us", ui->tap.count.lost);
	else if (ui->reading)
		screen_putf(scr, 1, x, ROLE_WARN, "reading, %llu packets",
			    events_last(ui->in.events));
	else if (incidents_count(ui->in.incidents))
		line_last(ui, x);
	else
		screen_putf(scr, 1, x, ROLE_DIM, "no drop spike");
}

static void line_totals(struct ui *ui, const struct model *m, const struct model_sum *s)
{
	static const __u8 order[] = { CHAIN_PASS, CHAIN_DROP, CHAIN_TX, CHAIN_REDIRECT,
				      CHAIN_ABORTED };
	char a[UNITS_TEXT];
	int x = 0;

	x += screen_putf(&ui->screen, 1, x, ROLE_DIM, "total");
	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		if (s->packets[order[i]])
			x += screen_putf(&ui->screen, 1, x, ui_verdict_role(true, order[i]),
					 " %s %s", model_verdict(order[i]),
					 units_whole(a, s->packets[order[i]]));
	line_state(ui, m, x + 2);
}

static int tab_text(int view, char *buf, size_t size)
{
	return snprintf(buf, size, " %d %s ", view + 1, ui_views[view]->name);
}

static void line_tabs(struct ui *ui)
{
	struct screen *s = &ui->screen;
	enum view_id shown = ui->view < VIEW_PACKET ? ui->view : ui->back;
	char text[UNITS_COLS + 1];
	int x = 0;

	for (int i = 0; i < VIEW_PACKET; i++) {
		tab_text(i, text, sizeof(text));
		x += screen_putf(s, 2, x, (int)shown == i ? ROLE_TAB : ROLE_TEXT, "%s", text);
	}

	if (ui->held && x < s->cols)
		screen_putf(s, 2, x + 1, ROLE_BAD, "PAUSED");
}

void frame_head(struct ui *ui)
{
	const struct model *m = ui_model(ui);
	struct model_sum s;

	sum_all(m, &s);
	line_rates(ui, m, &s);
	line_totals(ui, m, &s);
	line_tabs(ui);
}

int frame_tab_at(const struct ui *ui, int y, int x)
{
	char text[32];
	int left = 0;

	(void)ui;
	for (int i = 0; y == 2 && i < VIEW_PACKET; i++) {
		int width = tab_text(i, text, sizeof(text));

		if (x >= left && x < left + width)
			return i;
		left += width;
	}
	return -1;
}

static bool brief(const struct ui *ui, const struct key *k)
{
	return k->brief && k->views & 1u << ui->view && !(k->writes && ui->o->read_only);
}

/* Columns that the keys take, @gap between them. */
static int keys_width(const struct ui *ui, int gap)
{
	int x = 0;

	for (const struct key *k = keys_table; k->name; k++)
		if (brief(ui, k))
			x += strlen(k->name) + 1 + strlen(k->brief) + gap;
	return x - gap;
}

static void line_keys(struct ui *ui)
{
	struct screen *s = &ui->screen;
	int y = s->rows - 1, x = 0, gap = keys_width(ui, 2) > s->cols ? 1 : 2;

	screen_put(s, y, 0, s->cols, ROLE_TEXT, "");
	for (const struct key *k = keys_table; k->name; k++) {
		if (!brief(ui, k))
			continue;
		screen_putf(s, y, x, ROLE_KEY, "%s", k->name);
		x += strlen(k->name) + 1;
		screen_putf(s, y, x, ROLE_DIM, "%s", k->brief);
		x += strlen(k->brief) + gap;
	}
}

static void line_prompt(struct ui *ui, int y)
{
	static const char *const heads[] = {
		[PROMPT_SEARCH] = "/", [PROMPT_FILTER] = "\\", [PROMPT_WRITE] = "write to: "
	};
	const struct prompt *p = &ui->prompt;
	struct screen *s = &ui->screen;
	enum screen_role role = p->what == PROMPT_FILTER && !p->valid ? ROLE_DROP : ROLE_TEXT;
	int x, from = 0, room;

	if (p->what == PROMPT_BLOCK) {
		screen_putf(s, y, 0, ROLE_WARN, "block %s for 10 minutes? y/n", p->text);
		return;
	}
	x = screen_putf(s, y, 0, ROLE_KEY, "%s", heads[p->what]);
	room = s->cols - x - 1;
	if ((int)p->at > room)
		from = p->at - room;
	screen_put(s, y, x, room + 1, role, p->text + from);
	if (p->what == PROMPT_FILTER && !p->valid && x + strlen(p->text) + 6 < (size_t)s->cols)
		screen_putf(s, y, x + strlen(p->text) + 2, ROLE_BAD, "%s", p->why);
	screen_cursor(s, y, x + p->at - from);
}

void frame_foot(struct ui *ui)
{
	struct screen *s = &ui->screen;
	int y = s->rows - 2;

	line_keys(ui);
	screen_put(s, y, 0, s->cols, ROLE_TEXT, "");
	screen_cursor(s, -1, 0);
	if (ui->prompt.what != PROMPT_NONE)
		line_prompt(ui, y);
	else if (ui->message[0])
		screen_put(s, y, 0, s->cols, ui->bad ? ROLE_BAD : ROLE_WARN, ui->message);
	else if (ui->tap.why[0] && ui_views[ui->view]->packets)
		screen_putf(s, y, 0, ROLE_BAD, "no packets: %s", ui->tap.why);
	else if (ui->in.query.text[0])
		screen_putf(s, y, 0, ROLE_WARN, "only packets: %s", ui->in.query.text);
}

void ui_draw(struct ui *ui)
{
	const struct view_ops *v = ui_views[ui->view];
	struct screen *s = &ui->screen;
	int rows = s->rows - FRAME_HEAD - FRAME_FOOT;

	screen_clear(s);
	if (rows < 3 || s->cols < 40) {
		screen_put(s, 0, 0, s->cols, ROLE_TEXT, "too small: 40x8 at least");
		screen_show(s);
		return;
	}
	frame_head(ui);
	if (v->draw)
		v->draw(ui, FRAME_HEAD, rows);
	else
		table_draw(&ui->tables[ui->view], v->table, ui, s, FRAME_HEAD, rows);
	frame_foot(ui);
	screen_show(s);
}
