// SPDX-License-Identifier: GPL-2.0
/* control_line - a request, and the answers that every request may get. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/control.h"

json_t *control_answer(void)
{
	return json_pack("{s:b}", "ok", 1);
}

json_t *control_grant(json_t *more)
{
	json_t *answer = control_answer();

	json_object_update(answer, more);
	json_decref(more);
	return answer;
}

json_int_t control_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : (json_int_t)st.st_ino;
}

int control_here(const json_t *request, struct fail *f)
{
	const json_t *netns = json_object_get(request, "netns");

	if (!netns || json_integer_value(netns) == control_netns())
		return 0;
	return fail_set(f, EXDEV, "the daemon is of another network namespace");
}

/* What is not UTF-8 (a name of a file, a source line) must not cost the answer. */
static json_t *text(const char *s)
{
	char clean[sizeof(((struct fail *)0)->log)];
	json_t *json = json_string(s);
	size_t i;

	if (json)
		return json;
	for (i = 0; s[i] && i < sizeof(clean) - 1; i++)
		clean[i] = (unsigned char)s[i] < 0x80 ? s[i] : '?';
	clean[i] = 0;
	return json_string(clean);
}

json_t *control_refuse(const struct fail *f)
{
	json_t *o = json_pack("{s:b, s:o}", "ok", 0, "error", text(f->text));

	if (f->log[0])
		json_object_set_new(o, "log", text(f->log));
	return o;
}

/* jansson goes 2048 deep, by recursion; this is before it. Brackets in strings do not count. */
static int too_deep(const char *line, size_t size)
{
	int depth = 0, quoted = 0;

	for (size_t i = 0; i < size; i++) {
		char c = line[i];

		if (quoted && c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && (c == '{' || c == '['))
			depth++;
		else if (!quoted && (c == '}' || c == ']'))
			depth--;
		if (depth > CONTROL_DEPTH)
			return 1;
	}
	return 0;
}

json_t *control_parse(const char *line, size_t size, struct fail *f)
{
	json_error_t why;
	json_t *o;

	if (too_deep(line, size)) {
		fail_set(f, EINVAL, "request: nested more than %d deep", CONTROL_DEPTH);
		return NULL;
	}
	o = json_loadb(line, size, JSON_REJECT_DUPLICATES, &why);
	if (!o) {
		fail_set(f, EINVAL, "request: not JSON: %s", why.text);
		return NULL;
	}
	if (!json_is_string(json_object_get(o, "cmd"))) {
		fail_set(f, EINVAL, "request: no \"cmd\" in it");
		json_decref(o);
		return NULL;
	}
	return o;
}
