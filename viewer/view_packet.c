// SPDX-License-Identifier: GPL-2.0
/* view_packet - one packet: what each stage said, its fields, and its bytes. */
#include <stdio.h>
#include <string.h>

#include "viewer/dissect.h"
#include "viewer/source.h"
#include "viewer/ui.h"
#include "viewer/units.h"

#define HEX_OFFSET 5   /* columns of the offset before each line */
#define WIDE	   110 /* columns from which on 16 bytes stand in a line */

struct packet {
	struct dissect_field field[DISSECT_FIELDS];
	size_t n;
	size_t at, top; /* the field under the cursor, the first that is shown */
	int page;
};

static const struct events_packet *shown(const struct ui *ui)
{
	return events_get(ui->in.events, ui->packet);
}

static void refresh(struct ui *ui)
{
	struct packet *k = ui->data[VIEW_PACKET];
	const struct events_packet *p = shown(ui);

	k->n = p ? dissect(events_data(p), p->cap_len, k->field) : 0;
	if (k->at >= k->n)
		k->at = k->n ? k->n - 1 : 0;
}

/* One step: "1 blocklist   DROP prefix rule 7 (203.0.113.0/24)   96 ns" */
static void draw_step(struct screen *s, int y, const struct trail *t, int i)
{
	const struct trail_step *st = &t->step[i];
	const char *verdict = trail_verdict_name(st->verdict);
	char label[TRAIL_LABEL], ns[UNITS_TEXT];
	int x;

	trail_label(st, label);
	x = screen_putf(s, y, 0, ROLE_DIM, "%3u ", st->slot);
	screen_put(s, y, x, 20, ROLE_TITLE, label);
	x += 21;
	x += screen_putf(s, y, x, ui_verdict_role(true, st->verdict), "%s%s",
			 st->shadow ? "would " : "", verdict ? verdict : "?");
	if (st->reason_name[0])
		x += screen_putf(s, y, x, ROLE_TEXT, " %s", st->reason_name);
	else if (st->reason)
		x += screen_putf(s, y, x, ROLE_TEXT, " reason %u", st->reason);
	if (st->rule)
		x += screen_putf(s, y, x, ROLE_TEXT, " rule %u", st->rule);
	if (st->rule_text[0])
		x += screen_putf(s, y, x, ROLE_TEXT, " (%s)", st->rule_text);
	if (t->times)
		screen_putf(s, y, x + 2, ROLE_DIM, "%s",
			    units_ns(ns, st->ns - (i ? t->step[i - 1].ns : 0)));
}

/* The packet, and its steps as far as @lines allow. How many lines it took. */
static int draw_top(struct ui *ui, const struct events_packet *p, int y, int lines)
{
	struct screen *s = &ui->screen;
	const char *verdict = p->known ? trail_verdict_name(p->verdict) : "no verdict known";
	char when[UNITS_TEXT], line[512];
	struct trail t;
	int n = 2, x;

	x = screen_putf(s, y, 0, ROLE_TITLE, "%s %s ", units_clock(when, p->time_ns, 6),
			ui_model(ui)->ifs[p->iface].name);
	x += screen_putf(s, y, x, ui_verdict_role(p->known, p->verdict), "%s",
			 verdict ? verdict : "?");
	if (p->have & RECORD_QUEUE)
		x += screen_putf(s, y, x, ROLE_TEXT, " queue %u,", p->queue);
	screen_putf(s, y, x, ROLE_TEXT, " %u bytes, %u taken", p->len, p->cap_len);
	intake_text(&ui->in, p, false, line, sizeof(line));
	screen_put(s, y + 1, 0, s->cols, ROLE_TEXT, line);
	if (events_trail(p, &t))
		return n;
	for (int i = 0; i < t.steps && n < lines; i++)
		draw_step(s, y + n++, &t, i);
	if (trail_decider(&t) < 0 && n < lines)
		screen_putf(s, y + n++, 4, ROLE_TITLE, "end of chain");
	return n;
}

static void draw_fields(struct ui *ui, struct packet *k, int y, int lines, int width)
{
	struct screen *s = &ui->screen;
	size_t rows = lines;

	if (k->at < k->top)
		k->top = k->at;
	if (k->at >= k->top + rows)
		k->top = k->at - rows + 1;
	if (k->top + rows > k->n)
		k->top = k->n > rows ? k->n - rows : 0;
	for (size_t i = k->top; i < k->n && i < k->top + rows; i++) {
		const struct dissect_field *f = &k->field[i];
		enum screen_role role = f->layer ? ROLE_TITLE : ROLE_TEXT;
		char text[128];

		snprintf(text, sizeof(text), "%s%-*s %s", f->layer ? "" : "  ", f->layer ? 14 : 16,
			 f->name, f->value);
		screen_put(s, y + i - k->top, 0, width, i == k->at ? ROLE_CURSOR : role, text);
	}
}

static void draw_bytes(struct screen *s, const struct events_packet *p,
		       const struct dissect_field *f, int y, int x, __u32 from, __u32 per)
{
	const unsigned char *data = events_data(p);
	int ascii = x + HEX_OFFSET + 3 * per + per / 8;

	screen_putf(s, y, x, ROLE_DIM, "%04x", from);
	for (__u32 i = 0; i < per && from + i < p->cap_len; i++) {
		unsigned char c = data[from + i];
		bool marked = f && from + i >= f->off && from + i < f->off + f->len;
		enum screen_role role = marked ? ROLE_MARK : ROLE_TEXT;

		screen_putf(s, y, x + HEX_OFFSET + 3 * i + i / 8, role, "%02x", c);
		screen_putf(s, y, ascii + i, role, "%c", c >= ' ' && c <= '~' ? c : '.');
	}
}

static void draw_hex(struct ui *ui, const struct packet *k, const struct events_packet *p, int y,
		     int lines, int x)
{
	const struct dissect_field *f = k->n ? &k->field[k->at] : NULL;
	__u32 per = ui->screen.cols >= WIDE ? 16 : 8, first = 0, room = lines * per;

	/* The first byte of the field is to be seen. */
	if (f && f->off >= room)
		first = (f->off - room) / per * per + 2 * per;
	for (int i = 0; i < lines && first + i * per < p->cap_len; i++)
		draw_bytes(&ui->screen, p, f, y + i, x, first + i * per, per);
}

static void draw(struct ui *ui, int y, int lines)
{
	struct packet *k = ui->data[VIEW_PACKET];
	const struct events_packet *p = shown(ui);
	int top, left = ui->screen.cols >= WIDE ? 48 : 42;

	if (!p) {
		screen_put(&ui->screen, y, 0, ui->screen.cols, ROLE_DIM,
			   "no packet: Enter in Events or Incidents opens one");
		return;
	}
	top = draw_top(ui, p, y, lines / 2) + 1;
	screen_put(&ui->screen, y + top - 1, 0, ui->screen.cols, ROLE_HEAD, "fields");
	k->page = lines - top;
	draw_fields(ui, k, y + top, lines - top, left - 1);
	draw_hex(ui, k, p, y + top, lines - top, left);
}

/* To the next packet (1) or the one before (-1) that the filter wants. */
static void step(struct ui *ui, int by)
{
	__u64 n = ui->packet;

	for (;;) {
		struct events_packet *p;

		n += by;
		p = events_get(ui->in.events, n);
		if (!p)
			return;
		if (query_wants(&ui->in.query, p)) {
			ui_show_packet(ui, n);
			return;
		}
	}
}

static bool act(struct ui *ui, enum act a)
{
	struct packet *k = ui->data[VIEW_PACKET];
	size_t page = k->page > 1 ? k->page - 1 : 1, last = k->n ? k->n - 1 : 0;

	switch (a) {
	case ACT_UP:
		k->at -= k->at > 0;
		return true;
	case ACT_DOWN:
		k->at += k->at < last;
		return true;
	case ACT_PAGE_UP:
		k->at = k->at > page ? k->at - page : 0;
		return true;
	case ACT_PAGE_DOWN:
		k->at = k->at + page < last ? k->at + page : last;
		return true;
	case ACT_HOME:
		k->at = 0;
		return true;
	case ACT_END:
		k->at = last;
		return true;
	case ACT_LEFT:
	case ACT_RIGHT:
		step(ui, a == ACT_LEFT ? -1 : 1);
		return true;
	default:
		return false;
	}
}

static bool source(struct ui *ui, struct talkers_key *k)
{
	const struct events_packet *p = shown(ui);
	struct source_of of;

	if (!p || !source_find(events_data(p), p->cap_len, p->known && p->verdict == CHAIN_TX, &of))
		return false;
	*k = of.source;
	return true;
}

const struct view_ops view_packet = {
	.name = "Packet",
	.packets = false,
	.size = sizeof(struct packet),
	.refresh = refresh,
	.draw = draw,
	.act = act,
	.source = source,
};
