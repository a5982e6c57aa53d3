// SPDX-License-Identifier: GPL-2.0
#include "lib/fail.h"

#include <stdarg.h>
#include <stdio.h>

int fail_set(struct fail *f, int err, const char *fmt, ...)
{
	va_list ap;

	if (f) {
		va_start(ap, fmt);
		vsnprintf(f->text, sizeof(f->text), fmt, ap);
		va_end(ap);
	}
	return -err;
}

void fail_clear(struct fail *f)
{
	if (f)
		f->text[0] = f->log[0] = 0;
}
