// SPDX-License-Identifier: GPL-2.0
/* ui - the loop: keys, packets, figures, the picture. Keys are in ui_keys.c, the rest in frame.c.
 */
#include "viewer/ui.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NCURSES_WIDECHAR 1
#define NCURSES_NOMACROS
#include <ncurses.h>

#include "lib/cli.h"
#include "lib/epoch.h"
#include "lib/util.h"

#define PACKETS_MS 50	      /* how long a packet waits in its ring */
#define DRAW_NS	   (NSEC / 5) /* packets alone do not draw more often */
#define TYPED_NS   (NSEC / 4) /* after the last key a filter is judged */
#define READ_MOST  20000      /* packets of a file between two looks at the keys */

const unsigned int ui_spans[UI_SPANS] = { 0, 60, 300, 900 };

const struct view_ops *const ui_views[VIEWS] = {
	[VIEW_CHAIN] = &view_chain,   [VIEW_REASONS] = &view_reasons,
	[VIEW_EVENTS] = &view_events, [VIEW_TALKERS] = &view_talkers,
	[VIEW_LB] = &view_lb,	      [VIEW_INCIDENTS] = &view_incidents,
	[VIEW_PACKET] = &view_packet, [VIEW_HELP] = &view_help,
};

const struct model *ui_model(const struct ui *ui)
{
	return ui->held ? ui->held : ui->model;
}

__u64 ui_time(const struct ui *ui)
{
	struct timespec t;

	if (ui->o->clock_ns)
		return ui->o->clock_ns;
	if (ui->replay)
		return replay_end_ns(ui->replay);
	clock_gettime(CLOCK_REALTIME, &t);
	return (__u64)t.tv_sec * NSEC + t.tv_nsec;
}

/* Unless told: the least that holds all that was seen. */
unsigned int ui_span(const struct ui *ui)
{
	const struct model *m = ui_model(ui);
	__u64 seen = 0;
	int i = 1;

	if (ui_spans[ui->span])
		return ui_spans[ui->span];
	for (__u32 n = 0; n < m->n; n++)
		if (m->ifs[n].now_ns - m->ifs[n].start_ns > seen)
			seen = m->ifs[n].now_ns - m->ifs[n].start_ns;
	while (i < UI_SPANS - 1 && seen > ui_spans[i] * NSEC)
		i++;
	return ui_spans[i];
}

void ui_say(struct ui *ui, bool bad, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(ui->message, sizeof(ui->message), fmt, ap);
	va_end(ap);
	ui->bad = bad;
	ui->dirty = true;
}

enum screen_role ui_verdict_role(bool known, __u32 verdict)
{
	if (!known)
		return ROLE_DIM;
	switch (verdict) {
	case CHAIN_DROP:
		return ROLE_DROP;
	case CHAIN_ABORTED:
		return ROLE_BAD;
	case CHAIN_PASS:
		return ROLE_PASS;
	case CHAIN_TX:
	case CHAIN_REDIRECT:
		return ROLE_TX;
	}
	return ROLE_TEXT;
}

void ui_refresh(struct ui *ui)
{
	const struct view_ops *v = ui_views[ui->view];

	if (v->refresh)
		v->refresh(ui);
	if (v->table)
		table_sync(&ui->tables[ui->view], v->table, ui, ui->screen.cols);
	ui->dirty = true;
}

void ui_go(struct ui *ui, enum view_id view)
{
	if (view == ui->view)
		return;
	ui->back = ui->view;
	ui->view = view;
	ui_refresh(ui);
}

void ui_show_packet(struct ui *ui, __u64 number)
{
	ui->packet = number;
	if (ui->view == VIEW_PACKET)
		ui_refresh(ui);
	else
		ui_go(ui, VIEW_PACKET);
}

int ui_filter(struct ui *ui, const char *text, struct fail *f)
{
	int err = 0;

	if (text[0])
		err = query_set(&ui->in.query, text, ui->model, f);
	else
		query_clear(&ui->in.query);
	if (err)
		return err;
	intake_query(&ui->in, ui->replay != NULL);
	ui_refresh(ui);
	return 0;
}

static void fade(struct ui *ui, double seconds)
{
	for (int i = 0; i < INTAKE_TALKERS; i++)
		talkers_fade(ui->in.talkers[i], seconds);
}

/* Counters are read whether the screen stands still or not: history goes on. */
static void poll_counters(struct ui *ui)
{
	ui->model->n = live_count(ui->live);
	for (__u32 i = 0; i < ui->model->n; i++) {
		struct model_if *mi = &ui->model->ifs[i];
		__u64 before = mi->now_ns;

		if (live_poll(ui->live, i, mi) || !before)
			continue;
		incidents_update(ui->in.incidents, i, mi, (mi->now_ns - before) / (double)NSEC);
	}
	ui->model->epoch_ns = epoch_ns(3);
	intake_sample(&ui->in);
}

static void read_more(struct ui *ui)
{
	struct fail f = { 0 };
	int more = replay_some(ui->replay, &ui->in, NSEC, READ_MOST, &f);

	if (more < 0)
		ui_say(ui, true, "%s: %s", ui->o->read, f.text);
	else if (!more && replay_foreign(ui->replay))
		ui_say(ui, true, "%llu packets left out: not Ethernet", replay_foreign(ui->replay));
	ui->reading = more > 0;
	if (!ui->reading || !(ui->in.events && events_last(ui->in.events) % (5 * READ_MOST)))
		ui_refresh(ui);
}

static void look(struct ui *ui, __u64 now)
{
	if (now < ui->due_ns)
		return;
	if (ui->live) {
		poll_counters(ui);
		if (ui->read_ns)
			fade(ui, (now - ui->read_ns) / (double)NSEC);
	}
	ui->read_ns = now;
	ui->due_ns += ui->o->every_ns;
	if (ui->due_ns <= now) /* it was stopped */
		ui->due_ns = now + ui->o->every_ns;
	if (!ui->held)
		ui_refresh(ui);
}

static void tap(struct ui *ui, __u64 now)
{
	const struct tap_want want = {
		.live = ui->live,
		.in = &ui->in,
		.rate = ui->o->rate,
		.snaplen = ui->o->snaplen,
		.packets = ui_views[ui->view]->packets && !ui->held,
		.times = ui->view == VIEW_CHAIN && !ui->held,
	};

	if (tap_tick(&ui->tap, &want) <= 0)
		return;
	intake_sample(&ui->in);
	if (!ui->held && now - ui->drawn_ns > DRAW_NS)
		ui_refresh(ui);
}

/* What is typed is judged when the typing stops: that takes a process each time. */
static void judge(struct ui *ui, __u64 now)
{
	struct prompt *p = &ui->prompt;
	struct query q = { .generation = 0 };
	struct fail f = { 0 };

	if (p->what != PROMPT_FILTER || !p->typed_ns || now - p->typed_ns < TYPED_NS)
		return;
	p->typed_ns = 0;
	p->valid = !query_set(&q, p->text, ui->model, &f);
	snprintf(p->why, sizeof(p->why), "%.255s", f.text);
	query_clear(&q);
	ui->dirty = true;
}

static void keys(struct ui *ui)
{
	int code;

	while (!ui->quit && (code = screen_key(&ui->screen)) != ERR) {
		if (code == KEY_RESIZE) {
			screen_resized(&ui->screen);
			ui_refresh(ui);
		} else if (code == KEY_MOUSE) {
			ui_mouse(ui);
		} else {
			ui_key(ui, code);
		}
	}
}

static int wait_ms(const struct ui *ui, __u64 now)
{
	__u64 ms = now < ui->due_ns ? (ui->due_ns - now) / 1000000 + 1 : 0;

	if (ui->reading)
		return 0;
	if ((ui->tap.capture || ui->prompt.typed_ns) && ms > PACKETS_MS)
		ms = PACKETS_MS;
	return ms;
}

/* The terminal has gone: there is nobody to show it to. */
static bool vanished(struct ui *ui, __u64 now)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	int n = poll(&in, 1, wait_ms(ui, now));

	return n > 0 && in.revents & (POLLHUP | POLLERR | POLLNVAL);
}

static void loop(struct ui *ui)
{
	while (!ui->quit && !*ui->stop) {
		__u64 now = now_ns();

		if (ui->reading)
			read_more(ui);
		look(ui, now);
		if (ui->live)
			tap(ui, now);
		judge(ui, now);
		if (ui->dirty) {
			ui_draw(ui);
			ui->drawn_ns = now;
			ui->dirty = false;
		}
		if (vanished(ui, now_ns()))
			return;
		keys(ui);
	}
}

static int open_all(struct ui *ui)
{
	int err;

	ui->model = model_new(MODEL_IFS, ui->o->every_ns);
	err = ui->model ? intake_open(&ui->in, ui->model) : -ENOMEM;
	if (!err)
		ui->model->n = 0; /* they come as they are met */
	for (int i = 0; i < VIEWS; i++) {
		table_init(&ui->tables[i], ui_views[i]->sort);
		ui->tables[i].reverse = ui_views[i]->reverse;
		ui->data[i] = calloc(1, ui_views[i]->size);
		if (ui_views[i]->size && !ui->data[i])
			err = -ENOMEM;
		else if (ui_views[i]->open)
			ui_views[i]->open(ui);
	}
	return err;
}

static void close_all(struct ui *ui)
{
	tap_close(&ui->tap);
	for (int i = 0; i < VIEWS; i++) {
		if (ui_views[i]->close)
			ui_views[i]->close(ui);
		free(ui->data[i]);
		table_free(&ui->tables[i]);
	}
	intake_close(&ui->in);
	model_free(ui->held);
	model_free(ui->model);
}

static int begin(struct ui *ui)
{
	struct fail f = { 0 };
	int err = open_all(ui);

	if (err) {
		fprintf(stderr, "xdpview: %s\n", strerror(-err));
		return err;
	}
	if (ui->live)
		poll_counters(ui);
	if (ui->o->filter && query_set(&ui->in.query, ui->o->filter, ui->model, &f)) {
		fprintf(stderr, "xdpview: filter: %s\n", f.text);
		return -EINVAL;
	}
	err = screen_open(&ui->screen, &ui->o->screen);
	if (err)
		fprintf(stderr, "xdpview: TERM: %s: a terminal that is not known, use --once\n",
			getenv("TERM") ? getenv("TERM") : "");
	return err;
}

int ui_run(const struct opts *o, struct live *live, struct replay *replay,
	   const volatile sig_atomic_t *stop)
{
	struct ui *ui = calloc(1, sizeof(*ui));
	int err;

	if (!ui)
		return CLI_FAILED;
	ui->o = o;
	ui->stop = stop;
	ui->live = live;
	ui->replay = replay;
	ui->reading = replay != NULL;

	ui->due_ns = now_ns() + NSEC / 4; /* the first rates soon */
	err = begin(ui);
	if (!err) {
		ui_refresh(ui);
		loop(ui);
		screen_close(&ui->screen);
	}
	close_all(ui);
	free(ui);
	return err == -EINVAL ? CLI_USAGE : err ? CLI_FAILED : CLI_OK;
}
