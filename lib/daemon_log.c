// SPDX-License-Identifier: GPL-2.0
/* daemon_log - to the journal, with level and name; or to a stream, with the name alone. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <systemd/sd-journal.h>

#include "lib/daemon_int.h"

#define JOURNAL "/run/systemd/journal/socket"

int daemon_has_journal(void)
{
	return !access(JOURNAL, W_OK);
}

static void put(struct daemon *d, int level, const char *text)
{
	if (d->journal && !sd_journal_send("MESSAGE=%s", text, "PRIORITY=%i", level,
					   "SYSLOG_IDENTIFIER=%s", d->spec.name, NULL))
		return;
	/* A reader that has gone must not end a daemon; the line is lost. */
	fprintf(d->spec.err, "%s: %s\n", d->spec.name, text);
	fflush(d->spec.err);
	clearerr(d->spec.err);
}

void daemon_log(struct daemon *d, int level, const char *fmt, ...)
{
	char text[sizeof(((struct fail *)0)->text) + 256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f) /* one line, whatever a name holds */
			*p = '?';
	put(d, level, text);
}

void daemon_log_lines(struct daemon *d, int level, const char *text)
{
	while (*text) {
		int len = strcspn(text, "\n");

		daemon_log(d, level, "  %.*s", len, text);
		text += len + (text[len] == '\n');
	}
}

void daemon_log_fail(struct daemon *d, const struct fail *f)
{
	daemon_log(d, LOG_ERR, "%s", f->text);
	daemon_log_lines(d, LOG_ERR, f->log);
}
