/* SPDX-License-Identifier: GPL-2.0 */
/* viewer/ui.h - the dashboard: what all views share. Who adds a view adds one file, view_*.c. */
#ifndef VIEWER_UI_H
#define VIEWER_UI_H

#include <signal.h>

#include "viewer/intake.h"
#include "viewer/keys.h"
#include "viewer/live.h"
#include "viewer/opts.h"
#include "viewer/prompt.h"
#include "viewer/replay.h"
#include "viewer/screen.h"
#include "viewer/table.h"
#include "viewer/tap.h"

struct ui;

struct view_ops {
	const char *name;
	bool packets; /* it shows packets: a capture is open while it is on the screen */
	const struct table_ops *table; /* NULL: it draws by itself. Its arg is the struct ui */
	int sort;		       /* column at first; -1: as rows come */
	bool reverse;
	size_t size; /* bytes that it keeps, zeroed at first, in ui->data[]; 0: none */
	/* What else there is to begin with, and to free. Both may be NULL. */
	void (*open)(struct ui *ui);
	void (*close)(struct ui *ui);
	/* There are new figures, or it comes to the screen. May be NULL. */
	void (*refresh)(struct ui *ui);
	/* In @rows lines from @y on; NULL: the table alone. */
	void (*draw)(struct ui *ui, int y, int rows);
	/* A key that is more than moving about. true: done. May be NULL. */
	bool (*act)(struct ui *ui, enum act act);
	/* The source under the cursor. false: there is none. May be NULL. */
	bool (*source)(struct ui *ui, struct talkers_key *k);
};

extern const struct view_ops view_chain, view_reasons, view_events, view_talkers, view_lb,
	view_incidents, view_packet, view_help;

/* By enum view_id. */
extern const struct view_ops *const ui_views[VIEWS];

struct ui {
	const struct opts *o;
	const volatile sig_atomic_t *stop;
	struct screen screen;
	struct model *model;
	struct model *held; /* a copy, which a paused screen shows; NULL: it is not paused */
	struct intake in;
	struct live *live;     /* NULL: */
	struct replay *replay; /* a file */
	bool reading;	       /* of it there is more */
	struct tap tap;
	enum view_id view, back;
	struct table tables[VIEWS];
	void *data[VIEWS];
	struct prompt prompt;
	char message[256];
	bool bad;			 /* the message says that something failed */
	bool quit, dirty;		 /* dirty: to be drawn again */
	__u64 due_ns, drawn_ns, read_ns; /* CLOCK_MONOTONIC */
	__u32 iface, slot;		 /* whose reasons are shown */
	__u64 packet;			 /* number of the packet that is shown */
	unsigned int span;		 /* index of ui_spans */
};

#define UI_SPANS 4
extern const unsigned int ui_spans[UI_SPANS]; /* seconds that a sparkline is of; 0: as fits */

/** ui_span - the seconds now. */
unsigned int ui_span(const struct ui *ui);

/** ui_run - show it until the user has enough, or *@stop. An exit status. */
int ui_run(const struct opts *o, struct live *live, struct replay *replay,
	   const volatile sig_atomic_t *stop);

/** ui_model - the figures to show: those of now, or of when it was paused. */
const struct model *ui_model(const struct ui *ui);

/** ui_time - the time to show, since 1970. */
__u64 ui_time(const struct ui *ui);

/** ui_say - a line for the user, until the next key. */
void ui_say(struct ui *ui, bool bad, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/** ui_go - to another view. */
void ui_go(struct ui *ui, enum view_id view);

/** ui_show_packet - to the packet view. */
void ui_show_packet(struct ui *ui, __u64 number);

/** ui_refresh - the view looks at its figures again. */
void ui_refresh(struct ui *ui);

/** ui_key - a key was pressed. */
void ui_key(struct ui *ui, int code);

/** ui_mouse - so was the mouse. */
void ui_mouse(struct ui *ui);

/** ui_draw - the whole screen. */
void ui_draw(struct ui *ui);

/** ui_filter - take another filter. 0, or -errno with @f. */
int ui_filter(struct ui *ui, const char *text, struct fail *f);

/** ui_verdict_role - the colour of a verdict. */
enum screen_role ui_verdict_role(bool known, __u32 verdict);

#endif
