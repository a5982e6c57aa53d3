// SPDX-License-Identifier: GPL-2.0
#include "viewer/strip.h"

#include <stdio.h>
#include <string.h>

#include "lib/duration.h"
#include "viewer/units.h"

#define LEAST 2 /* a heading and one incident */
#define MOST  6

int strip_lines(const struct ui *ui, int free)
{
	int want = 1 + (int)incidents_count(ui->in.incidents);

	if (want > MOST)
		want = MOST;
	if (want < LEAST)
		want = LEAST;
	return free < LEAST ? 0 : free < want ? free : want;
}

void strip_text(const struct ui *ui, const struct incident *i, char *buf, size_t size)
{
	char when[UNITS_TEXT], peak[UNITS_TEXT], lasts[DURATION_TEXT];
	__u64 end = i->end_ns ? i->end_ns : ui->model->ifs[i->iface].now_ns;

	units_clock(when, i->start_ns + ui->model->epoch_ns, 0);
	duration_text(end > i->start_ns ? end - i->start_ns : 0, lasts);
	snprintf(buf, size, "%s %s %s  %s%s%s: %s  peak %s/s", when, i->end_ns ? "for" : "now,",
		 lasts, ui->model->n > 1 ? i->ifname : "", ui->model->n > 1 ? " " : "", i->stage,
		 i->reason_name[0] ? i->reason_name : "drops", units_count(peak, i->peak_pps));
}

void strip_draw(struct ui *ui, int y, int lines)
{
	const struct incidents *in = ui->in.incidents;
	struct screen *s = &ui->screen;

	screen_put(s, y, 0, s->cols, ROLE_HEAD, "incidents");
	if (!incidents_count(in))
		screen_put(s, y + 1, 0, s->cols, ROLE_DIM, "no drop spike was seen");
	for (int n = 0; n + 1 < lines && n < (int)incidents_count(in); n++) {
		const struct incident *i = incidents_at(in, n);
		char text[256];
		int x;

		strip_text(ui, i, text, sizeof(text));
		x = screen_putf(s, y + 1 + n, 0, i->end_ns ? ROLE_TEXT : ROLE_DROP, "%s", text);
		if (x + 2 < s->cols)
			screen_put(s, y + 1 + n, x + 2, s->cols - x - 2, ROLE_DIM, i->sample);
	}
}
