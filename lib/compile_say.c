// SPDX-License-Identifier: GPL-2.0
#include "lib/compile_say.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/jail.h"
#include "lib/util.h"

#define LOG_LINES 24

char *compile_names(const char *text, const char *from, const char *to)
{
	size_t size = 0;
	char *named = NULL;
	FILE *out = open_memstream(&named, &size);
	const char *hit;

	if (!out)
		return NULL;
	for (; (hit = strstr(text, from)); text = hit + strlen(from))
		fprintf(out, "%.*s%s", (int)(hit - text), text, to);
	fputs(text, out);
	return fclose(out) ? NULL : named;
}

/* The first line of @text that has @what in it. */
static const char *line_with(const char *text, const char *what, size_t *len)
{
	const char *hit = strstr(text, what), *start = hit;

	if (!hit)
		return NULL;
	while (start > text && start[-1] != '\n')
		start--;
	*len = strcspn(start, "\n");
	return start;
}

/* What a person can do about the error @line. */
static const char *mend(const char *line)
{
	static const struct {
		const char *has, *also, *mend;
	} known[] = {
		{ "file not found", "'bpf/", ": install libbpf-dev" },
		{ "file not found", "'linux/", ": install linux-libc-dev" },
		{ "file not found", "'asm/", ": install linux-libc-dev" },
		{ "file not found", "",
		  ": a policer is one file, and includes only xdpchain/*.h, bpf/*.h and "
		  "linux/*.h" },
		{ "redefinition of", "'stage_reason_type'", ": one STAGE() a file" },
		{ "redefinition of", "'_license'", ": STAGE() sets it" },
		{ "that is never completed", "_reason'",
		  ": STAGE(x) needs enum x_reason { X_WHY = 1 }" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (strstr(line, known[i].has) && strstr(line, known[i].also))
			return known[i].mend;
	return "";
}

/* Of "FILE:LINE:COLUMN: error: text" the column goes, and the word that all have. */
static int say_error(const char *path, const char *line, const char *mark, struct fail *f)
{
	const char *text = strstr(line, mark) + strlen(mark), *at = line + strlen(path) + 1;

	if (strncmp(line, path, strlen(path)) || line[strlen(path)] != ':')
		return fail_set(f, EINVAL, "%s: %.*s: %s%s", path,
				(int)(text - line - strlen(mark)), line, text, mend(line));
	return fail_set(f, EINVAL, "%s:%d: %s%s", path, atoi(at), text, mend(line));
}

/* An error in what the file includes: the line of the file is in "In file included from". */
static int say_included(const char *path, const char *said, const char *line, const char *mark,
			struct fail *f)
{
	static const char from[] = "In file included from ";
	const char *text = strstr(line, mark) + strlen(mark);
	size_t len = strlen(path), skip = sizeof(from) - 1;

	if (strncmp(said, from, skip) || strncmp(said + skip, path, len) ||
	    said[skip + len] != ':' || !strncmp(line, path, len))
		return say_error(path, line, mark, f);
	return fail_set(f, EINVAL, "%s:%d: %s%s", path, atoi(said + skip + len + 1), text,
			mend(line));
}

static void keep_log(const char *said, struct fail *f)
{
	const char *end = said;
	size_t len;

	if (!f)
		return;
	for (int i = 0; i < LOG_LINES && *end; i++) {
		end += strcspn(end, "\n");
		end += *end == '\n';
	}
	len = end - said;
	if (len >= sizeof(f->log))
		len = sizeof(f->log) - 1;
	memcpy(f->log, said, len);
	while (len && f->log[len - 1] == '\n')
		len--;
	f->log[len] = 0;
}

static int say_first(const char *path, const char *said, struct fail *f)
{
	static const char *const marks[] = { ": fatal error: ", ": error: " };
	const char *line = NULL, *mark = NULL;
	char first[1024];
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		size_t n;
		const char *l = line_with(said, marks[i], &n);

		if (l && (!line || l < line)) {
			line = l;
			len = n;
			mark = marks[i];
		}
	}
	if (!line && !*said)
		return fail_set(f, EINVAL, "%s: clang fails, and does not say why", path);
	if (!line)
		return fail_set(f, EINVAL, "%s: clang: %.*s", path, (int)strcspn(said, "\n"), said);
	snprintf(first, sizeof(first), "%.*s", (int)len, line);
	if (!strstr(first, mark))
		return fail_set(f, EINVAL, "%s: %s", path, first);
	return say_included(path, said, first, mark, f);
}

static int is_memory(const struct jail_result *r)
{
	return strstr(r->err, "out of memory") || strstr(r->err, "memory exhausted") ||
	       strstr(r->err, "bad_alloc") || strstr(r->err, "llocation failed");
}

int compile_why(const struct jail_result *r, const char *path, unsigned int limit_ms,
		struct fail *f)
{
	keep_log(r->err, f);
	if (r->end == JAIL_LATE || (r->end == JAIL_SIGNALED && r->status == SIGKILL))
		return fail_set(f, ETIMEDOUT, "%s: the compiler was ended after %u.%u s", path,
				limit_ms / 1000, limit_ms % 1000 / 100);
	if (r->end == JAIL_TOO_MUCH)
		return fail_set(f, E2BIG, "%s: what the compiler makes of it is too large: ended",
				path);
	if (is_memory(r))
		return fail_set(f, ENOMEM, "%s: the compiler wants more memory than it may have",
				path);
	if (r->end == JAIL_SIGNALED)
		return fail_set(f, EINVAL, "%s: the compiler crashed: %s", path,
				strsignal(r->status));
	return say_first(path, r->err, f);
}
