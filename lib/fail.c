// SPDX-License-Identifier: GPL-2.0
#include "lib/fail.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

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

int fail_errno(struct fail *f, int err, const char *noun)
{
	if (err == EPERM || err == EACCES)
		return fail_set(f, EPERM,
				"%s: not permitted: run as root, or with CAP_BPF, CAP_NET_ADMIN, "
				"CAP_PERFMON and CAP_SYS_ADMIN",
				noun);
	return fail_set(f, err, "%s: %s", noun, strerror(err));
}

void fail_clear(struct fail *f)
{
	if (f)
		f->text[0] = f->log[0] = 0;
}
