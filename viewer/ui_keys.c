// SPDX-License-Identifier: GPL-2.0
/* ui_keys - what a key, a click or a typed line does. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "lib/util.h"
#include "viewer/block.h"
#include "viewer/frame.h"
#include "viewer/save.h"
#include "viewer/source.h"
#include "viewer/ui.h"

static const struct view_ops *ops(const struct ui *ui)
{
	return ui_views[ui->view];
}

static struct table *table(struct ui *ui)
{
	return &ui->tables[ui->view];
}

static void pause_or_go_on(struct ui *ui)
{
	if (ui->held) {
		model_free(ui->held);
		ui->held = NULL;
	} else {
		ui->held = model_copy(ui->model);
		if (!ui->held)
			ui_say(ui, true, "no memory to pause in");
	}
	ui_refresh(ui);
}

static void freeze(struct ui *ui)
{
	struct table *t = table(ui);

	if (ops(ui)->table && t->n)
		t->frozen = t->frozen == t->cursor ? 0 : t->cursor;
	ui_refresh(ui);
}

static void ask_search(struct ui *ui)
{
	if (ops(ui)->table)
		prompt_open(&ui->prompt, PROMPT_SEARCH, "", now_ns());
}

static void ask_write(struct ui *ui)
{
	char name[64] = "xdpview.pcapng";
	time_t t = ui_time(ui) / NSEC;
	struct tm tm;

	if (localtime_r(&t, &tm))
		strftime(name, sizeof(name), "xdpview-%Y%m%d-%H%M%S.pcapng", &tm);
	if (events_last(ui->in.events) < events_first(ui->in.events))
		ui_say(ui, true, "no packets in memory");
	else
		prompt_open(&ui->prompt, PROMPT_WRITE, name, now_ns());
}

static void ask_block(struct ui *ui)
{
	struct talkers_key k;
	char text[PREFIX_TEXT];

	if (!ops(ui)->source || !ops(ui)->source(ui, &k)) {
		ui_say(ui, true, "no source under the cursor");
		return;
	}
	source_text(&k, text);
	prompt_open(&ui->prompt, PROMPT_BLOCK, text, now_ns());
}

static void search(struct ui *ui, int by, bool here)
{
	struct table *t = table(ui);

	if (!ops(ui)->table || !t->search[0])
		return;
	t->follow = false;
	if (!table_search(t, ops(ui)->table, ui, by, here))
		ui_say(ui, true, "not found: %s", t->search);
}

static void move(struct ui *ui, long n)
{
	struct table *t = table(ui);

	if (!ops(ui)->table)
		return;
	table_move(t, ops(ui)->table, ui, n);
	t->follow = ui->view == VIEW_EVENTS && t->sort < 0 && t->n && t->at == t->n - 1;
}

/* Keys that are the same in every view with a table. */
static bool act_table(struct ui *ui, enum act act)
{
	struct table *t = table(ui);
	long page = t->rows > 1 ? t->rows - 1 : 1;

	switch (act) {
	case ACT_UP:
		move(ui, -1);
		break;
	case ACT_DOWN:
		move(ui, 1);
		break;
	case ACT_PAGE_UP:
		move(ui, -page);
		break;
	case ACT_PAGE_DOWN:
		move(ui, page);
		break;
	case ACT_HOME:
		move(ui, -(long)t->n);
		break;
	case ACT_END:
		move(ui, t->n);
		break;
	case ACT_SORT_LEFT:
	case ACT_SORT_RIGHT:
		t->follow = false;
		table_sort(t, ops(ui)->table, ui, ui->screen.cols, act == ACT_SORT_LEFT ? -1 : 1);
		ui_refresh(ui);
		break;
	case ACT_REVERSE:
		t->reverse = !t->reverse;
		t->follow = false;
		ui_refresh(ui);
		break;
	default:
		return false;
	}
	return true;
}

static void next_view(struct ui *ui, int by)
{
	int view = ui->view < VIEW_PACKET ? (int)ui->view : (int)ui->back % VIEW_PACKET;

	ui_go(ui, (view + by + VIEW_PACKET) % VIEW_PACKET);
}

static void act_all(struct ui *ui, enum act act)
{
	switch (act) {
	case ACT_NEXT_VIEW:
		next_view(ui, 1);
		break;
	case ACT_PREV_VIEW:
		next_view(ui, -1);
		break;
	case ACT_BACK:
		ui_go(ui, ui->view == VIEW_PACKET || ui->view == VIEW_HELP ? ui->back : VIEW_CHAIN);
		break;
	case ACT_SEARCH:
		ask_search(ui);
		break;
	case ACT_SEARCH_NEXT:
	case ACT_SEARCH_PREV:
		search(ui, act == ACT_SEARCH_NEXT ? 1 : -1, false);
		break;
	case ACT_FILTER:
		prompt_open(&ui->prompt, PROMPT_FILTER, ui->in.query.text, now_ns());
		break;
	case ACT_PAUSE:
		pause_or_go_on(ui);
		break;
	case ACT_FREEZE:
		freeze(ui);
		break;
	case ACT_WRITE:
		ask_write(ui);
		break;
	case ACT_BLOCK:
		ask_block(ui);
		break;
	case ACT_REDRAW:
		screen_resized(&ui->screen);
		break;
	case ACT_QUIT:
		ui->quit = true;
		break;
	default:
		if (act >= ACT_VIEW && act <= ACT_VIEW_LAST)
			ui_go(ui, act - ACT_VIEW);
	}
}

static void done_search(struct ui *ui)
{
	snprintf(table(ui)->search, sizeof(table(ui)->search), "%.63s", ui->prompt.text);
	search(ui, 1, true);
}

/* 0, or -errno: then the line stays, to be mended. */
static int done_filter(struct ui *ui)
{
	struct fail f = { 0 };
	int err = ui_filter(ui, ui->prompt.text, &f);

	if (!err)
		return 0;
	ui->prompt.typed_ns = 0;
	ui->prompt.valid = false;
	snprintf(ui->prompt.why, sizeof(ui->prompt.why), "%.255s", f.text);
	return err;
}

static void done_write(struct ui *ui)
{
	struct fail f = { 0 };
	long n = save_packets(&ui->in, ui->prompt.text, &f);

	if (n < 0)
		ui_say(ui, true, "%.200s", f.text);
	else
		ui_say(ui, false, "%ld packets written to %.150s", n, ui->prompt.text);
}

static void done_block(struct ui *ui)
{
	struct fail f = { 0 };

	if (block_source(ui->o->socket, ui->prompt.text, &f))
		ui_say(ui, true, "not blocked: %.200s", f.text);
	else
		ui_say(ui, false, "%s is blocked for " BLOCK_FOR, ui->prompt.text);
}

static void key_typed(struct ui *ui, int code)
{
	struct prompt *p = &ui->prompt;
	enum prompt_what what = p->what;
	enum prompt_said said;

	if (what == PROMPT_BLOCK) /* yes or no: nothing is typed */
		said = code == 'y' || code == 'Y' ? PROMPT_DONE : PROMPT_NEVER;
	else
		said = prompt_key(p, code, now_ns());
	if (said == PROMPT_MORE)
		return;
	if (said == PROMPT_DONE && what == PROMPT_FILTER && done_filter(ui))
		return;
	p->what = PROMPT_NONE;
	p->typed_ns = 0;
	if (said == PROMPT_NEVER && what == PROMPT_BLOCK)
		ui_say(ui, false, "not blocked");
	if (said == PROMPT_NEVER)
		return;
	if (what == PROMPT_SEARCH)
		done_search(ui);
	else if (what == PROMPT_WRITE)
		done_write(ui);
	else if (what == PROMPT_BLOCK)
		done_block(ui);
}

static void run(struct ui *ui, const struct key *k)
{
	if (k->writes && ui->o->read_only) {
		ui_say(ui, true, "%s: not with --read-only", k->name);
		return;
	}
	if (k->act == ACT_BLOCK && !ui->live) {
		ui_say(ui, true, "a capture file: nobody can be blocked from it");
		return;
	}
	if (ops(ui)->act && ops(ui)->act(ui, k->act))
		return;
	if (ops(ui)->table && act_table(ui, k->act))
		return;
	act_all(ui, k->act);
}

void ui_key(struct ui *ui, int code)
{
	const struct key *k;

	ui->dirty = true;
	if (ui->prompt.what != PROMPT_NONE) {
		key_typed(ui, code);
		return;
	}
	ui->message[0] = 0;
	ui->bad = false;
	k = keys_find(code, ui->view);
	if (k)
		run(ui, k);
}

static void click(struct ui *ui, const struct screen_mouse *m)
{
	int view = frame_tab_at(ui, m->y, m->x);

	if (view >= 0)
		ui_go(ui, view);
	else if (ops(ui)->table &&
		 table_click(table(ui), ops(ui)->table, ui, &ui->screen, m->y, m->x))
		table(ui)->follow = false;
}

void ui_mouse(struct ui *ui)
{
	const struct key enter = { .act = ACT_ENTER, .name = "click" };
	const struct key wheel_up = { .act = ACT_UP, .name = "wheel" };
	const struct key wheel_down = { .act = ACT_DOWN, .name = "wheel" };
	struct screen_mouse m;

	if (!screen_mouse(&m) || ui->prompt.what != PROMPT_NONE)
		return;
	ui->dirty = true;
	for (int i = 0; i < 3 && (m.up || m.down); i++)
		run(ui, m.up ? &wheel_up : &wheel_down);
	if (m.click || m.twice)
		click(ui, &m);
	if (m.twice)
		run(ui, &enter);
	else
		ui_refresh(ui);
}
